import Foundation

/// The order in which people number files: `frame2` before `frame10`.
public enum NaturalOrder {
  /// Whether one name goes before the other.
  ///
  /// Runs of ASCII digits are compared by their value, all else by its UTF-8 bytes; names that are
  /// equal so far (`frame2`, `frame02`) by their bytes. A strict total order, the same in every
  /// locale.
  public static func precedes(_ first: String, _ second: String) -> Bool {
    var rest = (first: Array(first.utf8)[...], second: Array(second.utf8)[...])
    while let a = rest.first.first, let b = rest.second.first {
      if isDigit(a), isDigit(b) {
        let digits = (number(&rest.first), number(&rest.second))
        if digits.0.count != digits.1.count { return digits.0.count < digits.1.count }
        if digits.0 != digits.1 { return digits.0.lexicographicallyPrecedes(digits.1) }
      } else if a != b {
        return a < b
      } else {
        rest.first.removeFirst()
        rest.second.removeFirst()
      }
    }
    if rest.first.isEmpty != rest.second.isEmpty { return rest.first.isEmpty }
    return first.utf8.lexicographicallyPrecedes(second.utf8)
  }

  /// The paths of a folder's files that have one of these extensions (whatever their case), in
  /// order; hidden files and those in sub-folders are left out.
  ///
  /// - Throws: An ``FileFormatError/Kind/inputOutput`` error for a folder that cannot be listed.
  public static func files(
    in folder: String, extensions: [String]
  ) throws(FileFormatError) -> [String] {
    guard let handle = opendir(folder) else {
      throw .system(folder, could: "list the folder", code: errno)
    }
    closedir(handle)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let chosen = names.filter { name in
      !name.hasPrefix(".")
        && extensions.contains { name.lowercased().hasSuffix("." + $0.lowercased()) }
    }
    return chosen.sorted(by: precedes).map {
      folder.hasSuffix("/") ? folder + $0 : "\(folder)/\($0)"
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// Takes the digits off the start; without the zeros before them.
  private static func number(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = bytes.prefix(while: isDigit)
    bytes = bytes[digits.endIndex...]
    return digits.drop { $0 == 0x30 }
  }
}
