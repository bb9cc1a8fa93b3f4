import Layers
import Tensors

/// Stochastic gradient descent with momentum, Nesterov's if asked.
///
/// Source: Sutskever, Martens, Dahl and Hinton 2013, "On the importance of initialization and
/// momentum in deep learning", without dampening, as in PyTorch.
public final class SGD: Optimizer {
  /// Momentum, decay and the kind of look-ahead.
  public struct Configuration: Sendable, Hashable, Codable {
    /// Share of the last update carried on; 0 for plain descent.
    public var momentum: Float = 0.9
    /// Pull of the parameters to 0, through the gradient.
    public var weightDecay: Float = 0
    /// Looks ahead along the momentum.
    public var isNesterov = false

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
    [("momentum", momentum)] + (average.map { [("average", $0.buffer)] } ?? [])
  }

  private let momentum: Tensor

  /// - Parameters:
  ///   - parameters: What to train; none can be declared afterwards.
  ///   - configuration: Momentum and decay.
  ///   - averageDecay: Keeps an average of the parameters with this decay; nil for none.
  public init(
    _ parameters: ParameterSet, _ configuration: Configuration = .init(),
    averageDecay: Float? = nil
  ) {
    self.parameters = parameters
    self.configuration = configuration
    momentum = parameters.buffer.zerosLike()
    average = averageDecay.map { ParameterAverage(of: parameters, decay: $0) }
  }

  public func step(_ gradients: [Tensor], rate: Float, maximumNorm: Float? = nil) {
    check(gradients)
    stepCount += 1
    var update = ParameterUpdate.SGD(
      rate: rate, momentum: configuration.momentum, weightDecay: configuration.weightDecay,
      isNesterov: configuration.isNesterov)
    ParameterUpdate.begin(with: momentum) { rate in
      self.stepCount += 1
      update.rate = rate
    }
    let factor = clippingFactor(gradients, maximumNorm: maximumNorm)
    ParameterUpdate.apply(
      update, gradients: gradients, gradientScale: factor, parameters: parameters.buffer,
      momentum: momentum, average: average?.update, inReplays: { update.rate })
  }

  public func resume(at stepCount: Int) { self.stepCount = stepCount }
}
