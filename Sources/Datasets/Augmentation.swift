import FileFormats
import Tensors

/// Changes made to pictures in training, decided by (seed, epoch, index) alone.
public struct Augmentation: Hashable, Sendable {
  /// Exchanges left and right of every second picture.
  public var mirrors: Bool
  /// Moves pictures by up to this many pixels in each direction; the edge is repeated where they
  /// left.
  public var maximumShift: Int

  /// Changes nothing.
  public static let none = Augmentation()

  /// Changes nothing unless told to.
  public init(mirrors: Bool = false, maximumShift: Int = 0) {
    precondition(maximumShift >= 0, "Augmentation: a shift of at most \(maximumShift)")
    self.mirrors = mirrors
    self.maximumShift = maximumShift
  }

  /// The picture as it is shown in this epoch.
  public func apply(to picture: Picture, seed: UInt64, epoch: Int, index: Int) -> Picture {
    if self == .none { return picture }
    let philox = Philox(seed: seed)
    func draw(_ word: Int, below count: Int) -> Int {
      let word = philox.word(
        word, example: index, step: UInt32(truncatingIfNeeded: epoch),
        stream: RandomStream.augmentation)
      return Int(word.multipliedFullWidth(by: UInt32(count)).high)
    }
    let isMirrored = mirrors && draw(0, below: 2) == 1
    let picture = isMirrored ? picture.mirrored : picture
    let down = draw(1, below: 2 * maximumShift + 1) - maximumShift
    let right = draw(2, below: 2 * maximumShift + 1) - maximumShift
    return picture.shifted(down: down, right: right)
  }
}

extension Picture {
  /// Moved by whole pixels; the nearest edge pixel fills what is left behind.
  func shifted(down: Int, right: Int) -> Picture {
    if down == 0 && right == 0 { return self }
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count)
    for row in 0..<height {
      let source = min(height - 1, max(0, row - down)) * width
      for column in 0..<width {
        let start = (source + min(width - 1, max(0, column - right))) * channels
        result += pixels[start..<start + channels]
      }
    }
    return Picture(shape, pixels: result)
  }
}
