import Testing

@testable import Tensors

@Suite("Philox")
struct PhiloxTests {
  /// Known answers of the Random123 distribution for philox4x32 with 10 rounds.
  @Test(
    "known answers",
    arguments: [
      (
        SIMD4<UInt32>(0, 0, 0, 0), UInt64(0),
        SIMD4<UInt32>(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)
      ),
      (
        SIMD4(repeating: .max), .max,
        SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)
      ),
      (
        SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), 0x299F_31D0_A409_3822,
        SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
      ),
    ])
  func knownAnswers(counter: SIMD4<UInt32>, seed: UInt64, words: SIMD4<UInt32>) {
    #expect(Philox(seed: seed).block(counter) == words)
  }

  @Test("the host draws the kernels' numbers")
  func hostAndKernels() throws {
    let key = RandomKey(seed: 0xFEDC_BA98_7654_3210, stream: 12, step: 34)
    let philox = Philox(seed: key.seed)
    let found = try Tensor.uniform([3, 7], key: key).floats()
    for (index, value) in found.enumerated() {
      #expect(value == philox.uniform(index % 7, example: index / 7, step: 34, stream: 12))
    }
  }

  @Test("seed, stream, step, example and column each change the numbers")
  func everyWordCounts() throws {
    let key = RandomKey(seed: 1, stream: 2, step: 3)
    var others = [key, key, key, key]
    others[0].seed = 1 << 40 | 1
    others[1].seed = 2
    others[2].stream = 3
    others[3].step = 4
    let numbers = try Tensor.uniform([64, 64], key: key).floats()
    for other in others {
      let changed = try Tensor.uniform([64, 64], key: other).floats()
      #expect(zip(numbers, changed).filter { $0 == $1 }.count < 4, "\(other)")
    }
    #expect(Set(numbers).count > 4090, "numbers repeat within one tensor")
  }

  @Test("an example's numbers do not depend on the batch it is drawn in")
  func batchComposition() throws {
    let key = RandomKey(seed: 9, stream: 4)
    let row = 5
    for draw in [Tensor.uniform, Tensor.normal]
      as [(_: [Int], RandomKey, Tensor?, Device, DType) -> Tensor]
    {
      let whole = try draw([100, row], key, nil, .cpu, .float32).floats()
      let order: [Int32] = [99, 3, 3, 0, 57]
      let examples = Tensor(order, shape: [order.count])
      let picked = try draw([order.count, row], key, examples, .cpu, .float32).floats()
      let expected = order.flatMap { whole[Int($0) * row..<Int($0) * row + row] }
      #expect(picked == expected)
    }
  }

  @Test("a picture's numbers are those of a vector of its size")
  func shapeOfTheRest() throws {
    let key = RandomKey(seed: 2)
    let pictures = try Tensor.normal([2, 3, 5, 2], key: key).floats()
    #expect(try Tensor.normal([2, 30], key: key).floats() == pictures)
    #expect(try Tensor.normal([30], key: key).floats() == Array(pictures[..<30]))
    #expect(try Tensor.normal([], key: key).floats() == [pictures[0]])
  }

  @Test("float64 gets float32's numbers")
  func doublePrecision() throws {
    let key = RandomKey(seed: 6)
    let single = try Tensor.normal([4, 9], key: key).floats()
    #expect(
      try Tensor.normal([4, 9], key: key, dtype: .float64).doubles() == single.map(Double.init))
  }
}
