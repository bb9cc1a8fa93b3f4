import Datasets
import FileFormats
import Tensors

/// Real pictures that were spoilt on purpose, to show what the metrics notice and what they miss.
public enum ControlPictures: String, Sendable, CaseIterable {
  /// Each pixel the mean of the 3×3 round it.
  case blurred
  /// Noise of a deviation of .1 of the range, added to every number.
  case noisy

  /// What each judge sees of such pictures: those of the part that is no reference.
  ///
  /// - Returns: As many as `options` ask for at most, and the first few to be shown.
  public func looks(
    _ judges: [Judge], _ real: [RealPictures], _ options: EvaluationOptions
  ) throws -> (made: [Impressions], shown: [Picture]) {
    let part = options.reference == .train ? real[0].split.heldOut : real[0].split.training
    let count = min(options.samples, part.count)
    let indices = Draws(seed: options.seed).choose(count, of: part.count).map { part[$0] }
    let pictures = try indices.map { spoilt(try real[0].dataset.picture(at: $0), $0) }
    return (
      try judges.map { judge in try judge.look(at: count) { Array(pictures[$0]) } },
      Array(pictures.prefix(64))
    )
  }

  private func spoilt(_ picture: Picture, _ example: Int) -> Picture {
    self == .blurred ? blurred(picture) : noisy(picture, example)
  }

  private func blurred(_ picture: Picture) -> Picture {
    let (height, width, channels) = (picture.height, picture.width, picture.channels)
    var pixels = picture.pixels
    for row in 0..<height {
      for column in 0..<width {
        for channel in 0..<channels {
          var (sum, count) = (0, 0)
          for y in max(row - 1, 0)...min(row + 1, height - 1) {
            for x in max(column - 1, 0)...min(column + 1, width - 1) {
              sum += Int(picture.pixels[(y * width + x) * channels + channel])
              count += 1
            }
          }
          pixels[(row * width + column) * channels + channel] = UInt8((sum + count / 2) / count)
        }
      }
    }
    return Picture(picture.shape, pixels: pixels)
  }

  private func noisy(_ picture: Picture, _ example: Int) -> Picture {
    let philox = Philox(seed: 1)
    let pixels = picture.pixels.enumerated().map { index, value in
      // The sum of four uniform numbers is nearly normal, with a variance of a third.
      let sum = (0..<4).reduce(Float(0)) {
        $0 + philox.uniform(4 * index + $1, example: example, stream: RandomStream.evaluation)
      }
      let noise = (sum - 2) * Float(3).squareRoot() * 0.1 * 255
      return UInt8(min(max(Float(value) + noise, 0), 255).rounded())
    }
    return Picture(picture.shape, pixels: pixels)
  }
}
