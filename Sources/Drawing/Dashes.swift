import Foundation

/// Cuts contours into dashes.
struct Dashes {
  /// Lengths of dashes and gaps in turn, in pixels.
  let pattern: [Double]
  /// What lies outside these is not seen: a long line costs no more than the page.
  let low, high: Point

  /// The dashes of a contour, each an open contour; the pattern begins with the contour.
  func cut(_ contour: Contour) -> [Contour] {
    let ends = contour.isClosed ? contour.points + [contour.points[0]] : contour.points
    var dashes: [Contour] = []
    var phase = Phase(pattern)
    var dash: [Point] = []
    func finish() {
      if dash.count > 1 { dashes.append(Contour(points: dash, isClosed: false)) }
      dash = []
    }
    for (start, end) in zip(ends, ends.dropFirst()) where start != end {
      let length = (end - start).length
      guard let seen = visibleShare(from: start, to: end, low: low, high: high) else {
        finish()
        phase.advance(by: length)
        continue
      }
      var position = seen.lowerBound * length
      if position > 0 { finish() }
      phase.advance(by: position)
      while position < seen.upperBound * length {
        let step = min(phase.remaining, seen.upperBound * length - position)
        if phase.isOn {
          if dash.isEmpty { dash = [start + position / length * (end - start)] }
          dash.append(start + (position + step) / length * (end - start))
        }
        position += step
        phase.advance(by: step)
        if !phase.isOn { finish() }
      }
      if position < length { finish() }
      phase.advance(by: length - position)
    }
    finish()
    return dashes
  }
}

/// A place in a pattern of dashes and gaps, whose lengths are positive.
private struct Phase {
  private let pattern: [Double]
  private let total: Double
  private var index = 0
  /// What is left of the dash or gap.
  private(set) var remaining: Double

  init(_ pattern: [Double]) {
    self.pattern = pattern
    total = pattern.reduce(0, +)
    remaining = pattern[0]
  }

  var isOn: Bool { index.isMultiple(of: 2) }

  mutating func advance(by length: Double) {
    var left = length >= total ? fmod(length, total) : max(length, 0)
    while left >= remaining {
      left -= remaining
      index = (index + 1) % pattern.count
      remaining = pattern[index]
    }
    remaining -= left
  }
}
