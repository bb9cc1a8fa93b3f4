import Foundation

/// Where fonts are looked for: the file that `ATELIER_FONT` names, which then serves both weights,
/// else the first of a short list that is there.
struct FontPlaces {
  /// A family's files.
  struct Family: Hashable {
    let regular, bold: String
  }

  /// What `ATELIER_FONT` names.
  var chosen: String?
  /// In order of preference.
  var families: [Family]

  /// The places on this machine.
  static var standard: FontPlaces {
    let chosen = ProcessInfo.processInfo.environment["ATELIER_FONT"]
    return FontPlaces(chosen: chosen?.isEmpty ?? true ? nil : chosen, families: common)
  }

  /// DejaVu Sans, which the figures are laid out for, where Debian, Fedora and Arch have it; then
  /// other sans-serif fonts that are common.
  static let common = [
    family("/usr/share/fonts/truetype/dejavu", "DejaVuSans", "DejaVuSans-Bold"),
    family("/usr/share/fonts/dejavu-sans-fonts", "DejaVuSans", "DejaVuSans-Bold"),
    family("/usr/share/fonts/TTF", "DejaVuSans", "DejaVuSans-Bold"),
    family("/usr/share/fonts/truetype/noto", "NotoSans-Regular", "NotoSans-Bold"),
    family(
      "/usr/share/fonts/truetype/liberation", "LiberationSans-Regular", "LiberationSans-Bold"),
    family("/usr/share/fonts/truetype/freefont", "FreeSans", "FreeSansBold"),
    family("/System/Library/Fonts/Supplemental", "Verdana", "Verdana Bold"),
  ]

  private static func family(_ folder: String, _ regular: String, _ bold: String) -> Family {
    Family(regular: "\(folder)/\(regular).ttf", bold: "\(folder)/\(bold).ttf")
  }

  /// The file for a weight; a family without bold letters gives its regular ones.
  func file(_ weight: Text.Weight) throws(DrawingError) -> String {
    if let chosen { return chosen }
    let files = FileManager.default
    for family in families where files.isReadableFile(atPath: family.regular) {
      let hasBold = weight == .bold && files.isReadableFile(atPath: family.bold)
      return hasBold ? family.bold : family.regular
    }
    throw .noFont(places: families.map(\.regular))
  }
}
