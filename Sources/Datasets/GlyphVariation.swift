import Drawing
import Tensors

/// How a glyph is deformed, decided by (seed, example) alone.
///
/// Strokes are made thinner by up to 15 % or bolder by up to 50 % of their mean thickness; the
/// outline is bent by a ``BezierPatch``, whose points move by up to 6 % of the ink's longer side, turned by
/// up to ±11° and sheared by up to ±0.2. All of it by sums, products, quotients and square roots, so
/// that every machine deforms alike.
struct GlyphVariation {
  /// Thickness to add, as a part of the stroke's own.
  let boldness: Double
  private let patch: BezierPatch
  /// The tangent of half the angle.
  private let turn: Double
  private let shear: Double

  private static let largestBend = 0.06
  private static let largestTurn = 0.1
  private static let largestShear = 0.2

  init(seed: UInt64, example: Int) {
    let philox = Philox(seed: seed)
    func draw(_ word: Int) -> Double {
      2 * Double(philox.uniform(word, example: example, stream: RandomStream.data)) - 1
    }
    boldness = 0.175 + 0.325 * draw(0)
    turn = Self.largestTurn * draw(1)
    shear = Self.largestShear * draw(2)
    patch = BezierPatch { draw(4 + $0) }
  }

  /// The path bent, turned and sheared; `low` and `high` are the corners of its ink.
  func applied(to path: Path, low: Point, high: Point) -> Path {
    let size = high - low
    let (middle, reach) = ((low + high) / 2, Self.largestBend * size.max())
    let cosine = (1 - turn * turn) / (1 + turn * turn)
    let sine = 2 * turn / (1 + turn * turn)
    return path.moved(bendsLines: true) { point in
      let bent = point - middle + reach * patch.displacement(at: (point - low) / size)
      let leaning = Point(bent.x - shear * bent.y, bent.y)
      return Point(
        cosine * leaning.x - sine * leaning.y, sine * leaning.x + cosine * leaning.y)
    }
  }
}
