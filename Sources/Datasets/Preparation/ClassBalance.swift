import FileFormats

/// How many results each class has, before and after what is left out.
public struct ClassCount: Hashable, Sendable {
  /// Name of the class; `nil` for pictures without one.
  public let name: String?
  /// Pictures in the source.
  public let pictures: Int
  /// Results that are written.
  public let results: Int
}

/// Cuts classes to one size.
enum ClassBalance {
  /// More than so many times the smallest class is told of: a model then sees little else.
  static let greatestRatio = 3

  /// The members of a class that are cut, so that it has at most `limit` results.
  ///
  /// Members go in the order of a hash of seed and name, and one that has no room any more is cut:
  /// which stay does not depend on where a picture stands, and changes little when some are added.
  /// Those that must stay go first and are never cut.
  static func cut(
    _ members: [(index: Int, name: String, results: Int, mustStay: Bool)], to limit: Int,
    seed: UInt64
  ) -> [Int] {
    let ranked = members.map { (member: $0, rank: rank($0.name, seed)) }.sorted {
      if $0.member.mustStay != $1.member.mustStay { return $0.member.mustStay }
      return ($0.rank, $0.member.index) < ($1.rank, $1.member.index)
    }
    var room = limit
    var cut: [Int] = []
    for (member, _) in ranked {
      if member.mustStay || member.results <= room {
        room -= member.results
      } else {
        cut.append(member.index)
      }
    }
    return cut.sorted()
  }

  private static func rank(_ name: String, _ seed: UInt64) -> UInt64 {
    ExampleHash.mixed(ExampleHash.of(name.utf8) ^ ExampleHash.mixed(seed &+ 0x9E37_79B9_7F4A_7C15))
  }

  /// What is uneven, in one sentence; `nil` where no class has more than ``greatestRatio`` times as
  /// many as another.
  static func warning(_ counts: [ClassCount]) -> String? {
    let classes = counts.filter { $0.name != nil }
    guard let least = classes.min(by: { $0.results < $1.results }),
      let most = classes.max(by: { $0.results < $1.results }),
      most.results > greatestRatio * least.results
    else { return nil }
    if least.results == 0 { return "no picture of the class '\(least.name!)' is left" }
    return "the class '\(most.name!)' has \(most.results) pictures and '\(least.name!)' has"
      + " \(least.results): a model will see little of the smaller; even them by --balance smallest"
  }
}
