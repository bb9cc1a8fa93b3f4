import Drawing
import FileFormats

/// How sure the networks are of shapes, as colours: those of the explorer's page, where what glows
/// is known.
enum ConfidenceColors {
  /// The page's `--glow` and `--fade`.
  static let map = ColorMap([Color(0xFB_D5_A0), Color(0xB4_AD_B6)])

  /// The distance of a shape from what is made of it again, as a multiple of the templates' own:
  /// the page glows fully up to the first number and not at all from the last.
  static let range = 1.5...30.0

  /// The bar of a map of such distances.
  static let axis = Axis(
    "times the templates' own", range: range, scale: .logarithmic,
    ticks: [Tick(1.5, "≤ 1.5"), Tick(4, "4"), Tick(12, "12"), Tick(30, "≥ 30")])

  /// A distance as far as it has a colour of its own.
  static func clamped(_ ratio: Double) -> Double {
    min(max(ratio, range.lowerBound), range.upperBound)
  }
}
