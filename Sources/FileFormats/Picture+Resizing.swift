extension Picture {
  /// The name of ``resized(height:width:)`` in protocol strings and recipes.
  public static let resizeName = "triangle-antialiased"

  /// Resizes with the antialiased triangle (bilinear) filter.
  ///
  /// Every output pixel is the weighted mean of the input under a triangle one output pixel wide on
  /// each side of its centre (one input pixel when enlarging), first along rows, then along
  /// columns, in float32 on the sRGB values, rounded once at the end. This is what Pillow calls
  /// `BILINEAR`, to within its own rounding. Alpha weighs its pixel's colour, so invisible colours
  /// do not bleed.
  ///
  /// - Precondition: both sizes are positive.
  /// - SeeAlso: Parmar, Zhang and Zhu 2022, "On aliased resizing", arXiv:2104.11222.
  public func resized(height newHeight: Int, width newWidth: Int) -> Picture {
    precondition(newHeight > 0 && newWidth > 0, "Picture.resized: to \(newHeight)×\(newWidth)")
    if newHeight == height && newWidth == width { return self }
    let across = Self.resample(
      premultiplied, outer: height, length: width, inner: channels, to: newWidth)
    let down = Self.resample(
      across, outer: 1, length: height, inner: newWidth * channels, to: newHeight)
    return Picture(
      height: newHeight, width: newWidth, channels: channels, pixels: rounded(down))
  }

  /// Resizes so that the shorter side fits, keeping the proportions, and crops the middle.
  public func fitted(height newHeight: Int, width newWidth: Int) -> Picture {
    let scale = max(Double(newHeight) / Double(height), Double(newWidth) / Double(width))
    return resized(
      height: max(newHeight, Int((Double(height) * scale).rounded())),
      width: max(newWidth, Int((Double(width) * scale).rounded()))
    ).centerCropped(height: newHeight, width: newWidth)
  }

  private var premultiplied: [Float] {
    var values = pixels.map(Float.init)
    guard channels == 4 else { return values }
    for start in stride(from: 0, to: values.count, by: 4) {
      let alpha = values[start + 3] / 255
      for channel in start..<start + 3 { values[channel] *= alpha }
    }
    return values
  }

  private func rounded(_ values: [Float]) -> [UInt8] {
    func byte(_ value: Float) -> UInt8 { UInt8(min(255, max(0, value)).rounded()) }
    guard channels == 4 else { return values.map(byte) }
    var result = [UInt8](repeating: 0, count: values.count)
    for start in stride(from: 0, to: values.count, by: 4) where values[start + 3] > 0 {
      for channel in start..<start + 3 {
        result[channel] = byte(values[channel] * 255 / values[start + 3])
      }
      result[start + 3] = byte(values[start + 3])
    }
    return result
  }

  /// Filters the middle axis of [outer, length, inner] to a new length.
  private static func resample(
    _ values: [Float], outer: Int, length: Int, inner: Int, to newLength: Int
  ) -> [Float] {
    if length == newLength { return values }
    let filter = TriangleFilter(from: length, to: newLength)
    return [Float](unsafeUninitializedCapacity: outer * newLength * inner) { result, filled in
      values.withUnsafeBufferPointer { values in
        for block in 0..<outer {
          for position in 0..<newLength {
            let row = (block * newLength + position) * inner
            for channel in 0..<inner { result[row + channel] = 0 }
            for (index, weight) in filter.taps(position) {
              let source = (block * length + index) * inner
              for channel in 0..<inner {
                result[row + channel] += weight * values[source + channel]
              }
            }
          }
        }
      }
      filled = outer * newLength * inner
    }
  }
}

/// The weights of every output position; they add up to one.
private struct TriangleFilter {
  private let starts: [Int]
  private let weights: [[Float]]

  init(from length: Int, to newLength: Int) {
    let scale = Double(length) / Double(newLength)
    let radius = max(scale, 1)
    var starts: [Int] = []
    var weights: [[Float]] = []
    for position in 0..<newLength {
      let center = (Double(position) + 0.5) * scale
      let first = max(0, Int((center - radius + 0.5).rounded(.down)))
      let end = min(length, Int((center + radius + 0.5).rounded(.down)))
      let raw = (first..<end).map { max(0, 1 - abs(Double($0) + 0.5 - center) / radius) }
      let sum = raw.reduce(0, +)
      starts.append(first)
      weights.append(raw.map { Float($0 / sum) })
    }
    self.starts = starts
    self.weights = weights
  }

  func taps(_ position: Int) -> some Sequence<(Int, Float)> {
    zip(starts[position]..., weights[position])
  }
}
