import FileFormats

/// Pixels that are being painted on: premultiplied sRGB values and alpha, 0…1.
///
/// Floats, so that many translucent layers do not add up roundings.
struct Canvas {
  static let maximumSide = 16_384
  /// 512 MiB of canvas.
  static let maximumPixels = 1 << 25

  let width: Int
  let height: Int
  var pixels: [SIMD4<Float>]

  /// A canvas of one colour.
  init(width: Int, height: Int, color: Color) {
    self.width = width
    self.height = height
    pixels = Array(repeating: Self.premultiplied(color), count: width * height)
  }

  static func premultiplied(_ color: Color) -> SIMD4<Float> {
    var value = SIMD4<Float>(color.components) / 255
    let alpha = value.w
    value *= alpha
    value.w = alpha
    return value
  }

  /// The painted picture: three channels where all of it is opaque, else four.
  var picture: Picture {
    let isOpaque = pixels.allSatisfy { $0.w > 1 - 0.5 / 255 }
    let channels = isOpaque ? 3 : 4
    let bytes = [UInt8](unsafeUninitializedCapacity: pixels.count * channels) { bytes, filled in
      for (index, pixel) in pixels.enumerated() {
        var value = pixel.w > 0 ? pixel / pixel.w : pixel
        value.w = pixel.w
        let rounded = (value * 255).rounded(.toNearestOrAwayFromZero)
          .clamped(lowerBound: .zero, upperBound: SIMD4(repeating: 255))
        for channel in 0..<channels { bytes[index * channels + channel] = UInt8(rounded[channel]) }
      }
      filled = pixels.count * channels
    }
    return Picture(height: height, width: width, channels: channels, pixels: bytes)
  }
}
