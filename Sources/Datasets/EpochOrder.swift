import Tensors

/// The order in which an epoch visits the examples: a permutation decided by (seed, epoch) alone.
///
/// Fisher and Yates's shuffle (Durstenfeld 1964), each exchange drawn as `word · n / 2³²` from
/// stream `shuffle`, step `epoch`; the bias for n examples is below n / 2³².
public struct EpochOrder: Sendable {
  /// Position in the epoch → index of the example, 0..<count.
  public let indices: [Int]

  /// The order of one epoch, counted from 0.
  public init(count: Int, seed: UInt64, epoch: Int) {
    let philox = Philox(seed: seed)
    var indices = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      let word = philox.word(
        last, example: 0, step: UInt32(truncatingIfNeeded: epoch), stream: RandomStream.shuffle)
      indices.swapAt(last, Int(word.multipliedFullWidth(by: UInt32(last + 1)).high))
    }
    self.indices = indices
  }
}
