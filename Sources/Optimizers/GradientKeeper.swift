import Layers
import Tensors

/// Another optimiser that also keeps each step's gradients, as they were before the update: for
/// checks of what computes them.
package final class GradientKeeper: Optimizer {
  /// What makes the updates.
  package let optimizer: any Optimizer
  /// The last step's gradients, one after another as in the parameters' buffer.
  private let buffer: Tensor
  /// Where another's parameters and the own ones are kept; nil where it follows nobody.
  private let led: (imposed: Tensor, own: Tensor)?

  /// - Parameters:
  ///   - optimizer: What makes the updates.
  ///   - isLed: Whether each update is replaced by what ``impose(_:)`` gave, so that what comes
  ///     after it in a step is computed from another's parameters, too.
  package init(_ optimizer: any Optimizer, isLed: Bool = false) {
    self.optimizer = optimizer
    let parameters = optimizer.parameters.buffer
    buffer = parameters.zerosLike()
    led = isLed ? (parameters.zerosLike(), parameters.zerosLike()) : nil
  }

  /// Gives what the parameters will be after the next update.
  ///
  /// - Precondition: it was made to be led.
  package func impose(_ parameters: Tensor) {
    guard let led else { preconditionFailure("an optimiser that is not led is imposed upon") }
    ParameterUpdate.assign(parameters, to: led.imposed)
  }

  /// What the last update itself made of the parameters.
  package var updated: Tensor { led?.own ?? parameters.buffer }

  package var parameters: ParameterSet { optimizer.parameters }
  package var stepCount: Int { optimizer.stepCount }
  package var state: [(name: String, buffer: Tensor)] { optimizer.state }

  /// Of each trainable parameter, in its shape; zeros before the first step.
  package var gradients: [Tensor] { parameters.windows(of: buffer) }

  package func step(_ gradients: [Tensor], rate: Float, maximumNorm: Float?) {
    optimizer.check(gradients)
    for (gradient, window) in zip(gradients, self.gradients) {
      ParameterUpdate.assign(gradient.detached(), to: window)
    }
    optimizer.step(gradients, rate: rate, maximumNorm: maximumNorm)
    if let led {
      ParameterUpdate.assign(parameters.buffer, to: led.own)
      ParameterUpdate.assign(led.imposed, to: parameters.buffer)
    }
  }

  package func resume(at stepCount: Int) { optimizer.resume(at: stepCount) }
}
