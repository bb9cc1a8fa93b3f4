import Tensors
import Testing

@testable import Layers

@Suite("Parameters")
struct ParameterTests {
  @Test("Trainable parameters are windows of one buffer, in order of declaration")
  func windows() throws {
    let set = ParameterSet(seed: 1)
    let first = set.root.parameter("first", [2, 3], .uniform(bound: 1))
    _ = set.root.statistic("mean", [2], initially: 7)
    let second = set.root.scope("inner").parameter("second", [4], .normal(deviation: 1))
    let before = try first.value.floats() + second.value.floats()
    #expect(try set.buffer.floats() == before)
    #expect(set.trainable.map(\.name) == ["first", "inner.second"])
    #expect(set.statistics.map(\.name) == ["mean"])

    second.assign(Tensor([1, 2, 3, 4] as [Float], shape: [4]))
    #expect(Array(try set.buffer.floats().suffix(4)) == [1, 2, 3, 4])
    #expect(try first.value.floats() == Array(before.prefix(6)))
  }

  @Test("Initial values depend on seed and order alone")
  func initialValues() throws {
    func values(seed: UInt64, dtype: DType = .float32) throws -> [Double] {
      let set = ParameterSet(seed: seed, dtype: dtype)
      _ = Dense(3, 5, in: set.root.scope("a"))
      let layer = Dense(5, 2, in: set.root.scope("b"))
      return try layer.weight.value.cast(to: .float64).doubles()
    }
    #expect(try values(seed: 3) == values(seed: 3))
    #expect(try values(seed: 3) != values(seed: 4))
  }

  @Test("The default initialiser fills ±1/√fanIn evenly, He's has variance 2/fanIn")
  func spread() throws {
    let set = ParameterSet(seed: 9)
    let fan = try set.root.parameter("fan", [200, 100], .fanIn(100)).value.floats()
    #expect(fan.allSatisfy { abs($0) <= 0.1 })
    // The variance of a uniform in ±b is b²/3; its standard error over n draws is below 1 %.
    let variance = fan.reduce(0) { $0 + $1 * $1 } / Float(fan.count)
    #expect(abs(variance / (0.01 / 3) - 1) < 0.03)
    let he = try set.root.parameter("he", [200, 100], .he(fanIn: 50)).value.floats()
    let heVariance = he.reduce(0) { $0 + $1 * $1 } / Float(he.count)
    #expect(abs(heVariance / 0.04 - 1) < 0.05)
  }

  @Test("Frozen parameters record nothing; thawed ones do")
  func frozen() {
    let set = ParameterSet(seed: 1)
    let layer = Dense(3, 2, in: set.root)
    let x = Tensor.ones([1, 3])
    #expect(layer(x, .evaluation).isTracked)
    set.frozen { #expect(!layer(x, .evaluation).isTracked) }
    #expect(layer(x, .evaluation).isTracked)
  }
}
