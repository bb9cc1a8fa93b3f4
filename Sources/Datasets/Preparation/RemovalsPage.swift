import FileFormats
import Foundation
import Locks

/// One page, which needs no network: what a preparation left out and why, each duplicate beside the
/// picture that it repeats.
struct RemovalsPage {
  private let preparation: Preparation
  /// Pictures that are shown, at most ``mostShown`` for each reason.
  private let shown: [Finding.Reason: [PreparedPicture]]

  /// Most pictures that are shown for one reason; the record names all.
  static let mostShown = 300
  /// Longer side of a picture on the page, in pixels.
  private static let side = 128

  init(_ preparation: Preparation) {
    self.preparation = preparation
    shown = Dictionary(grouping: preparation.removed, by: { $0.finding!.reason }).mapValues {
      Array($0.prefix(Self.mostShown))
    }
  }

  func html() -> String {
    let images = thumbnails()
    let sections = Finding.Reason.allCases.compactMap { reason in
      shown[reason].map { section(reason, $0, images) }
    }
    let warnings = preparation.warnings.map { "<p class=\"warning\">\(Self.escaped($0)).</p>" }
    return """
      <!doctype html>
      <html lang="en"><meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <title>Left out of \(Self.escaped(preparation.name))</title>
      <style>
      body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem;
        color: #1d1d1f; background: #fafaf8 }
      .pictures { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start }
      .group { display: inline-flex; vertical-align: top; border-left: 3px solid #2a7d4f;
        padding-left: .8rem; margin: .6rem 1.2rem .6rem 0 }
      figure { margin: 0; width: 9rem } figcaption { font-size: .8rem; overflow-wrap: anywhere }
      figcaption small { color: #666 } .stays figcaption { color: #2a7d4f }
      .frame { height: 9rem; display: flex; align-items: center; justify-content: center;
        background: #e8e8e4; border-radius: 3px }
      img { max-width: 100%; max-height: 100% } .tiny { width: 6rem; image-rendering: pixelated }
      .warning { border-left: 3px solid #b8860b; padding-left: .8rem }
      code { background: #e8e8e4; padding: .1rem .3rem; border-radius: 3px }
      @media (prefers-color-scheme: dark) { body { color: #eee; background: #18181a }
        .frame, code { background: #2a2a2d } figcaption small { color: #aaa } .stays figcaption { color: #7fd1a3 } }
      </style>
      <h1>Left out of \(Self.escaped(preparation.name))</h1>
      <p>\(preparation.pictures.count) pictures were looked at; \(preparation.removed.count) are left out, and \
      nothing was deleted: your own files are as they were. To bring one back, run the same command again with
      <code>--keep</code> and its name, such as <code>--keep '\(Self.escaped(example))'</code>, or write the
      names into a file, a line each, for <code>--keep-list</code>.</p>
      \(warnings.joined(separator: "\n"))
      \(sections.joined(separator: "\n"))
      </html>

      """
  }

  private var example: String { preparation.removed.first?.name ?? "cat/one.jpg" }

  private func section(
    _ reason: Finding.Reason, _ pictures: [PreparedPicture], _ images: [String: Thumbnail]
  ) -> String {
    let count = preparation.counts[reason]!
    let more =
      count > pictures.count
      ? "<p>And \(count - pictures.count) more, which \(PreparedFolder.record) names.</p>" : ""
    let body: String
    if pictures[0].finding!.original != nil {
      body = groups(pictures).map { original, copies in
        let first = figure(original, "stays", images, isStaying: true)
        let rest = copies.map { figure($0.name, Self.detail($0.finding!), images) }
        return "<div class=\"group pictures\">\(([first] + rest).joined(separator: "\n"))</div>"
      }.joined(separator: "\n")
    } else {
      let figures = pictures.map { figure($0.name, Self.detail($0.finding!), images) }
      body = "<div class=\"pictures\">\(figures.joined(separator: "\n"))</div>"
    }
    return
      "<h2>\(Self.title(reason)): \(count)</h2>\n<p>\(Self.meaning(reason))</p>\n\(body)\(more)"
  }

  /// Copies of one picture together, in the order of the originals' first copies.
  private func groups(_ copies: [PreparedPicture]) -> [(String, [PreparedPicture])] {
    let byOriginal = Dictionary(grouping: copies) { $0.finding!.original! }
    var seen: Set<String> = []
    return copies.map { $0.finding!.original! }.filter { seen.insert($0).inserted }.map {
      ($0, byOriginal[$0]!)
    }
  }

  private func figure(
    _ name: String, _ detail: String, _ images: [String: Thumbnail], isStaying: Bool = false
  ) -> String {
    let label = Self.escaped(name)
    let image =
      images[name].map { image in
        "<img alt=\"\(label)\"\(image.isTiny ? " class=\"tiny\"" : "") "
          + "src=\"data:image/jpeg;base64,\(image.base64)\">"
      } ?? ""
    return "<figure\(isStaying ? " class=\"stays\"" : "")><div class=\"frame\">\(image)</div>"
      + "<figcaption>\(label)<br><small>\(Self.escaped(detail))</small></figcaption></figure>"
  }
}

// The pictures.
extension RemovalsPage {
  private struct Thumbnail: Sendable {
    let base64: String
    let isTiny: Bool
  }

  /// Everything that is shown, by name; what cannot be read has no picture.
  private func thumbnails() -> [String: Thumbnail] {
    let names = Set(shown.values.joined().flatMap { [$0.name, $0.finding!.original ?? $0.name] })
    let indices = preparation.pictures.indices.filter {
      names.contains(preparation.pictures[$0].name) && preparation.pictures[$0].shape != nil
    }
    let images = Locked<[String: Thumbnail]>([:])
    DispatchQueue.concurrentPerform(iterations: indices.count) { place in
      let index = indices[place]
      guard let image = try? thumbnail(index) else { return }
      images.withLock { $0[preparation.pictures[index].name] = image }
    }
    return images.withLock { $0 }
  }

  private func thumbnail(_ index: Int) throws(FileFormatError) -> Thumbnail {
    let files = preparation.files
    let picture = try Picture(decoding: try files.read(index), file: files.place(index)).composed(
      on: preparation.options.background)
    let scale = min(1, Double(Self.side) / Double(max(picture.height, picture.width)))
    let small = picture.resized(
      height: max(1, Int(Double(picture.height) * scale)),
      width: max(1, Int(Double(picture.width) * scale)))
    return Thumbnail(
      base64: Data(JPEG.encode(small, quality: 85)).base64EncodedString(),
      isTiny: max(small.height, small.width) < Self.side / 2)
  }
}

// The words.
extension RemovalsPage {
  private static func title(_ reason: Finding.Reason) -> String {
    switch reason {
    case .unreadable: "Unreadable"
    case .tooSmall: "Too small"
    case .blank: "Blank"
    case .exactDuplicate: "Exact duplicates"
    case .nearDuplicate: "Near-duplicates"
    case .balance: "Cut to balance the classes"
    }
  }

  private static func meaning(_ reason: Finding.Reason) -> String {
    switch reason {
    case .unreadable: "Damaged, cut short, or neither PNG nor JPEG."
    case .tooSmall: "Enlarged so far that most of their pixels would be made up; see --enlarge."
    case .blank:
      "The part that would be trained on shows almost nothing; see --blank, and for transparent pictures --background."
    case .exactDuplicate: "The same file, byte for byte. The first stays."
    case .nearDuplicate:
      "The same picture in another size, compression, brightness or crop. The first stays; look for pictures that are merely alike, and see --near."
    case .balance: "Chosen by the seed; nothing else speaks against them."
    }
  }

  private static func detail(_ finding: Finding) -> String {
    switch finding {
    case .exactDuplicate: "the same file"
    case .nearDuplicate(_, let distance): "distance \((distance * 1e3).rounded() / 1e3)"
    default: finding.sentence
    }
  }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: "\"", with: "&quot;").replacingOccurrences(of: "'", with: "&#39;")
  }
}
