import Layers
import Tensors

/// A rule that moves parameters against their gradients.
///
/// State lies in flat buffers as long as the parameters' own; one fused pass updates them all.
public protocol Optimizer: AnyObject {
  /// What is trained.
  var parameters: ParameterSet { get }
  /// Updates made so far.
  var stepCount: Int { get }
  /// Everything but the parameters that decides the next update, as named vectors; the values at a
  /// name are replaced in place on resume.
  var state: [(name: String, buffer: Tensor)] { get }

  /// One update; in replays of a ``RecordedStep`` it counts on, with the rate given there.
  ///
  /// - Parameters:
  ///   - gradients: One a trainable parameter, in order.
  ///   - rate: Learning rate of this step.
  ///   - maximumNorm: The gradients are scaled down together when their joint Euclidean norm is
  ///     larger; nil for no limit.
  func step(_ gradients: [Tensor], rate: Float, maximumNorm: Float?)

  /// Goes on from a checkpoint: the buffers of ``state`` are filled by the caller.
  func resume(at stepCount: Int)
}

extension Optimizer {
  /// min(1, maximum / (norm + 1e-6)) on the device, as PyTorch's `clip_grad_norm_` has it; nil
  /// where nothing is clipped.
  func clippingFactor(_ gradients: [Tensor], maximumNorm: Float?) -> Tensor? {
    guard let maximumNorm, let first = gradients.first else { return nil }
    let squares = gradients.map { $0.sumOfSquares().reshaped([1]) }
    let norm = Tensor.concatenated(squares).sum().sqrt()
    let limit = Tensor(maximumNorm, dtype: first.dtype, on: first.device)
    return (limit / (norm + 1e-6)).clamped(0, 1).reshaped([1])
  }

  func check(_ gradients: [Tensor]) {
    precondition(
      gradients.map(\.shape) == parameters.trainable.map(\.shape),
      "step: gradients \(gradients.map(\.shape)) for parameters \(parameters.trainable.map(\.shape))"
    )
  }
}

/// An exponential moving average of the parameters, kept by an optimiser in the same pass.
///
/// Pictures sampled from averaged weights are smoother (Karras et al. 2018, section 4).
public struct ParameterAverage {
  /// As long as the parameters' buffer.
  public let buffer: Tensor
  /// Share kept each step, such as 0.999.
  public let decay: Float

  /// Starts at the parameters' present values.
  ///
  /// - Parameters:
  ///   - parameters: What is averaged.
  ///   - decay: Share kept each step, in 0 ..< 1.
  public init(of parameters: ParameterSet, decay: Float) {
    precondition(decay >= 0 && decay < 1, "average: decay \(decay) is not in 0 ..< 1")
    buffer = parameters.buffer.zerosLike()
    ParameterUpdate.assign(parameters.buffer, to: buffer)
    self.decay = decay
  }

  /// What an update of the parameters does to it.
  var update: ParameterUpdate.Average { ParameterUpdate.Average(buffer: buffer, decay: decay) }
}
