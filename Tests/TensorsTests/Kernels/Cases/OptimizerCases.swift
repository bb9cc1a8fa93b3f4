import CKernels

@testable import Tensors

extension KernelTable {
  static let optimizers: [KernelCase] = [0, 1, 7, 16, 17, 1009, manyChunks].flatMap { count in
    [
      sgdCase(count, momentum: 0), sgdCase(count, momentum: 0.9, decay: 0.1),
      sgdCase(count, momentum: 0.9, decay: 0.1, isNesterov: true, isScaled: true, average: 0.99),
      adamCase(count), adamCase(count, decay: 0.1, isScaled: true),
      adamCase(count, decay: 0.1, isDecoupled: true, average: 0.999),
    ]
  }

  /// The gradient in two parts, its scale, parameter, then state, then average.
  private static func operands(
    _ count: Int, isScaled: Bool, state: [TestValues], average: Float?
  ) -> [OperandSpec] {
    [.input(count / 3), .input(count - count / 3)]
      + [.input(isScaled ? 1 : 0, .positive), .updated(count)]
      + state.map { .updated(count, $0) } + [.updated(average == nil ? 0 : count)]
  }

  /// The average after the parameter's update; no change without one.
  private static func averaged(
    _ average: [Double], _ decay: Float?, _ parameter: [Double], _ sign: Double
  )
    -> [Double]
  {
    guard let decay = decay.map(Double.init) else { return [] }
    return zip(average, parameter).map { decay * $0 + (1 + sign * decay) * $1 }
  }

  /// With an empty one between the parts.
  private static func gradients(_ operands: [Operand], _ count: Int) -> [CountedOperand] {
    [
      CountedOperand(operand: operands[0], count: Int32(count / 3)),
      CountedOperand(operand: operands[0], count: 0),
      CountedOperand(operand: operands[1], count: Int32(count - count / 3)),
    ]
  }

  private static func sgdCase(
    _ count: Int, momentum: Float, decay: Float = 0, isNesterov: Bool = false,
    isScaled: Bool = false, average: Float? = nil
  ) -> KernelCase {
    let shape = ck_sgd_shape(
      count: Int32(count), rate: 0.05, momentum: momentum, weight_decay: decay,
      nesterov: isNesterov ? 1 : 0, ema_decay: average ?? 0)
    let (rate, beta, lambda) = (Double(Float(0.05)), Double(momentum), Double(decay))
    @Sendable func update(_ v: [[Double]], _ sign: Double) -> [[Double]] {
      let g = zip(v[0] + v[1], v[3]).map { $0 * (isScaled ? v[2][0] : 1) + lambda * $1 }
      let u = zip(v[4], g).map { beta * $0 + $1 }
      let p = v[3].indices.map {
        v[3][$0] + sign * rate * (isNesterov ? g[$0] + beta * u[$0] : u[$0])
      }
      return [p, u, averaged(v[5], average, p, sign)]
    }
    return KernelCase(
      "sgd \(count) momentum \(momentum) decay \(decay)\(isNesterov ? " nesterov" : "")",
      operands(count, isScaled: isScaled, state: [.normal], average: average),
      truth: Truth(.of(8) { v in update(v.map { $0.map(Swift.abs) }, 1) }) { update($0, -1) }
    ) {
      .sgd(
        shape, gradients: gradients($0, count), gradientScale: isScaled ? $0[2] : nil,
        parameter: $0[3],
        momentum: $0[4], average: average == nil ? nil : $0[5])
    }
  }

  private static func adamCase(
    _ count: Int, decay: Float = 0, isDecoupled: Bool = false, isScaled: Bool = false,
    average: Float? = nil
  ) -> KernelCase {
    let shape = ck_adam_shape(
      count: Int32(count), rate: 0.05, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: decay,
      decoupled: isDecoupled ? 1 : 0, correction1: 0.271, correction2: 0.002997,
      ema_decay: average ?? 0)
    let s = shape
    let (rate, beta1, beta2) = (Double(s.rate), Double(s.beta1), Double(s.beta2))
    let lambda = Double(decay)
    @Sendable func update(_ v: [[Double]], _ sign: Double) -> [[Double]] {
      let g = zip(v[0] + v[1], v[3]).map {
        $0 * (isScaled ? v[2][0] : 1) + (isDecoupled ? 0 : lambda * $1)
      }
      let m = zip(v[4], g).map { beta1 * $0 + (1 - beta1) * $1 }
      let second = zip(v[5], g).map { beta2 * $0 + (1 - beta2) * $1 * $1 }
      let p = v[3].indices.map { i in
        let kept = v[3][i] * (isDecoupled ? 1 + sign * rate * lambda : 1)
        let deviation = (second[i] / Double(s.correction2)).squareRoot() + Double(s.epsilon)
        return kept + sign * rate * (m[i] / Double(s.correction1)) / deviation
      }
      return [p, m, second, averaged(v[6], average, p, sign)]
    }
    // The size of p's terms: with the true second moment, which is a sum of positive numbers.
    @Sendable func sizes(_ v: [[Double]]) -> [[Double]] {
      let whole = update(v, -1)
      let magnitudes = update(v.map { $0.map(Swift.abs) }, 1)
      let p = v[3].indices.map { i in
        let deviation = (whole[2][i] / Double(s.correction2)).squareRoot() + Double(s.epsilon)
        return Swift.abs(v[3][i]) + rate * magnitudes[1][i] / Double(s.correction1) / deviation
      }
      return [p, magnitudes[1], magnitudes[2], averaged(v[6].map(Swift.abs), average, p, 1)]
    }
    return KernelCase(
      "adam \(count) decay \(decay)\(isDecoupled ? " decoupled" : "")",
      operands(count, isScaled: isScaled, state: [.normal, .positive], average: average),
      truth: Truth(.of(16, sizes)) { update($0, -1) }
    ) {
      .adam(
        shape, gradients: gradients($0, count), gradientScale: isScaled ? $0[2] : nil,
        parameter: $0[3],
        firstMoment: $0[4], secondMoment: $0[5], average: average == nil ? nil : $0[6])
    }
  }
}
