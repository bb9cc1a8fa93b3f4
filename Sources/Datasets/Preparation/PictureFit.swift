import FileFormats

/// How a picture of any size becomes pictures of one size.
public enum PictureFit: String, CaseIterable, Sendable {
  /// The largest rectangle of the right proportions in the middle, resized.
  case crop
  /// The whole picture, resized, in the middle of the background.
  case pad
  /// As many pictures as fit beside and below one another, cut out without resizing, their block in
  /// the middle; of a picture smaller than one tile, its crop.
  case tiles

  /// How much larger than its own pixels a picture is shown; below 1 it is made smaller.
  func enlargement(of shape: PictureShape, height: Int, width: Int) -> Double {
    let (down, across) = (
      Double(height) / Double(shape.height), Double(width) / Double(shape.width)
    )
    switch self {
    case .crop: return max(down, across)
    case .pad: return min(down, across)
    case .tiles: return max(1, down, across)
    }
  }

  /// Rows and columns of tiles; nil where a picture becomes one picture.
  func tiling(of shape: PictureShape, height: Int, width: Int) -> (rows: Int, columns: Int)? {
    guard self == .tiles else { return nil }
    return (max(1, shape.height / height), max(1, shape.width / width))
  }

  /// The pictures that come of one; tiles row by row.
  ///
  /// - Precondition: the picture has no alpha.
  func apply(_ picture: Picture, height: Int, width: Int, background: Color) -> [Picture] {
    switch self {
    case .crop: return [picture.middle(height: height, width: width)]
    case .pad:
      let scale = enlargement(of: picture.shape, height: height, width: width)
      let inner = picture.resized(
        height: min(height, max(1, Int((Double(picture.height) * scale).rounded()))),
        width: min(width, max(1, Int((Double(picture.width) * scale).rounded()))))
      return [inner.padded(height: height, width: width, background: background)]
    case .tiles:
      guard picture.height >= height && picture.width >= width else {
        return [picture.middle(height: height, width: width)]
      }
      let (rows, columns) = tiling(of: picture.shape, height: height, width: width)!
      let block = picture.centerCropped(height: rows * height, width: columns * width)
      return (0..<rows * columns).map {
        block.cropped(
          top: $0 / columns * height, left: $0 % columns * width, height: height, width: width)
      }
    }
  }
}

extension Picture {
  /// The largest rectangle of these proportions in the middle, brought to this size.
  ///
  /// It is cut out before it is resized, so that a long narrow picture takes no more memory than
  /// another; its sides are whole pixels, so proportions change by less than a pixel's worth.
  fileprivate func middle(height newHeight: Int, width newWidth: Int) -> Picture {
    let (tall, wide) = (
      Double(width) * Double(newHeight) / Double(newWidth),
      Double(height) * Double(newWidth) / Double(newHeight)
    )
    return centerCropped(
      height: max(1, min(height, Int(tall.rounded()))),
      width: max(1, min(width, Int(wide.rounded())))
    ).resized(height: newHeight, width: newWidth)
  }

  /// The largest of the channels' standard deviations, in levels of 255.
  var deviation: Double {
    (0..<channels).map { channel in
      var (sum, squares) = (0, 0)
      for place in stride(from: channel, to: pixels.count, by: channels) {
        let value = Int(pixels[place])
        sum += value
        squares += value * value
      }
      // Whole numbers until here: the same in any order.
      let count = Double(height * width)
      let mean = Double(sum) / count
      return max(0, Double(squares) / count - mean * mean).squareRoot()
    }.max()!
  }
}
