import FileFormats
import Foundation

@testable import Datasets

/// The fonts of Debian's fonts-dejavu-core, which the tests need.
enum DejaVu {
  static let folder = "/usr/share/fonts/truetype/dejavu"
  static let sans = "DejaVuSans.ttf"
  static let bold = "DejaVuSans-Bold.ttf"
  static let serif = "DejaVuSerif.ttf"
  static let mono = "DejaVuSansMono.ttf"

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
  }
}

/// Bytes of a TrueType font, to be changed in places.
struct TrueTypeFile {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The big-endian number of `size` bytes at a place.
  func number(_ place: Int, _ size: Int) -> Int {
    bytes[place..<place + size].reduce(0) { $0 << 8 | Int($1) }
  }

  mutating func set(_ place: Int, _ size: Int, to value: Int) {
    for index in 0..<size { bytes[place + index] = UInt8(value >> (8 * (size - 1 - index)) & 0xFF) }
  }

  /// Where a table starts.
  func table(_ tag: String) -> Int {
    let record = (0..<number(4, 2)).map { 12 + 16 * $0 }.first {
      Array(bytes[$0..<$0 + 4]) == Array(tag.utf8)
    }!
    return number(record + 8, 4)
  }

  /// Gives a glyph the outline of another, or none.
  ///
  /// DejaVu's `loca` has numbers of four bytes.
  mutating func redraw(_ glyph: Int, as other: Int?) {
    let loca = table("loca")
    let start = number(loca + 4 * (other ?? glyph), 4)
    let end = other.map { number(loca + 4 * ($0 + 1), 4) } ?? start
    set(loca + 4 * glyph, 4, to: start)
    set(loca + 4 * (glyph + 1), 4, to: end)
  }

  /// Spells a name differently wherever it stands; both have as many letters.
  mutating func rename(_ name: String, to other: String) {
    for encode in [{ Array($0.utf8) }, { $0.utf8.flatMap { [0, $0] } }] as [(String) -> [UInt8]] {
      let (from, to) = (encode(name), encode(other))
      let start = table("name")
      var place = start
      while place < min(bytes.count - from.count, start + 20_000) {
        if Array(bytes[place..<place + from.count]) == from {
          bytes.replaceSubrange(place..<place + from.count, with: to)
        }
        place += 1
      }
    }
  }
}

/// Opens glyphs of the fonts in a folder.
func glyphs(
  _ source: String, _ folder: String, size: (height: Int, width: Int)? = nil,
  background: Color = .black, seed: UInt64 = 0, variations: Int = 1, memoryLimit: Int? = nil
) throws(FileFormatError) -> Glyphs {
  let parts = source.split(separator: ":", maxSplits: 1)
  return try Glyphs(
    parts.count < 2 ? "" : String(parts[1]),
    labelling: parts[0] == "glyphs" ? .characters : .categories, source: source,
    DatasetOptions(
      size: size, background: background, generatedSeed: seed, fonts: folder,
      variations: variations),
    environment: [:], memoryLimit: memoryLimit ?? PictureFiles.memoryLimit, progress: { _, _ in })
}

/// The smallest rectangle round all that is not black.
func inkBox(_ picture: Picture) -> (rows: ClosedRange<Int>, columns: ClosedRange<Int>)? {
  let inked = picture.pixels.indices.filter { picture.pixels[$0] > 0 }.map { $0 / picture.channels }
  let (rows, columns) = (inked.map { $0 / picture.width }, inked.map { $0 % picture.width })
  guard let top = rows.min(), let left = columns.min() else { return nil }
  return (top...rows.max()!, left...columns.max()!)
}
