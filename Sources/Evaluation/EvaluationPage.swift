import FileFormats
import Foundation

/// One page, which needs no network: pictures of each run side by side, then the table, the intervals
/// and the protocols.
public struct EvaluationPage {
  private let results: [EvaluationResult]

  public init(_ results: [EvaluationResult]) { self.results = results }

  private static let mark = "<!-- atelier evaluate -->"

  /// Whether nothing is there, or an older page of this kind.
  public static func isFree(_ path: String) throws -> Bool {
    guard FileManager.default.fileExists(atPath: path) else { return true }
    guard let bytes = try? ByteSource(path: path).readAll(limit: 1 << 28) else { return false }
    return String(decoding: bytes.prefix(200), as: UTF8.self).contains(mark)
  }

  public var html: String {
    """
    <!doctype html>
    \(Self.mark)
    <html lang="en"><meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Evaluation</title>
    <style>
    body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem;
      color: #1d1d1f; background: #fafaf8 }
    main { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1.5rem }
    figure { margin: 0 } figcaption { margin: .3rem 0 1rem; overflow-wrap: anywhere }
    img { width: 100%; image-rendering: pixelated; border-radius: 3px; background: #000 }
    table { border-collapse: collapse; width: 100%; margin: 2rem 0; font-variant-numeric: tabular-nums }
    th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #ddd }
    td small { color: #666; white-space: nowrap } td.best { font-weight: 600 }
    dt { font-weight: 600 } dd { margin: 0 0 .4rem; color: #555; overflow-wrap: anywhere }
    @media (prefers-color-scheme: dark) { body { color: #eee; background: #18181a }
      th, td { border-color: #444 } td small, dd { color: #aaa } }
    </style>
    <h1>Evaluation</h1>
    <main>\(results.map { figure($0.shown, "pictures of \($0.title)", $0.title) }.joined(separator: "\n"))</main>
    <div style="overflow-x: auto"><table>
    <thead><tr><th scope="col">Metric</th>\(results.map { "<th scope=\"col\">\(escaped($0.title))</th>" }.joined())<th scope="col">Real pictures</th></tr></thead>
    <tbody>\(EvaluationResult.names(of: results).map(row).joined(separator: "\n"))</tbody></table></div>
    <p>In brackets the interval that holds the number with 95 % confidence, as other pictures of the same
    model might have given it. The last column is what real pictures get that the reference does not
    hold. The best run of each row is bold.</p>
    \(likest)
    <h2>Protocols</h2>
    <dl>\(EvaluationResult.names(of: results).map(protocolEntry).joined(separator: "\n"))</dl>
    </html>

    """
  }

  private func figure(
    _ pictures: [Picture], columns: Int = 8, _ alternative: String, _ caption: String
  ) -> String {
    let sheet = PictureGrid(columns: columns).composed(pictures)
    let data = Data(PNG.encode(sheet)).base64EncodedString()
    return """
      <figure><img alt="\(pictures.count) \(escaped(alternative))" src="data:image/png;base64,\(data)">\
      <figcaption>\(escaped(caption))</figcaption></figure>
      """
  }

  /// For each run the made pictures that are likest to training pictures, these beside them.
  private var likest: String {
    let figures = results.filter { !$0.likest.isEmpty }.map { result in
      let pairs = result.likest.map {
        PictureGrid(columns: 2, padding: 0).composed([$0.made, $0.training])
      }
      let (least, most) = (result.likest.first!.distance, result.likest.last!.distance)
      let number = EvaluationResult.number
      return figure(
        pairs, columns: 4, "pairs of a picture of \(result.title) and a training picture",
        "\(result.title): distances \(number(least)) to \(number(most))")
    }
    guard !figures.isEmpty else { return "" }
    return """
      <h2>Likest training pictures</h2>
      <p>On the left of each pair what the model made, on the right the nearest training picture; the
      likest of the pictures above come first. Distances are in parts of that which held-out real
      pictures have: 0 is a copy, about 1 is as new as a real picture.</p>
      <main>\(figures.joined(separator: "\n"))</main>
      """
  }

  private func row(_ name: String) -> String {
    let found = results.map { result in result.measurements.first { $0.name == name } }
    let real = found.compactMap { $0?.real }.first.map(EvaluationResult.number) ?? ""
    let best = best(found)
    let cells = found.enumerated().map { index, measurement in
      guard let measurement else { return "<td></td>" }
      let estimate = measurement.estimate
      let number = EvaluationResult.number
      return
        "<td\(index == best ? " class=\"best\"" : "")>\(number(estimate.value))"
        + " <small>[\(number(estimate.low)), \(number(estimate.high))]</small></td>"
    }
    return "<tr><th scope=\"row\">\(name)</th>\(cells.joined())<td>\(real)</td></tr>"
  }

  /// Which of several runs is best by this metric; pictures that no model made do not take part.
  private func best(_ found: [Measurement?]) -> Int? {
    let runs = found.indices.filter { results[$0].step != nil && found[$0] != nil }
    guard runs.count > 1, let less = found[runs[0]]!.lessIsBetter else { return nil }
    return runs.min {
      let (a, b) = (found[$0]!.estimate.value, found[$1]!.estimate.value)
      return less ? a < b : a > b
    }
  }

  private func protocolEntry(_ name: String) -> String {
    let found = results.lazy.compactMap { $0.measurements.first { $0.name == name } }.first
    return "<dt>\(name)</dt><dd>\(escaped(found?.protocolString ?? ""))</dd>"
  }

  private func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: "\"", with: "&quot;")
  }
}
