import Layers
import Tensors

/// Another optimiser that also keeps each step's gradients, as they were before the update: for
/// checks of what computes them.
package final class GradientKeeper: Optimizer {
  /// What makes the updates.
  package let optimizer: any Optimizer
  /// The last step's gradients, one after another as in the parameters' buffer.
  private let buffer: Tensor

  package init(_ optimizer: any Optimizer) {
    self.optimizer = optimizer
    buffer = optimizer.parameters.buffer.zerosLike()
  }

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
  }

  package func resume(at stepCount: Int) { optimizer.resume(at: stepCount) }
}
