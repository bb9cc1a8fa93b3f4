/// Seeds of pictures, as people write them: `0-63,85`.
public struct SeedList: Sendable, Hashable {
  /// In the order given; one may come twice.
  public let all: [Int]
  /// The same list, written shortest: runs of neighbours become ranges.
  public let text: String

  /// The most seeds that are taken at once.
  public static let limit = 4096

  /// - Precondition: each is in 0…2³¹ − 1.
  public init(_ seeds: [Int]) {
    precondition(seeds.allSatisfy { (0...Int(Int32.max)).contains($0) }, "seeds \(seeds)")
    all = seeds
    var runs: [ClosedRange<Int>] = []
    for seed in seeds {
      if let last = runs.last, last.upperBound + 1 == seed {
        runs[runs.count - 1] = last.lowerBound...seed
      } else {
        runs.append(seed...seed)
      }
    }
    text = runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }

  /// Reads numbers and rising ranges of numbers, each in 0…2³¹ − 1, separated by commas; nil for
  /// anything else, nothing, or more than ``limit``.
  public init?(_ text: String) {
    var seeds: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
      guard (1...2).contains(ends.count),
        ends.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
        let first = Int32(ends[0]), let last = Int32(ends[ends.count - 1]), first <= last,
        Int(last) - Int(first) < Self.limit - seeds.count
      else { return nil }
      seeds += Int(first)...Int(last)
    }
    self.init(seeds)
  }
}
