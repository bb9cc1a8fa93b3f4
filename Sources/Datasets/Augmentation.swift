import FileFormats
import Tensors

/// Changes made to pictures in training, decided by (seed, epoch, index) alone.
public struct Augmentation: Hashable, Sendable {
  /// Exchanges left and right of every second picture.
  public var mirrors: Bool
  /// Moves pictures by up to this many pixels in each direction; the edge is repeated where they
  /// left.
  public var maximumShift: Int
  /// How much pictures are turned, zoomed, sheared, bent and changed in contrast, 0 to 1.
  ///
  /// What a generator learns of it, it makes: of few pictures, this widens what it can make.
  public var warp: Float

  /// Changes nothing.
  public static let none = Augmentation()

  /// Changes nothing unless told to.
  public init(mirrors: Bool = false, maximumShift: Int = 0, warp: Float = 0) {
    precondition(maximumShift >= 0, "Augmentation: a shift of at most \(maximumShift)")
    precondition((0...1).contains(warp), "Augmentation: a warp of \(warp)")
    self.warp = warp
    self.mirrors = mirrors
    self.maximumShift = maximumShift
  }

  /// The picture as it is shown in this epoch.
  public func apply(to picture: Picture, seed: UInt64, epoch: Int, index: Int) -> Picture {
    if self == .none { return picture }
    let philox = Philox(seed: seed)
    func word(_ word: Int) -> UInt32 {
      philox.word(
        word, example: index, step: UInt32(truncatingIfNeeded: epoch),
        stream: RandomStream.augmentation)
    }
    func draw(_ place: Int, below count: Int) -> Int {
      Int(word(place).multipliedFullWidth(by: UInt32(count)).high)
    }
    let isMirrored = mirrors && draw(0, below: 2) == 1
    let picture = isMirrored ? picture.mirrored : picture
    let down = draw(1, below: 2 * maximumShift + 1) - maximumShift
    let right = draw(2, below: 2 * maximumShift + 1) - maximumShift
    let shifted = picture.shifted(down: down, right: right)
    guard warp > 0 else { return shifted }
    let change = PictureWarp(amount: Double(warp)) { Double(word(3 + $0)) / 0x8000_0000 - 1 }
    return change.applied(to: shifted)
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
