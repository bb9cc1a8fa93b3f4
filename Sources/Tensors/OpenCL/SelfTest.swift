internal import CKernels

/// A few kernels with known answers: what decides whether a device can be trusted.
///
/// They are chosen for what drivers get wrong: fused multiply-add, work-groups that share memory,
/// integer arithmetic, and scalars passed by value; and they are few, since a first start waits
/// for their compiler: three programs, a kernel of each.
enum SelfTest {
  /// The first wrong answer, as a reason to skip the device, or nil when all are right.
  static func shortcoming(of backend: OpenCLBackend) throws(DeviceError) -> String? {
    let checks: [(name: String, check: (OpenCLBackend) throws(DeviceError) -> (Float, Float)?)] = [
      ("a fused multiply-add", fusedMultiplyAdd), ("a matrix product", matrixProduct),
      ("a sum", sum), ("a random number", randomNumbers),
    ]
    for (name, check) in checks {
      if let (found, expected) = try check(backend) {
        return "\(name) gives \(found) where \(expected) is right"
      }
    }
    return nil
  }

  /// (1 + 2^-12)^2 - (1 + 2^-11) is 2^-24 when rounded once, and 0 when rounded twice.
  ///
  /// Matrix units round their factors; their device has passed in float32 before.
  private static func fusedMultiplyAdd(
    _ backend: OpenCLBackend
  ) throws(DeviceError) -> (Float, Float)? {
    if backend.units != .none { return nil }
    return try product(
      a: { _, p in [1, 1 + 0x1p-12, 0][min(p, 2)] },
      b: { p, _ in [-(1 + 0x1p-11), 1 + 0x1p-12, 0][min(p, 2)] },
      expected: { _, _ in 0x1p-24 }, backend)
  }

  /// Small integers, so that every sum is exact, however they lie.
  private static func matrixProduct(
    _ backend: OpenCLBackend
  ) throws(DeviceError) -> (Float, Float)? {
    func a(_ i: Int, _ p: Int) -> Float { Float((i * k + p) % 7 - 3) }
    func b(_ p: Int, _ j: Int) -> Float { Float((p * n + j) % 5 - 2) }
    func expected(_ i: Int, _ j: Int) -> Float {
      (0..<k).reduce(0) { $0 + a(i, $1) * b($1, j) }
    }
    // Matrix units take operands in an order of their own, so they are tried on all layouts.
    let layouts = [(false, false), (false, true), (true, false)]
    for layout in layouts.prefix(backend.units == .none ? 1 : 3) {
      if let wrong = try product(a: a, b: b, expected: expected, transposed: layout, backend) {
        return wrong
      }
    }
    return nil
  }

  private static let (m, n, k) = (37, 70, 19)

  /// [m, k] x [k, n] of given elements; of one shape, so that one program does for all.
  private static func product(
    a: (Int, Int) -> Float, b: (Int, Int) -> Float, expected: (Int, Int) -> Float,
    transposed: (a: Bool, b: Bool) = (false, false), _ backend: OpenCLBackend
  ) throws(DeviceError) -> (Float, Float)? {
    var shape = ck_gemm_shape()
    (shape.batch, shape.m, shape.n, shape.k) = (1, Int32(m), Int32(n), Int32(k))
    (shape.transpose_a, shape.transpose_b) = (transposed.a ? 1 : 0, transposed.b ? 1 : 0)
    (shape.lda, shape.ldb) = (Int32(transposed.a ? m : k), Int32(transposed.b ? k : n))
    shape.ldc = Int32(n)
    let left = (0..<(m * k)).map { transposed.a ? a($0 % m, $0 / m) : a($0 / k, $0 % k) }
    let right = (0..<(k * n)).map { transposed.b ? b($0 % k, $0 / k) : b($0 / n, $0 % n) }
    let c = Operand([Float](repeating: .nan, count: m * n), on: backend)
    backend.execute(
      .gemm(shape, a: Operand(left, on: backend), b: Operand(right, on: backend), bias: nil, c: c))
    return try difference(c, (0..<(m * n)).map { expected($0 / n, $0 % n) }, backend)
  }

  /// The sums of the rows of [5, 1000] whole numbers, each in items that share memory.
  private static func sum(_ backend: OpenCLBackend) throws(DeviceError) -> (Float, Float)? {
    let y = Operand([Float](repeating: .nan, count: 5), on: backend)
    let shape = ck_reduce_shape(op: CK_SUM, outer: 5, reduced: 1000, inner: 1)
    backend.execute(.reduce(shape, x: Operand((0..<5000).map(Float.init), on: backend), y: y))
    return try difference(y, (0..<5).map { 499_500 + Float($0) * 1e6 }, backend)
  }

  /// Philox 4x32-10 under key 0 and counter 0, from Random123's known answers, as uniforms.
  private static func randomNumbers(
    _ backend: OpenCLBackend
  ) throws(DeviceError) -> (Float, Float)? {
    var shape = ck_random_shape()
    (shape.distribution, shape.rows, shape.columns) = (CK_UNIFORM, 1, 4)
    let y = Operand([Float](repeating: .nan, count: 4), on: backend)
    backend.execute(.random(shape, examples: nil, y: y))
    let words: [UInt32] = [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
    return try difference(y, words.map { Float($0 >> 8) * 0x1p-24 }, backend)
  }

  /// The first place where the device's values differ from the right ones.
  private static func difference(
    _ operand: Operand, _ expected: [Float], _ backend: OpenCLBackend
  ) throws(DeviceError) -> (Float, Float)? {
    let found = try operand.floats(expected.count, on: backend)
    return zip(found, expected).first { $0.0 != $0.1 }
  }
}
