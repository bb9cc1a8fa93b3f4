import FileFormats
import Tensors

/// A small change that leaves a picture one of its kind.
///
/// It is turned, zoomed, sheared, bent, made lighter or darker, by sums, products and quotients alone,
/// so that every machine changes alike.
struct PictureWarp {
  private let patch: BezierPatch
  /// Rows of a matrix from places of the result to places of the picture, both from the middle.
  private let down, across: SIMD2<Double>
  /// Of both sides.
  private let shift: SIMD2<Double>
  private let reach: Double
  private let contrast: Double

  /// Turned by up to `amount` · 9°, moved by `amount` · 6 % of a side, each side zoomed by
  /// `amount` · 16 % either way, sheared by `amount` · .12, bent by up to `amount` · 7 % of a side, its
  /// distance from the colour of the border made up to `amount` · 25 % larger or smaller.
  ///
  /// `draw` gives numbers of −1…1 by their places from 0 on.
  init(amount: Double, drawing draw: (Int) -> Double) {
    // The tangent of half the angle.
    let turn = 0.08 * amount * draw(0)
    let cosine = (1 - turn * turn) / (1 + turn * turn)
    let sine = 2 * turn / (1 + turn * turn)
    let (tall, wide) = (1 + 0.16 * amount * draw(1), 1 + 0.16 * amount * draw(2))
    let shear = 0.12 * amount * draw(3)
    down = SIMD2(-sine, cosine) * tall
    across = SIMD2(cosine, sine + shear) * wide
    shift = 0.06 * amount * SIMD2(draw(4), draw(5))
    contrast = 1 + 0.25 * amount * draw(6)
    reach = 0.07 * amount
    patch = BezierPatch { draw(7 + $0) }
  }

  /// The picture changed; between pixels there are mixtures of four, and the edge is repeated.
  func applied(to picture: Picture) -> Picture {
    let (height, width, channels) = (picture.height, picture.width, picture.channels)
    let border = picture.meanOfBorder
    var pixels: [UInt8] = []
    pixels.reserveCapacity(picture.pixels.count)
    let size = SIMD2(Double(width), Double(height))
    for row in 0..<height {
      for column in 0..<width {
        let place = (SIMD2(Double(column), Double(row)) + 0.5) / size
        let from = source(of: place, aspect: size.y / size.x) * size - 0.5
        for channel in 0..<channels {
          // Transparency is no colour.
          let isColor = channels != 4 || channel < 3
          let value = picture.between(from, channel)
          let changed = isColor ? border[channel] + (value - border[channel]) * contrast : value
          pixels.append(UInt8(min(max(changed + 0.5, 0), 255)))
        }
      }
    }
    return Picture(picture.shape, pixels: pixels)
  }

  /// Where in the picture a place of the result comes from, both 0…1.
  private func source(of place: SIMD2<Double>, aspect: Double) -> SIMD2<Double> {
    let (middle, bend) = (SIMD2(0.5, 0.5), patch.displacement(at: place))
    // Both in parts of the width, so that a turn is one in pictures that are no squares.
    let point = (place - middle) * SIMD2(1, aspect)
    let turned = SIMD2((across * point).sum(), (down * point).sum() / aspect)
    return turned + middle + shift + reach * bend
  }
}

extension Picture {
  /// The mean of the outermost pixels, by channel.
  fileprivate var meanOfBorder: [Double] {
    var (sums, count) = ([Double](repeating: 0, count: channels), 0.0)
    for row in 0..<height {
      let isEdge = row == 0 || row == height - 1
      for column in stride(from: 0, to: width, by: isEdge ? 1 : max(width - 1, 1)) {
        count += 1
        for channel in 0..<channels {
          sums[channel] += Double(pixels[(row * width + column) * channels + channel])
        }
      }
    }
    return sums.map { $0 / count }
  }

  /// A channel between four pixels.
  fileprivate func between(_ place: SIMD2<Double>, _ channel: Int) -> Double {
    let x = min(max(place.x, 0), Double(width - 1))
    let y = min(max(place.y, 0), Double(height - 1))
    let (left, top) = (Int(x), Int(y))
    let (right, bottom) = (min(left + 1, width - 1), min(top + 1, height - 1))
    func pixel(_ row: Int, _ column: Int) -> Double {
      Double(pixels[(row * width + column) * channels + channel])
    }
    let (share, lower) = (x - Double(left), y - Double(top))
    let above = pixel(top, left) * (1 - share) + pixel(top, right) * share
    let below = pixel(bottom, left) * (1 - share) + pixel(bottom, right) * share
    return above * (1 - lower) + below * lower
  }
}
