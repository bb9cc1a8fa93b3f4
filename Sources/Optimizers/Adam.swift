import Foundation
import Layers
import Tensors

/// Adam (Kingma and Ba 2015, arXiv:1412.6980) or, with decoupled weight decay, AdamW (Loshchilov
/// and Hutter 2019, arXiv:1711.05101).
public final class Adam: Optimizer {
  /// Decays, epsilon and the kind of weight decay.
  public struct Configuration: Sendable, Hashable, Codable {
    /// Decay of the mean of gradients.
    public var beta1: Float = 0.9
    /// Decay of the mean of their squares.
    public var beta2: Float = 0.999
    /// Added to the root of the latter.
    public var epsilon: Float = 1e-8
    /// Pull of the parameters to 0.
    public var weightDecay: Float = 0
    /// AdamW: the pull acts on the parameters, not through the gradient.
    public var isDecoupled = false

    /// The defaults above.
    public init() {}
  }

  public let parameters: ParameterSet
  /// What it was made with.
  public let configuration: Configuration
  /// The average that each step moves, or nil where none was asked for.
  public let average: ParameterAverage?
  public private(set) var stepCount = 0
  public var state: [(name: String, buffer: Tensor)] {
    [("firstMoment", firstMoment), ("secondMoment", secondMoment)]
      + (average.map { [("average", $0.buffer)] } ?? [])
  }

  private let firstMoment, secondMoment: Tensor

  /// - Parameters:
  ///   - parameters: What to train; none can be declared afterwards.
  ///   - configuration: Decays and epsilon; defaults as in the paper.
  ///   - averageDecay: Keeps an average of the parameters with this decay; nil for none.
  public init(
    _ parameters: ParameterSet, _ configuration: Configuration = .init(),
    averageDecay: Float? = nil
  ) {
    self.parameters = parameters
    self.configuration = configuration
    firstMoment = parameters.buffer.zerosLike()
    secondMoment = parameters.buffer.zerosLike()
    average = averageDecay.map { ParameterAverage(of: parameters, decay: $0) }
  }

  public func step(_ gradients: [Tensor], rate: Float, maximumNorm: Float? = nil) {
    check(gradients)
    var update = nextUpdate(rate: rate)
    ParameterUpdate.begin(with: firstMoment) { update = self.nextUpdate(rate: $0) }
    let factor = clippingFactor(gradients, maximumNorm: maximumNorm)
    ParameterUpdate.apply(
      update, gradients: gradients, gradientScale: factor, parameters: parameters.buffer,
      firstMoment: firstMoment, secondMoment: secondMoment, average: average?.update,
      inReplays: { update })
  }

  public func resume(at stepCount: Int) { self.stepCount = stepCount }

  /// Counts an update and gives its numbers.
  private func nextUpdate(rate: Float) -> ParameterUpdate.Adam {
    stepCount += 1
    let corrections = corrections(configuration.beta1, configuration.beta2)
    return ParameterUpdate.Adam(
      rate: rate, beta1: configuration.beta1, beta2: configuration.beta2,
      epsilon: configuration.epsilon, weightDecay: configuration.weightDecay,
      isDecoupled: configuration.isDecoupled, correction1: Float(corrections[0]),
      correction2: Float(corrections[1]))
  }

  /// 1 − βᵗ of both by repeated squaring in double precision: the same bits on every machine, which
  /// `pow` does not promise.
  private func corrections(_ beta1: Float, _ beta2: Float) -> SIMD2<Double> {
    var (power, base) = (SIMD2(1.0, 1), SIMD2(Double(beta1), Double(beta2)))
    var exponent = stepCount
    while exponent > 0 {
      if exponent & 1 == 1 { power *= base }
      base *= base
      exponent >>= 1
    }
    return 1 - power
  }
}
