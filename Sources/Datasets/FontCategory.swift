import Drawing

/// What kind of letters a font has.
///
/// The first line that applies decides:
///
/// | what is looked at | category |
/// | --- | --- |
/// | a folder on the way to the file that is called `serif`, `sans`, … | that one |
/// | words for broken letters in the name (no table has a value for them) | blackletter |
/// | fixed pitch (`post`), or PANOSE's proportion "monospaced" | mono |
/// | words for writing by hand in the name, since many such fonts state a text face's numbers | script |
/// | OS/2's `sFamilyClass`: 1 to 5 and 7; 8; 10; 9 and 12 | serif; sans; script; other |
/// | PANOSE: Latin text with serifs, or without; hand; decorative or pictures | serif, sans; script; other |
/// | other well-known words and designs in the name: `Mono`, `Grotesk`, `Helvetica`, `Roman`, `Garamond`, … | their own |
/// | nothing | other |
public enum FontCategory: String, CaseIterable, Sendable {
  /// Text faces with serifs.
  case serif
  /// Faces without serifs.
  case sans
  /// Faces whose letters are all equally wide.
  case mono
  /// Written letters, joined or not.
  case script
  /// Broken letters: Textura, Fraktur and their relations.
  case blackletter
  /// Decorative faces, symbols, and what could not be told.
  case other

  /// The category of a face, whose file lies under folders of these names.
  init(_ face: FontFace, folders: some Collection<Substring>) {
    let words = Words(face.family)
    if let named = folders.lazy.compactMap({ FontCategory(rawValue: String($0)) }).last {
      self = named
    } else if words.haveOne(of: Self.blackletterWords, asPart: true) {
      self = .blackletter
    } else if face.isFixedPitch || Self.panose(face) == .mono {
      self = .mono
    } else if words.haveOne(of: Self.scriptWords) {
      self = .script
    } else {
      self =
        Self.familyClass(face) ?? Self.panose(face)
        ?? Self.words.first { words.haveOne(of: $0.words) }?.category ?? .other
    }
  }

  private static func familyClass(_ face: FontFace) -> FontCategory? {
    switch face.familyClass {
    case 1...5, 7: .serif
    case 8: .sans
    case 9, 12: .other
    case 10: .script
    default: nil
    }
  }

  /// Family kind, serif style and proportion are the first, second and fourth number.
  private static func panose(_ face: FontFace) -> FontCategory? {
    switch (face.panose[0], face.panose[1], face.panose[3]) {
    case (2, _, 9): .mono
    case (2, 2...10, _): .serif
    case (2, 11...15, _): .sans
    case (3, _, _): .script
    case (4, _, _), (5, _, _): .other
    default: nil
    }
  }

  private static let blackletterWords = [
    "blackletter", "fraktur", "textura", "schwabacher", "bastarda", "gotisch", "old english",
    "blankenburg", "gamaliel", "isabella",
  ]
  private static let scriptWords = [
    "script", "hand", "handwriting", "handwritten", "brush", "cursive", "calligraphy", "chancery",
    "chorus", "comic", "havana", "joscelyn", "kristi", "leckerli", "manners", "rufscript", "z003",
  ]
  private static let words: [(category: FontCategory, words: [String])] = [
    (.mono, ["mono", "monospace", "mononoki", "code", "typewriter", "courier", "terminal"]),
    (
      .sans,
      [
        "sans", "grotesk", "grotesque", "gothic", "adventor", "arial", "arimo", "cantarell",
        "carlito", "comfortaa", "futura", "helvetica", "heros", "inter", "jura", "karla", "lato",
        "manrope", "montserrat", "oxygen", "poppins", "quicksand", "raleway", "roboto", "ubuntu",
        "univers", "verdana",
      ]
    ),
    (
      .serif,
      [
        "serif", "slab", "roman", "antiqua", "baskerville", "bodoni", "bonum", "bookman", "caladea",
        "caslon", "century", "charter", "crimson", "didot", "fanwood", "garamond", "gentium",
        "georgia", "goudy", "libertine", "lora", "merriweather", "old standard", "pagella",
        "palatino", "playfair", "quattrocento", "romande", "schola", "stix", "termes", "times",
        "tinos", "utopia", "vollkorn",
      ]
    ),
  ]

  /// The words of a name such as `Nimbus Mono PS`, `FreeSans` or `Source-Code`.
  private struct Words {
    private let text: String

    init(_ name: String) {
      var text = " "
      var wasLower = false
      for letter in name {
        if letter.isUppercase && wasLower || !letter.isLetter { text += " " }
        if letter.isLetter { text += letter.lowercased() }
        wasLower = letter.isLowercase
      }
      self.text = text + " "
    }

    /// Whether one of some words is in the name, or, `asPart`, within one of its words.
    func haveOne(of words: [String], asPart: Bool = false) -> Bool {
      words.contains { text.contains(asPart ? $0 : " \($0) ") }
    }
  }
}
