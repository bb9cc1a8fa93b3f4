extension FittedContext {
  /// The times that figures show: the templates' own, or seven of them where there are more.
  var shownTimes: [Float] { Self.spread(templates.times, count: 7) }

  /// As many of the times, which rise, as near as they are to even steps from the first to the last.
  static func spread(_ times: [Float], count: Int) -> [Float] {
    guard times.count > count, count > 1 else { return times }
    let (first, extent) = (times[0], times.last! - times[0])
    var chosen: [Int] = []
    for step in 0..<count {
      let wanted = first + extent * Float(step) / Float(count - 1)
      // Enough are left for the steps to come.
      let free = (chosen.last.map { $0 + 1 } ?? 0)...(times.count - count + step)
      chosen.append(free.min { abs(times[$0] - wanted) < abs(times[$1] - wanted) }!)
    }
    return chosen.map { times[$0] }
  }
}
