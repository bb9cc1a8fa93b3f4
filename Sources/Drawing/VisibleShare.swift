/// Which share of a line, 0…1, lies within upright limits (Liang and Barsky 1984, "A new concept and
/// method for line clipping").
func visibleShare(
  from start: Point, to end: Point, low: Point, high: Point
) -> ClosedRange<Double>? {
  var (first, last) = (0.0, 1.0)
  for axis in 0..<2 {
    let way = end[axis] - start[axis]
    if way == 0 {
      if start[axis] < low[axis] || start[axis] > high[axis] { return nil }
    } else {
      let (one, other) = ((low[axis] - start[axis]) / way, (high[axis] - start[axis]) / way)
      first = max(first, min(one, other))
      last = min(last, max(one, other))
    }
  }
  return first <= last ? first...last : nil
}
