import Foundation
import Tensors

/// OpenBLAS's single-precision matrix product, loaded into this process where it is installed.
package final class OpenBLAS: Peer {
  package let names = ["openblas"]
  /// What the library says of itself: version, options and kernels.
  package let description: String

  private typealias Product =
    @convention(c) (
      _ order: Int32, _ transposeA: Int32, _ transposeB: Int32, _ m: Int32, _ n: Int32, _ k: Int32,
      _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int32, _ b: UnsafePointer<Float>,
      _ ldb: Int32, _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int32
    ) -> Void
  private typealias SetThreads = @convention(c) (Int32) -> Void
  private typealias Describe = @convention(c) () -> UnsafePointer<CChar>?

  private let product: Product
  private let setThreads: SetThreads

  /// - Parameter library: Its name or path.
  /// - Throws: ``BenchmarkError/missing(peer:reason:)`` naming the library or the function.
  package init(library: String = "libopenblas.so.0") throws(BenchmarkError) {
    guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? library
      throw .missing(peer: "openblas", reason: "\(reason); Debian's package is libopenblas0")
    }
    func find(_ name: String) throws(BenchmarkError) -> UnsafeMutableRawPointer {
      guard let function = dlsym(handle, name) else {
        throw .missing(peer: "openblas", reason: "\(library) has no \(name)")
      }
      return function
    }
    product = unsafeBitCast(try find("cblas_sgemm"), to: Product.self)
    setThreads = unsafeBitCast(try find("openblas_set_num_threads"), to: SetThreads.self)
    let describe = unsafeBitCast(try find("openblas_get_config"), to: Describe.self)
    description = describe().map { String(cString: $0) } ?? "OpenBLAS"
  }

  package func use(cores: [Int]) {
    setThreads(Int32(cores.count))
    // The library's threads are ours, and are bound with them.
    CoreBinding.bind(to: cores)
  }

  /// Products alone; nothing for other rows.
  package func prepare(_ row: KernelRow, _ numbers: [[Float]]) -> [Contender] {
    guard let size = row.product else { return [] }
    let (rowMajor, plain, transposed): (Int32, Int32, Int32) = (101, 111, 112)
    let (m, n, k) = (Int32(size.m), Int32(size.n), Int32(size.k))
    let result = Buffer(count: size.m * size.n)
    let (a, b) = (Buffer(numbers[0]), Buffer(numbers[1]))
    let call = { [product] in
      product(
        rowMajor, size.transposingA ? transposed : plain, size.transposingB ? transposed : plain, m,
        n,
        k, 1, a.pointer, size.transposingA ? m : k, b.pointer, size.transposingB ? k : n, 0,
        result.pointer, n)
    }
    call()
    return [
      Contender(
        peer: "openblas", variant: "cblas_sgemm", results: [result.values],
        turn: { timeTurn($0, call) })
    ]
  }

  /// Numbers in memory such as tensors have.
  private final class Buffer {
    let pointer: UnsafeMutablePointer<Float>
    private let count: Int

    init(count: Int) {
      self.count = count
      guard let block = hostBlock(byteCount: max(4 * count, 4)) else {
        fatalError("the system has no \(4 * count) bytes for OpenBLAS's operands")
      }
      pointer = block.bindMemory(to: Float.self, capacity: count)
      pointer.initialize(repeating: 0, count: count)
    }

    convenience init(_ values: [Float]) {
      self.init(count: values.count)
      pointer.update(from: values, count: count)
    }

    deinit { free(pointer) }

    var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
  }
}
