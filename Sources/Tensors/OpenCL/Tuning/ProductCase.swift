internal import CKernels
import Foundation

/// A product with its scalars: all that it takes to run it on noise.
package struct ProductCase: Sendable {
  let problem: ProductProblem
  let scalars: ProductScalars

  /// Multiplications.
  var work: Double {
    Double(problem.count) * Double(problem.m) * Double(problem.n) * Double(problem.k)
  }

  /// Elements of A, B and C, from the first to the last.
  var counts: (a: Int, b: Int, c: Int) {
    switch scalars {
    case .gemm(let s):
      func span(_ rows: Int32, _ columns: Int32, _ line: Int32, _ stride: Int32) -> Int {
        (Int(s.batch) - 1) * Int(stride) + (Int(rows) - 1) * Int(line) + Int(columns)
      }
      let (rowsA, columnsA) = s.transpose_a != 0 ? (s.k, s.m) : (s.m, s.k)
      let (rowsB, columnsB) = s.transpose_b != 0 ? (s.n, s.k) : (s.k, s.n)
      return (
        span(rowsA, columnsA, s.lda, s.batch_stride_a),
        span(rowsB, columnsB, s.ldb, s.batch_stride_b), span(s.m, s.n, s.ldc, s.batch_stride_c)
      )
    case .convolution(let s):
      let x = Int(s.n) * Int(s.h) * Int(s.w) * Int(s.c)
      let y = Int(s.n) * Int(s.oh) * Int(s.ow) * Int(s.oc)
      let filter = Int(s.oc) * Int(s.kh) * Int(s.kw) * Int(s.c / s.groups)
      switch problem.kind {
      case .forward: return (x, filter, y)
      case .inputGradient: return (y, filter, x)
      case .gemm, .filterGradient: return (y, x, filter)
      }
    }
  }

  /// What a backend is asked for the same.
  func call(a: Operand, b: Operand, c: Operand) -> KernelCall {
    switch (scalars, problem.kind) {
    case (.gemm(let s), _): .gemm(s, a: a, b: b, bias: nil, c: c)
    case (.convolution(let s), .inputGradient):
      .conv2dInputGradient(s, dy: a, filter: b, bias: nil, dx: c)
    case (.convolution(let s), .filterGradient):
      .conv2dFilterGradient(s, x: b, dy: a, dFilter: c)
    case (.convolution(let s), _): .conv2d(s, x: a, filter: b, bias: nil, y: c)
    }
  }

  /// Whether the CPU's sum has the same order, if its parts are the same.
  var isSummedAlikeByTheCPU: Bool {
    switch (scalars, problem.kind) {
    case (.gemm, _): return problem.usualParts.length == 0
    case (.convolution(var s), .forward):
      var w = ck_winograd()
      return !ck_winograd_conv2d(&s, &w)
    case (.convolution(var s), .inputGradient):
      var w = ck_winograd()
      return !(0..<(s.stride_h * s.stride_w)).contains { ck_winograd_input_gradient(&s, $0, &w) }
    case (.convolution(var s), _):
      var w = ck_winograd()
      return !ck_winograd_filter_gradient(&s, &w)
    }
  }

  /// The product alone: without activation, and into memory that it need not read.
  var bare: ProductCase {
    switch scalars {
    case .gemm(var s):
      (s.activation, s.slope, s.accumulate) = (CK_NO_ACTIVATION, 0, 0)
      return ProductCase(problem: problem, scalars: .gemm(s))
    case .convolution(var s):
      (s.activation, s.slope) = (CK_NO_ACTIVATION, 0)
      return ProductCase(problem: problem, scalars: .convolution(s))
    }
  }

  /// A matrix product without gaps.
  static func gemm(
    transposeA: Bool, transposeB: Bool, count: Int = 1, m: Int, n: Int, k: Int,
    units: ProductTile.Units = .none
  ) -> ProductCase {
    let bits = m | n | k | 16
    let problem = ProductProblem(
      kind: .gemm(transposeA: transposeA, transposeB: transposeB), count: count, m: m, n: n, k: k,
      alignment: bits & -bits, units: units)
    return ProductCase(problem: problem, scalars: .gemm(problem.shape))
  }
}

extension OpenCLBackend {
  /// The products that calls come to here, such as those between the points of Winograd's
  /// algorithm; nothing is computed.
  func products(of calls: [KernelCall]) throws(DeviceError) -> [ProductCase] {
    let memory = StepMemory(on: PlanningBackend(for: self))
    var products: [ProductCase] = []
    var failure: DeviceError?
    attempt { () throws(DeviceError) in
      do throws(DeviceError) {
        for call in calls { products += try self.products(of: call, scratchIn: memory) }
      } catch { failure = error }
    }
    if let failure = failure ?? self.failure { throw failure }
    return products.map(\.bare)
  }

  /// A small case of the same kind whose sizes no tile and no load divides.
  func odd(_ item: ProductCase) throws(DeviceError) -> ProductCase? {
    switch (item.problem.kind, item.scalars) {
    case (.gemm(let transposeA, let transposeB), _):
      return .gemm(
        transposeA: transposeA, transposeB: transposeB, count: 2, m: 149, n: 83, k: 139,
        units: item.problem.units)
    case (_, .gemm): return nil
    case (let kind, .convolution(var s)):
      (s.n, s.c, s.oc) = (2, 3 * s.groups, 5 * s.groups)
      let none = Operand(
        storage: Storage(byteCount: 0, on: self), offset: 0, dtype: .float32)
      let call = ProductCase(problem: item.problem, scalars: .convolution(s)).call(
        a: none, b: none, c: none)
      return try products(of: [call]).first { $0.problem.kind == kind }
    }
  }
}

/// Between processes of one program, so the scalars' bytes are theirs.
extension ProductCase: Codable {
  private enum Key: CodingKey { case problem, gemm, convolution }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    problem = try container.decode(ProductProblem.self, forKey: .problem)
    if let s = try container.decodeIfPresent(Data.self, forKey: .gemm) {
      scalars = .gemm(try Self.value(s, ck_gemm_shape(), decoder))
    } else {
      let s = try container.decode(Data.self, forKey: .convolution)
      scalars = .convolution(try Self.value(s, ck_conv2d_shape(), decoder))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(problem, forKey: .problem)
    switch scalars {
    case .gemm(let s): try container.encode(withUnsafeBytes(of: s) { Data($0) }, forKey: .gemm)
    case .convolution(let s):
      try container.encode(withUnsafeBytes(of: s) { Data($0) }, forKey: .convolution)
    }
  }

  private static func value<Value: BitwiseCopyable>(
    _ data: Data, _ empty: Value, _ decoder: any Decoder
  ) throws -> Value {
    var value = empty
    guard data.count == MemoryLayout<Value>.size else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "\(data.count) bytes"))
    }
    withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: data) }
    return value
  }
}
