import CExplorerPage
import FileFormats

/// One offline page in which the shapes of a fitted model turn under the hand.
///
/// Everything is inside the file: networks, templates, program and style. It asks no server for
/// anything and opens from a disk. How the page is made: the folder `Page` beside this file.
public struct ExplorerPage: Sendable {
  /// What the page shows.
  public var content: Content

  /// A page of this content.
  public init(_ content: Content) { self.content = content }

  /// The whole page; the same content gives the same bytes.
  public var html: String {
    let scripts = Self.scripts.map { "<script>\n\($0)</script>" }.joined(separator: "\n")
    let parts = [
      "title": Self.escapedText(content.name),
      "style": Self.text(EXPLORER_CSS),
      "content": Self.escapedScript(content.json.encoded),
      "scripts": scripts,
    ]
    // In one pass, so that no part is searched for the places of the others.
    var page = ""
    for (index, piece) in Self.split(Self.text(EXPLORER_HTML), by: "{{").enumerated() {
      let halves = index == 0 ? ["", piece] : Self.split(piece, by: "}}")
      page += (index == 0 ? "" : parts[halves[0]]!) + halves[1]
    }
    return page
  }

  /// Puts the page at `path`, whole or not at all.
  ///
  /// - Throws: An ``FileFormatError/Kind/inputOutput`` error naming `path`.
  public func write(to path: String) throws(FileFormatError) {
    try AtomicFile.write(html, to: path)
  }

  /// Text between tags: without anything that could begin one, also under a combining mark.
  static func escapedText(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  /// JSON inside a script element: `<` stands in strings only, where it can be said otherwise, so
  /// that neither `</script>` nor `<!--` can occur.
  static func escapedScript(_ json: String) -> String {
    split(json, by: "<").joined(separator: "\\u003c")
  }

  private static func text(_ text: explorer_text) -> String {
    String(cString: explorer_page_text(text))
  }

  private static var scripts: [String] {
    sequence(first: 0) { $0 + 1 }.lazy.map { explorer_page_script($0) }.prefix { $0 != nil }
      .map { String(cString: $0!) }
  }

  /// The pieces between separators, by bytes: Swift's characters could hide one in a grapheme.
  private static func split(_ text: String, by separator: String) -> [String] {
    let (bytes, mark) = (Array(text.utf8), Array(separator.utf8))
    var pieces: [String] = []
    var (start, index) = (0, 0)
    while index <= bytes.count - mark.count {
      if bytes[index] == mark[0], bytes[index..<index + mark.count].elementsEqual(mark) {
        pieces.append(String(decoding: bytes[start..<index], as: UTF8.self))
        index += mark.count
        start = index
      } else {
        index += 1
      }
    }
    return pieces + [String(decoding: bytes[start...], as: UTF8.self)]
  }
}
