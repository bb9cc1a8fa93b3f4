/// Lays one small picture on another and tells how far they then differ.
///
/// - SeeAlso: Lucas and Kanade 1981, "An iterative image registration technique with an application
///   to stereo vision"; here with a scale and a shift an axis, and from coarse to fine.
struct FingerprintComparison {
  private let levels: [(still: SmallPicture, moving: SmallPicture)]

  init(_ still: Fingerprint, _ moving: Fingerprint) {
    levels = zip(still.levels, moving.levels).map { ($0, $1) }
  }

  /// The distance, where it is at most `limit`; see ``Fingerprint``.
  func distance(atMost limit: Float) -> Float? {
    var alignment = Alignment()
    var found = Float.infinity
    for (level, steps) in zip(levels, [6, 4, 4]) {
      alignment.improve(level.still, level.moving, steps: steps)
      // As they are, too: most copies are not cropped, and an alignment may go astray.
      found = min(
        Overlap(level.still, level.moving, alignment).largestBlock,
        Overlap(level.still, level.moving, Alignment()).largestBlock)
      // Fine details only add to the difference; twice leaves room for what they align better.
      if found > 2 * limit { return nil }
    }
    return found <= limit ? found : nil
  }
}

/// Where a point of the still picture lies in the moving one: a scale and a shift an axis, in parts of
/// the side, from the middle.
struct Alignment: Equatable {
  var scale: (x: Float, y: Float) = (1, 1)
  var shift: (x: Float, y: Float) = (0, 0)

  /// What counts as a slight crop: a fifth of the side, moved by a tenth of it.
  static let greatestStretch: Float = 0.25
  static let greatestShift: Float = 0.15

  static func == (first: Alignment, second: Alignment) -> Bool {
    first.scale == second.scale && first.shift == second.shift
  }

  /// Gauss and Newton's steps towards the least squared difference.
  mutating func improve(_ still: SmallPicture, _ moving: SmallPicture, steps: Int) {
    for _ in 0..<steps {
      guard let change = Overlap(still, moving, self).newtonStep else { return }
      let limit = { (value: Float, bound: Float) in min(max(value, -bound), bound) }
      scale.x = 1 + limit(scale.x - 1 + change[0], Self.greatestStretch)
      shift.x = limit(shift.x + change[1], Self.greatestShift)
      scale.y = 1 + limit(scale.y - 1 + change[2], Self.greatestStretch)
      shift.y = limit(shift.y + change[3], Self.greatestShift)
      if change.max() < 1e-4 && change.min() > -1e-4 { return }
    }
  }
}

/// Two small pictures on one another, as far as they overlap, brightness and contrast taken out.
struct Overlap {
  private let side: Int
  /// Position of each column and row from the middle, in parts of the side, where it overlaps.
  private let columns: [Tap], rows: [Tap]
  /// Difference of the normalised pictures and the moving one's slopes, [rows, columns, 3].
  private var difference: [Float] = []
  private var slopes: [(x: Float, y: Float)] = []

  /// A column or row of the still picture, and the first of the moving one's two that it lies between.
  private struct Tap {
    let index: Int
    let position: Float
    let first: Int
    let part: Float

    /// Those that lie within the moving picture.
    static func all(_ side: Int, _ scale: Float, _ shift: Float) -> [Tap] {
      let size = Float(side)
      return (0..<side).compactMap { index in
        let position = (Float(index) + 0.5) / size - 0.5
        let place = (scale * position + shift + 0.5) * size - 0.5
        guard place > -0.5, place < size - 0.5 else { return nil }
        let inside = min(max(place, 0), size - 1)
        let first = min(Int(inside), side - 2)
        return Tap(
          index: index, position: position, first: first, part: inside - Float(first))
      }
    }
  }

  init(_ still: SmallPicture, _ moving: SmallPicture, _ alignment: Alignment) {
    side = still.side
    columns = Tap.all(side, alignment.scale.x, alignment.shift.x)
    rows = Tap.all(side, alignment.scale.y, alignment.shift.y)
    let count = rows.count * columns.count * 3
    var (a, b) = ([Float](), [Float]())
    a.reserveCapacity(count)
    b.reserveCapacity(count)
    slopes.reserveCapacity(count)
    for row in rows {
      for column in columns {
        for channel in 0..<3 {
          let start = (row.first * side + column.first) * 3 + channel
          let (topLeft, topRight) = (moving.values[start], moving.values[start + 3])
          let below = start + side * 3
          let (lowLeft, lowRight) = (moving.values[below], moving.values[below + 3])
          let top = topLeft + column.part * (topRight - topLeft)
          let low = lowLeft + column.part * (lowRight - lowLeft)
          a.append(still.values[(row.index * side + column.index) * 3 + channel])
          b.append(top + row.part * (low - top))
          slopes.append(
            (
              (topRight - topLeft) + row.part * (lowRight - lowLeft - topRight + topLeft),
              low - top
            ))
        }
      }
    }
    Self.normalize(&a)
    let deviation = Self.normalize(&b)
    difference = zip(a, b).map { $0 - $1 }
    for index in slopes.indices {
      slopes[index].x /= deviation
      slopes[index].y /= deviation
    }
  }

  /// Takes each channel's mean out, so that a plain colour has no contrast, and divides by the standard
  /// deviation of all, which is returned; it counts as two levels at least, so that noise is not blown
  /// up.
  @discardableResult
  private static func normalize(_ values: inout [Float]) -> Float {
    let count = Float(max(values.count / 3, 1))
    var squares: Float = 0
    for channel in 0..<3 {
      let places = stride(from: channel, to: values.count, by: 3)
      let mean = places.reduce(Float(0)) { $0 + values[$1] } / count
      for place in places {
        values[place] -= mean
        squares += values[place] * values[place]
      }
    }
    let deviation = max(2, (squares / (3 * count)).squareRoot())
    for place in values.indices { values[place] /= deviation }
    return deviation
  }

  /// The largest root-mean-square difference in a block of 4×4, of those that overlap by half.
  var largestBlock: Float {
    var sums = [Float](repeating: 0, count: 16)
    var counts = [Int](repeating: 0, count: 16)
    var place = 0
    for row in rows {
      for column in columns {
        let block = row.index * 4 / side * 4 + column.index * 4 / side
        for _ in 0..<3 {
          sums[block] += difference[place] * difference[place]
          counts[block] += 1
          place += 1
        }
      }
    }
    let half = side / 4 * side / 4 * 3 / 2
    let means = (0..<16).filter { counts[$0] >= half }.map { sums[$0] / Float(counts[$0]) }
    return means.max().map { $0.squareRoot() } ?? .infinity
  }

  /// The change of (scale x, shift x, scale y, shift y) that lessens the differences most; nil where
  /// it is not determined.
  var newtonStep: SIMD4<Float>? {
    var matrix = [SIMD4<Float>](repeating: .zero, count: 4)
    var right = SIMD4<Float>.zero
    var place = 0
    let size = Float(side)
    for row in rows {
      for column in columns {
        for _ in 0..<3 {
          let (x, y) = (slopes[place].x * size, slopes[place].y * size)
          let slope = SIMD4(x * column.position, x, y * row.position, y)
          for index in 0..<4 { matrix[index] += slope * slope[index] }
          right += slope * difference[place]
          place += 1
        }
      }
    }
    return Self.solve(matrix, right)
  }

  /// Gauss's elimination of a symmetric positive matrix; `nil` where it is singular.
  private static func solve(_ matrix: [SIMD4<Float>], _ right: SIMD4<Float>) -> SIMD4<Float>? {
    var (matrix, right) = (matrix, right)
    let trace = (0..<4).reduce(Float(0)) { $0 + matrix[$1][$1] }
    // A little of the diagonal keeps directions without slopes still.
    for index in 0..<4 { matrix[index][index] += 1e-4 * trace }
    for pivot in 0..<4 {
      guard matrix[pivot][pivot] > 1e-6 else { return nil }
      for row in 0..<4 where row != pivot {
        let factor = matrix[row][pivot] / matrix[pivot][pivot]
        matrix[row] -= matrix[pivot] * factor
        right[row] -= right[pivot] * factor
      }
    }
    return SIMD4(
      right[0] / matrix[0][0], right[1] / matrix[1][1], right[2] / matrix[2][2],
      right[3] / matrix[3][3])
  }
}
