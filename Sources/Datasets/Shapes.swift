import FileFormats
import Tensors

/// Generated pictures of one shape each: circle, square, triangle, ring or cross, on a plain
/// ground.
///
/// Needs no files. Everything about an example (place, size, turn, colours) is drawn from (seed,
/// index), by additions, products, quotients and square roots alone, so that every machine draws
/// the same pixels. The index decides the class in turn.
public struct Shapes: Dataset {
  public let shape: PictureShape
  public let count: Int
  /// Decides all examples.
  public let seed: UInt64

  public var name: String { "shapes" }
  public var testRange: Range<Int> { 0..<0 }
  public var classNames: [String] { Kind.allCases.map(\.rawValue) }
  public var skipped: [FileFormatError] { [] }

  enum Kind: String, CaseIterable {
    case circle, square, triangle, ring, cross
  }

  /// A generated data set.
  ///
  /// - Parameters:
  ///   - count: Number of examples.
  ///   - shape: Any size; 1 channel gives light on dark, 3 give colours.
  ///   - seed: Decides all examples.
  public init(
    count: Int, shape: PictureShape = PictureShape(height: 32, width: 32, channels: 1),
    seed: UInt64 = 0
  ) {
    precondition(
      count > 0 && [1, 3].contains(shape.channels),
      "Shapes: \(count) examples of \(shape)")
    self.count = count
    self.shape = shape
    self.seed = seed
  }

  public func label(at index: Int) -> Int? { index % Kind.allCases.count }

  /// Pixels a side beyond which a smaller drawing of the same example is hashed.
  private static let largestHashedSide = 64

  /// The hash of the pixels, or of those of the example drawn with at most 64 pixels a side: what
  /// decides both is the same, and thousands of large drawings would take minutes.
  public func hash(at index: Int) -> UInt64 {
    let side = Self.largestHashedSide
    return ExampleHash.of(
      drawing(
        of: index,
        PictureShape(
          height: min(shape.height, side), width: min(shape.width, side), channels: shape.channels)
      ).pixels)
  }

  public func picture(at index: Int) -> Picture { drawing(of: index, shape) }

  private func drawing(of index: Int, _ shape: PictureShape) -> Picture {
    precondition((0..<count).contains(index), "Shapes: example \(index) of \(count)")
    let philox = Philox(seed: seed)
    func draw(_ word: Int) -> Float {
      philox.uniform(word, example: index, stream: RandomStream.data)
    }
    let side = Float(min(shape.height, shape.width))
    let radius = side * (0.2 + 0.2 * draw(0))
    let outline = Outline(
      kind: Kind.allCases[index % Kind.allCases.count],
      centerX: radius + draw(1) * (Float(shape.width) - 2 * radius),
      centerY: radius + draw(2) * (Float(shape.height) - 2 * radius), radius: radius,
      turn: draw(3) - 0.5)
    let ground = (0..<shape.channels).map { 0.25 * draw(4 + $0) }
    let ink = (0..<shape.channels).map { 0.5 + 0.5 * draw(8 + $0) }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(shape.count)
    for row in 0..<shape.height {
      for column in 0..<shape.width {
        let coverage = outline.coverage(x: Float(column) + 0.5, y: Float(row) + 0.5)
        for channel in 0..<shape.channels {
          let value = ground[channel] + coverage * (ink[channel] - ground[channel])
          pixels.append(UInt8((value * 255).rounded()))
        }
      }
    }
    return Picture(shape, pixels: pixels)
  }
}

/// A shape as a signed distance in pixels: below zero inside.
private struct Outline {
  let kind: Shapes.Kind
  let centerX, centerY, radius: Float
  private let cosine, sine: Float

  /// `turn` in −½…½ is the tangent of a quarter of the angle's range: a turn of ±53° without
  /// trigonometry.
  init(kind: Shapes.Kind, centerX: Float, centerY: Float, radius: Float, turn: Float) {
    self.kind = kind
    self.centerX = centerX
    self.centerY = centerY
    self.radius = radius
    cosine = (1 - turn * turn) / (1 + turn * turn)
    sine = 2 * turn / (1 + turn * turn)
  }

  /// How much of the pixel round (x, y) the shape covers, from the distance of its middle.
  func coverage(x: Float, y: Float) -> Float {
    let (dx, dy) = (x - centerX, y - centerY)
    let distance = distance(cosine * dx + sine * dy, cosine * dy - sine * dx)
    return min(1, max(0, 0.5 - distance))
  }

  private func distance(_ x: Float, _ y: Float) -> Float {
    let length = (x * x + y * y).squareRoot()
    switch kind {
    case .circle: return length - radius
    case .ring: return abs(length - 0.75 * radius) - 0.25 * radius
    case .square: return max(abs(x), abs(y)) - 0.7 * radius
    case .cross:
      let (long, short) = (0.9 * radius, 0.25 * radius)
      return min(max(abs(x) - long, abs(y) - short), max(abs(x) - short, abs(y) - long))
    case .triangle:
      // Equilateral with its corners on the circle: three half-planes at radius / 2; √3 / 2 =
      // 0.8660254.
      return max(y, abs(x) * 0.8660254 - y * 0.5) - 0.5 * radius
    }
  }
}
