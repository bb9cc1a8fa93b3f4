/// Height, width and channels of a picture.
public struct PictureShape: Hashable, Sendable, CustomStringConvertible {
  /// Pixels from top to bottom.
  public let height: Int
  /// Pixels from left to right.
  public let width: Int
  /// 1 is grey, 3 is RGB, 4 is RGB with alpha.
  public let channels: Int

  /// A shape from its parts.
  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Values in a picture of this shape.
  public var count: Int { height * width * channels }

  /// Whether pictures of this shape are read and written: positive, at most
  /// ``Picture/maximumSide`` pixels a side and ``Picture/maximumBytes`` in all.
  public var isWithinLimits: Bool {
    let sides = 1...Picture.maximumSide
    return sides.contains(height) && sides.contains(width) && (1...4).contains(channels)
      && count <= Picture.maximumBytes
  }

  /// "28×28×1", height first.
  public var description: String { "\(height)×\(width)×\(channels)" }
}

/// A picture of 8-bit pixels in sRGB: rows from the top down, channels together (HWC).
public struct Picture: Hashable, Sendable {
  /// Pixels from top to bottom.
  public let height: Int
  /// Pixels from left to right.
  public let width: Int
  /// 1 is grey, 3 is RGB, 4 is RGB with straight (not premultiplied) alpha.
  public let channels: Int
  /// `height * width * channels` values, 0…255.
  public let pixels: [UInt8]

  /// Most pixels on a side that any reader accepts.
  public static let maximumSide = 32_768
  /// Most bytes of pixels that any reader accepts (256 MiB).
  public static let maximumBytes = 1 << 28
  /// The same two limits, as errors say them.
  package static let limits = "\(maximumSide) pixels a side and \(maximumBytes >> 20) MiB of pixels"

  /// Wraps pixels that are already in order.
  ///
  /// - Precondition: sides are positive, `channels` is 1, 3 or 4, and `pixels` has their product.
  public init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
    precondition(
      height > 0 && width > 0 && [1, 3, 4].contains(channels),
      "Picture: [\(height), \(width), \(channels)] is not [height, width, 1, 3 or 4]")
    precondition(
      pixels.count == height * width * channels,
      "Picture: [\(height), \(width), \(channels)] needs \(height * width * channels) values, "
        + "got \(pixels.count)")
    self.height = height
    self.width = width
    self.channels = channels
    self.pixels = pixels
  }

  /// Wraps pixels that are already in order.
  public init(_ shape: PictureShape, pixels: [UInt8]) {
    self.init(
      height: shape.height, width: shape.width, channels: shape.channels, pixels: pixels)
  }

  /// Height, width and channels.
  public var shape: PictureShape {
    PictureShape(height: height, width: width, channels: channels)
  }

  /// A picture of one colour.
  public init(height: Int, width: Int, channels: Int, filledWith color: Color) {
    let pixel = color.components(channels)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(height * width * channels)
    for _ in 0..<height * width { pixels += pixel }
    self.init(height: height, width: width, channels: channels, pixels: pixels)
  }

  /// Reads a PNG or JPEG, whichever the bytes are; the name's extension is not looked at.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - file: The name that errors carry.
  /// - Throws: For any other format, damage, or a size beyond the limits.
  public init(decoding bytes: [UInt8], file: String) throws(FileFormatError) {
    let type = ContentType(sniffing: Array(bytes.prefix(16)))
    switch type {
    case .png: self = try PNG.decode(bytes, file: file)
    case .jpeg: self = try JPEG.decode(bytes, file: file)
    default: throw .wrongFormat(file, expected: "a PNG or JPEG picture", found: type)
    }
  }

  /// The shape that ``init(decoding:file:)`` would give, from the header alone.
  public static func shape(
    of bytes: [UInt8], file: String
  ) throws(FileFormatError) -> PictureShape {
    let type = ContentType(sniffing: Array(bytes.prefix(16)))
    switch type {
    case .png: return try PNG.shape(of: bytes, file: file)
    case .jpeg: return try JPEG.shape(of: bytes, file: file)
    default: throw .wrongFormat(file, expected: "a PNG or JPEG picture", found: type)
    }
  }

  /// Reads a PNG or JPEG file; files beyond ``maximumBytes`` are refused unread.
  public init(path: String) throws(FileFormatError) {
    let bytes = try ByteSource(path: path).readAll(limit: Self.maximumBytes)
    try self.init(decoding: bytes, file: path)
  }

  /// Refuses sizes that lie or would not fit, before anything is allocated.
  package static func checkedShape(
    height: Int, width: Int, channels: Int, file: String
  ) throws(FileFormatError) -> PictureShape {
    let shape = PictureShape(height: height, width: width, channels: channels)
    guard shape.isWithinLimits else {
      throw .tooLarge(
        file, part: "a picture", limit: limits, found: "\(width)×\(height)×\(channels)")
    }
    return shape
  }

  /// The rectangle whose top left pixel is (`top`, `left`).
  ///
  /// - Precondition: the rectangle lies within the picture.
  public func cropped(top: Int, left: Int, height: Int, width: Int) -> Picture {
    precondition(
      top >= 0 && left >= 0 && height > 0 && width > 0 && top <= self.height - height
        && left <= self.width - width,
      "Picture.cropped: \(height)×\(width) at (\(top), \(left)) leaves \(self.height)×\(self.width)"
    )
    var result: [UInt8] = []
    result.reserveCapacity(height * width * channels)
    for row in top..<top + height {
      let start = (row * self.width + left) * channels
      result += pixels[start..<start + width * channels]
    }
    return Picture(height: height, width: width, channels: channels, pixels: result)
  }

  /// The largest rectangle of the given shape in the middle; odd remainders go right and down.
  public func centerCropped(height: Int, width: Int) -> Picture {
    cropped(
      top: (self.height - height) / 2, left: (self.width - width) / 2, height: height, width: width)
  }

  /// The picture in the middle of a larger one of a single colour (of grey pictures its grey);
  /// where the room round it is odd, the lower and right side get the larger part.
  ///
  /// - Precondition: the larger one is no smaller, and the picture has no alpha.
  public func padded(height: Int, width: Int, background: Color) -> Picture {
    precondition(
      height >= self.height && width >= self.width && channels != 4,
      "Picture.padded: \(shape) to \(height)×\(width)")
    var result = Picture(
      height: height, width: width, channels: channels, filledWith: background
    ).pixels
    let (top, left) = ((height - self.height) / 2, (width - self.width) / 2)
    let rowBytes = self.width * channels
    for row in 0..<self.height {
      let start = ((top + row) * width + left) * channels
      result.replaceSubrange(
        start..<start + rowBytes, with: pixels[row * rowBytes..<(row + 1) * rowBytes])
    }
    return Picture(height: height, width: width, channels: channels, pixels: result)
  }

  /// Left and right exchanged.
  public var mirrored: Picture {
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count)
    for row in 0..<height {
      for column in (0..<width).reversed() {
        let start = (row * width + column) * channels
        result += pixels[start..<start + channels]
      }
    }
    return Picture(height: height, width: width, channels: channels, pixels: result)
  }
}
