internal import CKernels
import Foundation

extension Device {
  /// Whether products here take tiles that `atelier tune` measured; nil on the CPU.
  public var tuning: TuningState? { (backend as? OpenCLBackend)?.tuningState }

  /// What tunes this device.
  ///
  /// - Parameters:
  ///   - tuning: What to go on from; must be of ``tuningOrigin``.
  ///   - work: Computes what it is to be tuned for, on a device that computes nothing.
  ///   - shapes: More products, as ``products(named:)`` reads them.
  /// - Returns: A search that has not begun.
  /// - Throws: ``TuningError/notOpenCL(_:)``, ``TuningError/shape(_:)``, and what `work` throws.
  package func productTuner(
    from tuning: ProductTuning, for work: (Device) throws -> Void, shapes: [String]
  ) throws -> ProductTuner {
    let backend = try tunable
    let planning = PlanningBackend(for: backend)
    planning.notesProducts = true
    try work(Device(backend: planning))
    var cases = try backend.products(of: planning.takeProducts())
    for shape in shapes { cases += try products(named: shape) }
    return ProductTuner(tuning, cases, on: backend.device)
  }

  /// What a tuning of this device must be of.
  package var tuningOrigin: ProductTuning.Origin {
    get throws { ProductTuning.Origin(try tunable.device) }
  }

  /// Where its tuning lies by default; nil where nothing is kept.
  package var standardTuningFile: String? {
    get throws {
      ProductTuning.standardFile(try tunable.device, in: ProgramCache.standard.folder)?.path
    }
  }

  /// The N of `opencl:N`.
  package var openCLIndex: Int { get throws { try tunable.device.description.index } }

  private var tunable: OpenCLBackend {
    get throws {
      guard let backend = backend as? OpenCLBackend else {
        throw TuningError.notOpenCL(description)
      }
      return backend
    }
  }

  /// Reads `gemm:nt:MxNxK`, with `:COUNT` for as many side by side, or
  /// `conv:N,H,W,C,OC,KERNEL,STRIDE,PADDING`, which stands for all three passes.
  ///
  /// - Throws: ``TuningError/shape(_:)``.
  func products(named text: String) throws -> [ProductCase] {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.last!.split { $0 == "x" || $0 == "," }.map { Int($0) ?? 0 }
    if parts.first == "conv", parts.count == 2, let calls = Self.passes(numbers) {
      return try tunable.products(of: calls.map { $0(self) })
    }
    let count = parts.count == 4 ? Int(parts[3]) ?? 0 : 1
    let sizes = parts.count > 2 ? parts[2].split(separator: "x").map { Int($0) ?? 0 } : []
    guard parts.first == "gemm", parts.count == 3 || parts.count == 4, sizes.count == 3,
      let kind = ["nn", "nt", "tn", "tt"].firstIndex(of: String(parts[1])),
      (sizes + [count]).allSatisfy({ (1...1 << 16).contains($0) }),
      sizes[0] * sizes[2] * count < 1 << 31, sizes[1] * sizes[2] * count < 1 << 31,
      sizes[0] * sizes[1] * count < 1 << 31
    else { throw TuningError.shape(text) }
    return [
      .gemm(
        transposeA: kind >= 2, transposeB: kind % 2 == 1, count: count, m: sizes[0], n: sizes[1],
        k: sizes[2], units: try tunable.units)
    ]
  }

  /// The calls of the passes of a convolution, each of which is given its device.
  private static func passes(_ numbers: [Int]) -> [(Device) -> KernelCall]? {
    guard numbers.count == 8, numbers.prefix(7).allSatisfy({ (1...1 << 12).contains($0) }),
      (0...64).contains(numbers[7])
    else { return nil }
    let (n, h, w, c, oc) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
    let geometry = Convolution2DGeometry(stride: numbers[6], padding: numbers[7])
    let size = geometry.outputSize([h, w], kernel: [numbers[5], numbers[5]])
    guard size.allSatisfy({ $0 > 0 }), n * h * w * c < 1 << 31,
      n * size[0] * size[1] * oc < 1 << 31
    else { return nil }
    let shape = ck_conv2d_shape(
      n: Int32(n), h: Int32(h), w: Int32(w), c: Int32(c), oh: Int32(size[0]), ow: Int32(size[1]),
      oc: Int32(oc), kh: Int32(numbers[5]), kw: Int32(numbers[5]), stride_h: Int32(numbers[6]),
      stride_w: Int32(numbers[6]), pad_top: Int32(numbers[7]), pad_left: Int32(numbers[7]),
      dilation_h: 1, dilation_w: 1, groups: 1, activation: CK_NO_ACTIVATION, slope: 0,
      precision: CK_FLOAT32)
    func none(_ device: Device) -> Operand {
      Operand(storage: Storage(byteCount: 0, on: device.backend), offset: 0, dtype: .float32)
    }
    return [
      { .conv2d(shape, x: none($0), filter: none($0), bias: nil, y: none($0)) },
      { .conv2dInputGradient(shape, dy: none($0), filter: none($0), bias: nil, dx: none($0)) },
      { .conv2dFilterGradient(shape, x: none($0), dy: none($0), dFilter: none($0)) },
    ]
  }
}
