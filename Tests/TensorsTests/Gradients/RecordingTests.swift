import Testing

@testable import Tensors

@Suite("Recording")
struct RecordingTests {
  private func vector(_ values: [Double]) -> Tensor { Tensor(values, shape: [values.count]) }

  @Test("a target that the output does not depend on gets zeros of its shape and type")
  func unreached() throws {
    let x = vector([1, 2]).tracked()
    let other = Tensor([3, 4, 5, 6] as [Float], shape: [2, 2]).tracked()
    let constant = vector([7])
    let found = gradients(of: x.squared().sum(), withRespectTo: [other, x, constant])
    #expect(found[0].shape == [2, 2] && found[0].dtype == .float32)
    #expect(try found[0].floats() == [0, 0, 0, 0])
    #expect(try found[1].doubles() == [2, 4])
    #expect(try found[2].doubles() == [0])
  }

  @Test("an output without history has zero gradients")
  func untrackedOutput() throws {
    let x = vector([1, 2]).tracked()
    #expect(try gradients(of: vector([3]), withRespectTo: [x])[0].doubles() == [0, 0])
  }

  @Test("the gradient of a tensor with respect to itself is the seed")
  func itself() throws {
    let x = vector([1, 2]).tracked()
    #expect(try gradients(of: x, withRespectTo: [x])[0].doubles() == [1, 1])
    #expect(try gradients(of: x, withRespectTo: [x], seed: vector([3, 4]))[0].doubles() == [3, 4])
  }

  @Test("a seed weights the elements of an output that is not a scalar")
  func seeded() throws {
    let x = vector([1, 2, 3]).tracked()
    let found = gradients(of: x.squared(), withRespectTo: [x], seed: vector([1, 10, 100]))
    #expect(try found[0].doubles() == [2, 40, 600])
  }

  @Test("uses of one tensor add up, also in one operation and along several ways")
  func sharedUse() throws {
    let x = vector([3]).tracked()
    let y = x * x
    let found = gradients(of: (y + y * x - x).sum(), withRespectTo: [x, y])
    #expect(try found[0].doubles() == [2 * 3 + 3 * 9 - 1])
    #expect(try found[1].doubles() == [1 + 3])
  }

  @Test("targets inside the graph get their own gradients, and pass them on")
  func innerTargets() throws {
    let x = vector([2]).tracked()
    let y = x.squared()
    let z = y.squared()
    let found = gradients(of: z.sum(), withRespectTo: [z, y, x])
    let values = try found.map { try $0.scalar() }
    #expect(values == [1, 8, 32])
  }

  @Test("detached stops the gradient on its way alone")
  func detached() throws {
    let x = vector([3]).tracked()
    #expect(try gradients(of: x * x.detached(), withRespectTo: [x])[0].doubles() == [3])
    #expect(!x.detached().isTracked && !x.squared().detached().isTracked)
  }

  @Test("only what descends from a tracked tensor is recorded")
  func recordsByInputs() {
    let (x, constant) = (vector([1]).tracked(), vector([2]))
    #expect((constant + constant).isTracked == false)
    #expect((x + constant).isTracked)
    #expect((x .> constant).isTracked == false)
    #expect(x.cast(to: .int32).isTracked == false)
  }

  @Test("gradients that are not recorded have no history, recorded ones do")
  func recordedOrNot() {
    let x = vector([1, 2]).tracked()
    let loss = (x.squared() * x).sum()
    #expect(gradients(of: loss, withRespectTo: [x]).allSatisfy { !$0.isTracked })
    #expect(gradients(of: loss, withRespectTo: [x], recorded: true).allSatisfy { $0.isTracked })
    #expect(!valueAndGradient(at: [x]) { $0[0].sum() }.value.isTracked)
  }

  @Test("what is not recorded keeps no memory")
  func memory() throws {
    let device = try Device.cpu(threads: 1)
    func step() -> [Tensor] {
      let x = Tensor.ones([1000, 100], on: device)
      return valueAndGradient(at: [x]) { ($0[0].exp() * $0[0].tanh()).sum() }.gradients
    }
    var kept = step()
    withExtendedLifetime(kept) {
      #expect(device.memoryUse.current == BufferPool<Int, Never>.sizeClass(400_000))
    }
    kept = []
    #expect(device.memoryUse.current == 0)
  }

  @Test("a chain of 200,000 operations is differentiated and freed without exhausting the stack")
  func longChain() throws {
    let x = Tensor([1] as [Float], shape: [1]).tracked()
    var y = x
    for _ in 0..<200_000 { y = y + x }
    #expect(try gradients(of: y, withRespectTo: [x])[0].floats() == [200_001])
    var z = x
    for _ in 0..<200_000 { z = -z }
    let slope = gradients(of: z, withRespectTo: [x], recorded: true)[0]
    #expect(try slope.floats() == [1])
  }

  @Test("rules of what lies beyond the targets are not called")
  func rulesBeyond() throws {
    let x = vector([2]).tracked()
    let target = x.recorded(from: [x], saving: .none) { _ in
      Issue.record("the rule behind the target was called")
      return [nil]
    }
    let found = gradients(of: target.squared().sum(), withRespectTo: [target])
    #expect(try found[0].doubles() == [4])
  }

  @Test("what is older than every target is not visited")
  func walkEndsAtTargets() throws {
    let x = vector([1]).tracked()
    var target = x
    for _ in 0..<1000 { target = target + x }
    let parameter = vector([2]).tracked()
    let loss = (target * parameter).squared().sum()
    let (root, oldest) = (try #require(loss.node), try #require(target.node))
    let visited = root.history(since: oldest.number)
    #expect(visited.map(\.number) == visited.map(\.number).sorted())
    #expect(visited.count == 5)  // target, parameter, product, square, sum
    #expect(visited.first === oldest && visited.last === root)
    let beyond = try #require(parameter.node).history(since: root.number)
    #expect(beyond.isEmpty)
    let found = gradients(of: loss, withRespectTo: [target, parameter])
    #expect(try found.map { try $0.scalar() } == [2 * 1001 * 4, 2 * 1001 * 1001 * 2])
  }

  @Test("third derivatives: x⁴ has 24 x")
  func thirdOrder() throws {
    var result = vector([3]).tracked()
    let x = result
    result = x.squared().squared()
    for _ in 0..<3 { result = gradients(of: result, withRespectTo: [x], recorded: true)[0] }
    #expect(try result.doubles() == [72])
  }

  @Test(
    "equal largest elements share the gradient; a clamp's bounds pass it; ties of maximum go to the first"
  )
  func ties() throws {
    let x = vector([1, 3, 3, 2]).tracked()
    #expect(try gradients(of: x.max(), withRespectTo: [x])[0].doubles() == [0, 0.5, 0.5, 0])
    #expect(try gradients(of: x.clamped(1, 2), withRespectTo: [x])[0].doubles() == [1, 0, 0, 1])
    let y = vector([1, 3, 4, 2]).tracked()
    let both = gradients(of: Tensor.maximum(x, y), withRespectTo: [x, y])
    #expect(try both[0].doubles() == [1, 1, 0, 1])
    #expect(try both[1].doubles() == [0, 0, 1, 0])
    let kinks = vector([0, -0.0]).tracked()
    #expect(try gradients(of: kinks.relu(), withRespectTo: [kinks])[0].doubles() == [0, 0])
    #expect(try gradients(of: kinks.abs(), withRespectTo: [kinks])[0].doubles() == [0, 0])
    let picture = Tensor([1, 5, 5, 5] as [Double], shape: [1, 2, 2, 1]).tracked()
    let pooled = picture.maxPool2d(kernel: [2, 2], geometry: .init(stride: 2))
    #expect(try gradients(of: pooled, withRespectTo: [picture])[0].doubles() == [0, 1, 0, 0])
  }

  @Test("the same gradients, bit for bit, in every run and at any number of threads")
  func sameBits() throws {
    func gradient(_ threads: Int) throws -> [[Float]] {
      let device = Device(backend: try TestBackends.cpu(.best, threads: threads))
      let point = PenaltyTests.network(on: device, dtype: .float32)
      return try valueAndGradient(at: point) { PenaltyTests.loss($0) }.gradients.map {
        try $0.floats()
      }
    }
    let expected = try gradient(1)
    for threads in [1, 2, 5] {
      let found = try gradient(threads)
      #expect(found == expected, "\(threads) threads")
    }
  }
}
