import Foundation
import Tensors

/// CLBlast's single-precision matrix product, loaded into this process where it is installed.
///
/// It computes in our context and queue, on buffers such as tensors have.
package final class CLBlast: Peer {
  package let names = ["clblast"]
  /// The file it was loaded from, whose name ends in its version.
  package let description: String

  /// `CLBlastSgemm` of `clblast_c.h`.
  private typealias Product =
    @convention(c) (
      _ layout: Int32, _ transposeA: Int32, _ transposeB: Int32, _ m: Int, _ n: Int, _ k: Int,
      _ alpha: Float, _ a: OpaquePointer, _ aOffset: Int, _ lda: Int, _ b: OpaquePointer,
      _ bOffset: Int, _ ldb: Int, _ beta: Float, _ c: OpaquePointer, _ cOffset: Int, _ ldc: Int,
      _ queue: UnsafeMutablePointer<OpaquePointer?>, _ event: UnsafeMutablePointer<OpaquePointer?>?
    ) -> Int32

  private let product: Product
  private let device: Device

  /// - Parameters:
  ///   - device: An OpenCL device.
  ///   - library: Its name or path.
  /// - Throws: ``BenchmarkError/missing(peer:reason:)`` naming the library or the function.
  package init(
    on device: Device, library: String = "libclblast.so.1"
  ) throws(BenchmarkError) {
    guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? library
      throw .missing(peer: "clblast", reason: "\(reason); Debian's package is libclblast1")
    }
    guard let function = dlsym(handle, "CLBlastSgemm") else {
      throw .missing(peer: "clblast", reason: "\(library) has no CLBlastSgemm")
    }
    product = unsafeBitCast(function, to: Product.self)
    self.device = device
    description = Self.loadedFile ?? library
  }

  /// It does not tell its version; the system tells which file it is in.
  private static var loadedFile: String? {
    let maps = FileManager.default.contents(atPath: "/proc/self/maps") ?? Data()
    return String(decoding: maps, as: UTF8.self).split { $0 == "\n" || $0 == "/" }
      .first { $0.hasPrefix("libclblast") }.map(String.init)
  }

  package func use(cores: [Int]) {}

  /// Float32 products alone; nothing for other rows.
  ///
  /// - Throws: ``BenchmarkError/failed(peer:reason:)`` with its status, or a `DeviceError`.
  package func prepare(_ row: KernelRow, _ numbers: [[Float]]) throws -> [Contender] {
    guard let size = row.product else { return [] }
    let operands = zip(row.operands, numbers).map { Tensor($1, shape: $0.shape, on: device) }
    let result = Tensor.zeros([size.m, size.n], on: device)
    let call = { [self] in try multiply(size, operands + [result]) }
    try call()
    return [
      Contender(
        peer: "clblast", variant: "CLBlastSgemm", results: [try result.floats()],
        turn: { [device] in try timeTurn($0, finish: { try device.synchronize() }, call) })
    ]
  }

  /// Queues the product of the first two matrices into the third.
  private func multiply(_ size: KernelRow.Product, _ matrices: [Tensor]) throws {
    let (rowMajor, plain, transposed): (Int32, Int32, Int32) = (101, 111, 112)
    let (m, n, k) = (size.m, size.n, size.k)
    let status = try device.queueForeign("CLBlastSgemm", on: matrices) { queue, operands, event in
      var queue: OpaquePointer? = queue
      return product(
        rowMajor, size.transposingA ? transposed : plain, size.transposingB ? transposed : plain,
        m, n, k, 1, operands[0].buffer, operands[0].offset, size.transposingA ? m : k,
        operands[1].buffer, operands[1].offset, size.transposingB ? k : n, 0, operands[2].buffer,
        operands[2].offset, n, &queue, event)
    }
    guard status == 0 else {
      throw BenchmarkError.failed(peer: "clblast", reason: "CLBlastSgemm gave status \(status)")
    }
  }
}
