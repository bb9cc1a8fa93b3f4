import FileFormats

/// What a surface is made of and which of its lines are drawn.
public struct SurfaceStyle: Hashable, Sendable {
  /// How often the surface is smoothed before it is drawn, 0…6; 0 draws its own faces, `nil` as
  /// often as it takes to bring the mean edge below 4 points on the page, 1…5.
  public var smoothingLevels: Int?
  /// Whether corners of an open boundary stay sharp while smoothing.
  public var keepsCorners = false
  /// The front's colour where the tint is 0.
  public var frontBase: Color
  /// The front's colour where the tint is 1.
  public var frontTip: Color
  /// The back's colour where the tint is 0.
  public var backBase: Color
  /// The back's colour where the tint is 1.
  public var backTip: Color
  /// Width in points of the line round open boundaries; 0 for none.
  public var outlineWidth = 0.7
  /// Width in points of lines on the surface where its edges were before smoothing; 0 for none.
  public var meshWidth = 0.0
  /// Whether the edges of the surface before smoothing are drawn over it.
  public var hasCage = false
  /// Whether a soft shadow lies on the ground under it.
  public var hasShadow = false

  /// A style of two sides with two colours each; all else as the properties say.
  public init(frontBase: Color, frontTip: Color, backBase: Color, backTip: Color) {
    self.frontBase = frontBase
    self.frontTip = frontTip
    self.backBase = backBase
    self.backTip = backTip
  }

  /// A petal: pale yellow at the base, rose towards the tip, duller underneath.
  public static let petal = SurfaceStyle(
    frontBase: Color(0xFB_EC_B8), frontTip: Color(0xEE_7F_9E), backBase: Color(0xEA_DD_AC),
    backTip: Color(0xDB_86_9C))

  /// The same petal with thin lines along its mesh.
  public static let meshedPetal: SurfaceStyle = {
    var style = petal
    style.meshWidth = 0.4
    return style
  }()
}

/// Light on a surface: a warm one from the upper left, a cool one from the right, some from
/// everywhere, and some that shines through from behind.
struct Lighting {
  private let key, fill, eye: SIMD3<Double>

  init(_ camera: Camera) {
    let (right, up, eye) = camera.axes
    key = (-0.55 * right + 0.65 * up + 0.55 * eye).normalized
    fill = (0.8 * right - 0.15 * up + 0.5 * eye).normalized
    self.eye = eye
  }

  private static let keyColor = SIMD3(1.0, 0.965, 0.90)
  private static let fillColor = SIMD3(0.80, 0.88, 1.0)
  private static let ambientColor = SIMD3(1.0, 0.93, 0.95)
  private static let throughColor = SIMD3(1.0, 0.80, 0.72)

  /// A colour under the light.
  ///
  /// - Parameters:
  ///   - color: Opaque.
  ///   - normal: Of length 1, on the side that is seen.
  ///   - direction: Towards the eye, of length 1.
  /// - Returns: What is seen, cut to the colours there are.
  func lit(_ color: Color, normal: SIMD3<Double>, toward direction: SIMD3<Double>) -> Color {
    // Light wraps round, as it does in leaves: nothing facing away a little is black.
    let wrapped = max(0, (dot(normal, key) + 0.35) / 1.35)
    let side = max(0, (dot(normal, fill) + 0.2) / 1.2)
    let through = max(0, -dot(normal, key))
    let light =
      0.40 * Self.ambientColor + 0.62 * wrapped * wrapped * Self.keyColor
      + 0.18 * side * Self.fillColor + 0.22 * through * Self.throughColor
    // A soft sheen, about half-way between light and eye.
    let sheen = max(0, dot(normal, (key + direction).normalized))
    let glow = 0.05 * sheen * sheen * sheen * sheen * sheen * sheen
    let linear = Self.linear(color) * light + glow
    return Self.color(linear)
  }

  private static func linear(_ color: Color) -> SIMD3<Double> {
    let encoded = color.components / 255
    return SIMD3(decode(encoded.x), decode(encoded.y), decode(encoded.z))
  }

  private static func color(_ linear: SIMD3<Double>) -> Color {
    Color(SIMD4(encode(linear.x), encode(linear.y), encode(linear.z), 1) * 255)
  }
}
