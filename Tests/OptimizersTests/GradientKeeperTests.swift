import Layers
import Tensors
import Testing

@testable import Optimizers

@Suite struct GradientKeeperTests {
  @Test(
    "gradients are kept as they were before the update, which is that of the optimiser it wraps")
  func kept() throws {
    let sets = (0..<2).map { _ in
      let set = ParameterSet(seed: 5)
      _ = (Dense(3, 2, in: set.root.scope("a")), Dense(2, 1, in: set.root.scope("b")))
      return set
    }
    let (plain, keeper) = (Adam(sets[0]), GradientKeeper(Adam(sets[1])))
    #expect(try keeper.gradients.flatMap { try $0.floats() }.allSatisfy { $0 == 0 })
    for step in 1...3 {
      let gradients = sets[0].trainable.enumerated().map { number, parameter in
        Tensor(filling: parameter.shape, with: Float(step * 10 + number))
      }
      for optimizer in [plain, keeper] as [any Optimizer] {
        optimizer.step(gradients, rate: 0.1, maximumNorm: 1)
      }
      #expect(keeper.gradients.map(\.shape) == sets[0].trainable.map(\.shape))
      #expect(
        try keeper.gradients.map { try $0.floats() } == gradients.map { try $0.floats() })
      #expect(try sets[0].buffer.floats() == sets[1].buffer.floats())
    }
    #expect(keeper.stepCount == 3 && keeper.state.map(\.name) == plain.state.map(\.name))
    keeper.resume(at: 7)
    #expect(keeper.optimizer.stepCount == 7)
  }
}
