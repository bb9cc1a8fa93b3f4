/// Writes animated PNG files: what shows pictures one after another in browsers and viewers, and the
/// first of them where a program knows no animation.
///
/// Source: Portable Network Graphics, third edition (W3C 2025), sections 4.9 and 11.3.5.
public enum AnimatedPNG {
  /// The bytes of an animation that goes round for ever.
  ///
  /// - Parameters:
  ///   - frames: At least one, all of one shape.
  ///   - milliseconds: How long each is shown, 1 to 65535; as many as frames.
  ///   - texts: As in ``PNG/encode(_:texts:)``.
  /// - Returns: A PNG of which each frame is a PNG's pixels.
  public static func encode(
    _ frames: [Picture], milliseconds: [Int], texts: [PNGText] = []
  ) -> [UInt8] {
    precondition(
      !frames.isEmpty && frames.allSatisfy { $0.shape == frames[0].shape }
        && milliseconds.count == frames.count
        && milliseconds.allSatisfy((1...65535).contains),
      "AnimatedPNG: \(frames.count) frames, \(milliseconds.count) times")
    // One sequence numbers the headers of frames and the data of all but the first alike.
    var sequence: UInt32 = 0
    func next() -> [UInt8] {
      defer { sequence += 1 }
      return sequence.bigEndianBytes
    }
    var result: [UInt8] = []
    for (index, frame) in frames.enumerated() {
      let still = PNG.encode(frame)
      let control = PNG.chunk("fcTL", next() + control(frame, milliseconds[index]))
      let (before, data) = parts(of: still)
      if index == 0 {
        let count = UInt32(frames.count).bigEndianBytes
        result = before + PNG.chunk("acTL", count + UInt32(0).bigEndianBytes) + control
        result += data.flatMap { PNG.chunk("IDAT", $0) }
      } else {
        result += control + data.flatMap { PNG.chunk("fdAT", next() + $0) }
      }
    }
    return PNG.inserting(texts, into: result + PNG.chunk("IEND", []))
  }

  /// What comes before a picture's pixels, signature included, and the content of each chunk of them.
  private static func parts(of still: [UInt8]) -> (before: [UInt8], data: [[UInt8]]) {
    guard let chunks = try? PNG.chunks(in: still, file: "a frame") else {
      preconditionFailure("AnimatedPNG: libpng wrote what is no PNG")
    }
    let data = chunks.filter { $0.type == "IDAT" }
    // A chunk begins with its length, before what is checked.
    return (
      Array(still[..<(data[0].checked.lowerBound - 4)]), data.map { Array(still[$0.content]) }
    )
  }

  /// Size, place, time; each frame replaces the one before.
  private static func control(_ frame: Picture, _ milliseconds: Int) -> [UInt8] {
    let numbers = [UInt32(frame.width), UInt32(frame.height), 0, 0]
    return numbers.flatMap(\.bigEndianBytes) + UInt16(milliseconds).bigEndianBytes
      + UInt16(1000).bigEndianBytes + [0, 0]
  }
}
