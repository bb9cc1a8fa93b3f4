import FileFormats

/// A name beside the end of a curve.
struct EndLabel {
  /// In data coordinates.
  let end: Point
  /// Its place is not yet known.
  var text: Text
}

/// A sample and a name in a legend.
enum LegendEntry {
  case line(Stroke, String)
  case dot(Color, String)
  case ground(Color, String)

  init(curve: Curve, color: Color) {
    self = curve.stroke(color).map { .line($0, curve.name) } ?? .dot(color, curve.name)
  }

  init(band: Band) { self = .ground(band.color, band.name) }

  var name: String {
    switch self {
    case .line(_, let name), .dot(_, let name), .ground(_, let name): name
    }
  }
}

/// Moves labels along a line so that neighbours keep a distance, each as little as it can.
///
/// The places minimise the sum of squared moves: neighbours that are too near form a block, which
/// lies at the mean of what its members want (pool adjacent violators; Ayer and others 1955).
///
/// - Parameters:
///   - wanted: Where labels would like to be, in any order; equal ones keep their order.
///   - distance: What neighbours keep.
///   - range: What labels stay within where all of them have room.
/// - Returns: Where labels go, in the order of `wanted`.
func spread(
  _ wanted: [Double], distance: Double, within range: ClosedRange<Double>
) -> [Double] {
  let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
  // Without the distances to be kept, the task is to make the places rise.
  var blocks: [(sum: Double, count: Int)] = []
  func mean(_ block: (sum: Double, count: Int)) -> Double { block.sum / Double(block.count) }
  for (rank, index) in order.enumerated() {
    blocks.append((wanted[index] - Double(rank) * distance, 1))
    while blocks.count > 1, mean(blocks[blocks.count - 2]) > mean(blocks[blocks.count - 1]) {
      let last = blocks.removeLast()
      blocks[blocks.count - 1].sum += last.sum
      blocks[blocks.count - 1].count += last.count
    }
  }
  let low = range.lowerBound
  let high = max(low, range.upperBound - Double(wanted.count - 1) * distance)
  var result = wanted
  var rank = 0
  for block in blocks {
    for _ in 0..<block.count {
      result[order[rank]] = min(max(mean(block), low), high) + Double(rank) * distance
      rank += 1
    }
  }
  return result
}

extension Drawing {
  /// Writes names on the right of a plot, a thin line leading to each that had to move.
  mutating func write(_ labels: [EndLabel], beside plot: Plot) {
    let placed = labels.compactMap { label in
      plot.place(label.end).map { end in
        (
          label.text,
          end.clamped(
            lowerBound: Point(plot.area.x, plot.area.y),
            upperBound: Point(plot.area.right, plot.area.bottom))
        )
      }
    }
    let height = 1.15 * (placed.first?.0.size ?? 0)
    let middles = spread(
      placed.map(\.1.y), distance: height, within: plot.area.y...plot.area.bottom)
    let left = plot.area.right + 10
    for ((text, end), middle) in zip(placed, middles) {
      var leader = Path([end + Point(2, 0)])
      if abs(middle - end.y) > 2 || end.x < plot.area.right - 8 {
        leader.line(to: Point(left - 2, middle))
        stroke(leader, Stroke(text.color.opacity(0.5), width: 0.5))
      }
      var text = text
      text.place = Point(left, middle + 0.36 * text.size)
      write(text)
    }
  }

  /// Draws a legend in rows at the top of a rectangle and takes their room away.
  mutating func drawLegend(_ entries: [LegendEntry], _ room: inout Rectangle) {
    let size = 8.5
    let (sample, row) = (18.0, 13.0)
    var place = Point(room.x + 4, room.y + row / 2)
    if entries.isEmpty { return }
    for entry in entries {
      let width = sample + 4 + Text(entry.name, at: .zero, size: size).width + 14
      if place.x > room.x + 4 && place.x + width > room.right + 14 {
        place = Point(room.x + 4, place.y + row)
      }
      let end = place + Point(sample, 0)
      switch entry {
      case .line(let line, _): stroke(Path([place, end]), line)
      case .dot(let color, _): fill(Path(circle: (place + end) / 2, radius: 2.2), color)
      case .ground(let color, _):
        fill(Path(Rectangle(x: place.x, y: place.y - 4, width: sample, height: 8)), color)
      }
      write(entry.name, at: end + Point(4, 0.36 * size), size: size)
      place.x += width
    }
    let used = place.y + row / 2 + 3 - room.y
    room = room.inset(top: min(used, room.height))
  }
}

extension Color {
  /// The colour, darkened where letters in it would be hard to read on white.
  var readable: Color {
    let brightness = 0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)
    return brightness > 140 ? mixed(with: .black, (brightness - 140) / brightness) : self
  }
}
