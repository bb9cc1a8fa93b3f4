import Foundation
import Locks

/// Finds the pictures that show what an earlier one shows.
///
/// In order, a picture is a duplicate when an earlier one that stays lies within the limit; the
/// nearest is its original, of equally near ones the first. So no two pictures that stay are within
/// the limit of one another, unless asked for, and every duplicate lies within it of one that stays.
struct DuplicateSearch: Sendable {
  /// What each picture repeats: an index and a distance.
  let originals: [Match?]

  struct Match: Equatable, Sendable {
    let index: Int
    let distance: Double
  }

  /// Pictures whose comparisons run at once; the results do not depend on it.
  private static let blockSize = 256

  /// - Parameters:
  ///   - fingerprints: `nil` for pictures that take no part.
  ///   - stays: Pictures that stay even as duplicates.
  ///   - limit: The greatest distance of a duplicate.
  ///   - blockSize: Pictures whose comparisons run at once.
  ///   - progress: Is told how many pictures are compared.
  init(
    _ fingerprints: [Fingerprint?], stays: [Bool], limit: Double, blockSize: Int = blockSize,
    progress: (_ done: Int) -> Void = { _ in }
  ) {
    var originals = [Match?](repeating: nil, count: fingerprints.count)
    var staying: [Int] = []
    for start in stride(from: 0, to: fingerprints.count, by: blockSize) {
      let block = Array(start..<min(start + blockSize, fingerprints.count))
      // All at once against those that are known to stay, then one another in order.
      let earlier = staying
      let found = Locked([Match?](repeating: nil, count: block.count))
      DispatchQueue.concurrentPerform(iterations: block.count) { place in
        let match = Self.nearest(to: block[place], among: earlier, fingerprints, limit)
        found.withLock { $0[place] = match }
      }
      let matches = found.withLock { $0 }
      var fresh: [Int] = []
      for (place, index) in block.enumerated() where fingerprints[index] != nil {
        let near = Self.nearest(to: index, among: fresh, fingerprints, limit)
        let match = [matches[place], near].compactMap(\.self).min { $0.distance < $1.distance }
        originals[index] = match
        if match == nil || stays[index] { fresh.append(index) }
      }
      staying += fresh
      progress(block.last! + 1)
    }
    self.originals = originals
  }

  private static func nearest(
    to index: Int, among others: [Int], _ fingerprints: [Fingerprint?], _ limit: Double
  ) -> Match? {
    guard let own = fingerprints[index] else { return nil }
    var best: Match?
    for other in others {
      guard let distance = fingerprints[other]!.distance(to: own, atMost: limit) else { continue }
      if best.map({ distance < $0.distance }) ?? true {
        best = Match(index: other, distance: distance)
      }
    }
    return best
  }
}
