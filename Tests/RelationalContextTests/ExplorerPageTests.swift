import FileFormats
import Foundation
import Testing

@testable import RelationalContext

@Suite("The explorer's page")
struct ExplorerPageTests {
  @Test("asks no server for anything")
  func isOffline() throws {
    let page = ExplorerPage(.random(seed: 1)).html
    // A name space is a name, nothing that is fetched.
    let addresses = page.matches(of: /[a-z]+:\/\/[^\s'"]*/).map { String($0.output) }
    #expect(Set(addresses) == ["http://www.w3.org/2000/svg"])
    let references = page.matches(of: /(?i)\s(src|href|action|srcset|poster)\s*=\s*["'][^"']*["']/)
    #expect(references.map { String($0.output.0).trimmed } == ["href=\"data:,\""])
    for way in [
      "@import", "url(http", "fetch(", "XMLHttpRequest", "WebSocket", "import(", "sendBeacon",
    ] {
      #expect(!page.contains(way), "\(way)")
    }
    #expect(page.contains("default-src 'none'"))
  }

  @Test("is small: under 200,000 bytes with the article's sizes")
  func isSmall() {
    #expect(ExplorerPage(.random(seed: 2)).html.utf8.count < 200_000)
  }

  @Test("is the same, byte for byte, for the same content")
  func isReproducible() {
    #expect(ExplorerPage(.random(seed: 3)).html == ExplorerPage(.random(seed: 3)).html)
    #expect(ExplorerPage(.random(seed: 3)).html != ExplorerPage(.random(seed: 4)).html)
  }

  @Test(
    "carries every number, bit for bit",
    arguments: [(7, 7, 1, 2), (1, 4, 2, 3), (5, 1, 3, 2), (9, 3, 1, 5)])
  func carriesNumbers(rows: Int, columns: Int, contexts: Int, templates: Int) throws {
    var content = ExplorerPage.Content.random(
      seed: 5, rows: rows, columns: columns, contexts: contexts, templates: templates)
    let odd: [Float] = [
      -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, .nan, 0.1,
    ]
    content.generative.biases[2].replaceSubrange(0..<3, with: odd[0..<3])
    content.relational.weights[0].replaceSubrange(0..<3, with: odd[3..<6])
    content.templates[1].model = .random(sizes: [2, 4, 3 * columns], seed: 6)
    content.smoothedFaces = content.faces.map { $0.reversed() }
    let json = try contentInside(ExplorerPage(content).html)

    try expectSame(json["generative"], content.generative)
    try expectSame(json["relational"], content.relational)
    let found = try #require(json["templates"]?.array)
    for (found, template) in zip(found, content.templates) {
      #expect(found["name"]?.string == template.name)
      #expect(found["color"]?.string == template.color)
      expectSameBits(try numbers(found["vertices"]), template.vertices, "vertices")
      expectSameBits(try numbers(found["traces"]), template.traces, "traces")
      if let model = template.model { try expectSame(found["model"], model) }
    }
    #expect(json["templates"]?.array?.count == templates)
    #expect(json["rows"]?.integer == rows)
    #expect(json["columns"]?.integer == columns)
    #expect(json["contexts"]?.integer == contexts)
    expectSameBits(json["times"].floats, content.times, "times")
    expectSameBits(json["morphologies"].floats, content.morphologies, "morphologies")
    expectSameBits(json["offset"].floats, (0..<3).map { content.offset[$0] }, "offset")
    expectSameBits(json["center"].floats, (0..<3).map { content.center[$0] }, "center")
    #expect(json["scale"]?.number.map(Float.init) == content.scale)
    func faces(_ name: String) -> [[Int]]? {
      json[name]?.array?.map { $0.array?.compactMap(\.integer) ?? [] }
    }
    #expect(faces("faces") == content.faces)
    // They are left out where they are the same.
    #expect(faces("smoothedFaces") ?? content.faces == content.smoothedFaces)
  }

  @Test(
    "shows hostile names as they are and lets none of them out of its place",
    arguments: [
      "</script><script>alert(1)</script>", "<!--<script>", "</title><b>", "a \"quoted\" 'name'",
      "back\\slash\nand\ttab", "line\u{2028}separator", "{{scripts}} {{content}} }}",
      "<\u{338}script>", "🌸 petală 花 ‮rtl", "&lt;&amp;", "\u{0}\u{1F}", "",
    ])
  func hostileNames(name: String) throws {
    let tame = ExplorerPage(.random(seed: 7)).html
    var content = ExplorerPage.Content.random(seed: 7)
    content.name = name
    content.templates[0].name = name
    content.provenance.version = name
    content.mapNames[1] = name
    let page = ExplorerPage(content).html
    for tag in ["<script", "</script", "<!--", "<title", "</title", "</style", "<b>"] {
      #expect(count(tag, in: page) == count(tag, in: tame), "\(tag)")
    }
    let json = try contentInside(page)
    for found in [
      json["name"], json["templates"]?.array?[0]["name"], json["provenance"]?["version"],
      json["mapNames"]?.array?[1],
    ] {
      #expect(found?.string.map { Array($0.unicodeScalars) } == Array(name.unicodeScalars))
    }
    let start = try #require(page.utf8Range(of: "<title>")).upperBound
    let end = try #require(page.utf8Range(of: "</title>")).lowerBound
    let title = String(decoding: Array(page.utf8)[start..<end], as: UTF8.self)
    #expect(unescaped(title).unicodeScalars.elementsEqual(name.unicodeScalars))
  }

  @Test("has all of its parts, each once")
  func isWhole() {
    let page = ExplorerPage(.random(seed: 8)).html
    #expect(page.hasPrefix("<!DOCTYPE html>"))
    #expect(!page.contains("{{"))
    for part in [
      "class Network", "class DesignSpace", "class Surface", "class GraphicsView", "class FlatView",
      "class UndoHistory", "function writeGLB", "function writeOBJ", "class Page", ".verdict {",
      "id=\"content\"",
    ] {
      #expect(count(part, in: page) == 1, "\(part)")
    }
  }

  @Test(
    "keeps a seed that JavaScript's numbers would round as text", arguments: [0, 1 << 53, .max])
  func largeSeeds(seed: UInt64) throws {
    var content = ExplorerPage.Content.random(seed: 9)
    content.provenance = .init(seed: seed, epochs: 100_000, version: "1")
    let found = try contentInside(ExplorerPage(content).html)["provenance"]
    #expect(found?["seed"]?.string ?? found?["seed"]?.integer.map(String.init) == String(seed))
    #expect((found?["seed"]?.integer == nil) == (seed >= 1 << 53))
  }

  @Test("is written whole, and a folder that is missing is named")
  func writes() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "explorer-\(UUID())").path
    let page = ExplorerPage(.random(seed: 10))
    #expect {
      try page.write(to: "\(folder)/page.html")
    } throws: {
      "\($0)".contains("\(folder)/page.html")
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try page.write(to: "\(folder)/page.html")
    #expect(try String(contentsOfFile: "\(folder)/page.html", encoding: .utf8) == page.html)
  }
}

// MARK: - Reading a page again, by other means than those that wrote it

private func contentInside(_ page: String) throws -> JSONValue {
  let opening = try #require(
    page.utf8Range(of: "<script type=\"application/json\" id=\"content\">"))
  let bytes = Array(page.utf8)[opening.upperBound...]
  let rest = String(decoding: bytes, as: UTF8.self)
  let closing = try #require(rest.utf8Range(of: "</script>"))
  return try JSONValue(parsing: Array(rest.utf8)[..<closing.lowerBound].map { $0 }, file: "page")
}

private func numbers(_ value: JSONValue?) throws -> [Float] {
  let text = try #require(value?.string)
  let bytes = Array(try #require(Data(base64Encoded: text)))
  return stride(from: 0, to: bytes.count, by: 4).map { at in
    Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) })
  }
}

private func expectSameBits(
  _ found: [Float], _ expected: [Float], _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count, "\(what)", sourceLocation: sourceLocation)
  let differing = zip(found, expected).enumerated().first {
    $1.0.bitPattern != $1.1.bitPattern
  }
  #expect(differing == nil, "\(what)", sourceLocation: sourceLocation)
}

private func expectSame(_ json: JSONValue?, _ network: ExplorerPage.Network) throws {
  let layers = try #require(json?["layers"]?.array)
  #expect(layers.count == network.weights.count)
  #expect(json?["lastLinear"]?.bool == network.isLastLinear)
  for (index, layer) in layers.enumerated() {
    #expect(layer["inputs"]?.integer == network.sizes[index])
    #expect(layer["outputs"]?.integer == network.sizes[index + 1])
    expectSameBits(try numbers(layer["weights"]), network.weights[index], "weights \(index)")
    expectSameBits(try numbers(layer["biases"]), network.biases[index], "biases \(index)")
  }
}

private func count(_ text: String, in page: String) -> Int {
  page.components(separatedBy: text).count - 1
}

private func unescaped(_ text: String) -> String {
  var result = text
  for (escape, meaning) in [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")] {
    result = result.replacingOccurrences(of: escape, with: meaning, options: .literal)
  }
  return result
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }

  /// Where a text first stands, in bytes.
  fileprivate func utf8Range(of text: String) -> Range<Int>? {
    let (bytes, mark) = (Array(utf8), Array(text.utf8))
    return bytes.indices.dropLast(mark.count - 1).first {
      bytes[$0] == mark[0] && bytes[$0..<$0 + mark.count].elementsEqual(mark)
    }.map { $0..<$0 + mark.count }
  }
}

extension JSONValue? {
  fileprivate var floats: [Float] { self?.array?.compactMap { $0.number.map(Float.init) } ?? [] }
}

// MARK: - Content of seeded numbers

extension ExplorerPage.Network {
  static func random(sizes: [Int], seed: UInt64) -> Self {
    var random = SplitMix(state: seed)
    let layers = zip(sizes, sizes.dropFirst())
    return Self(
      sizes: sizes, weights: layers.map { random.floats($0 * $1) },
      biases: layers.map { random.floats($1) })
  }
}

extension ExplorerPage.Content {
  static func random(
    seed: UInt64, rows: Int = 7, columns: Int = 7, contexts: Int = 1, templates: Int = 2
  ) -> Self {
    var random = SplitMix(state: seed)
    let times: [Float] = [0, 0.1, 0.3, 0.55, 0.8, 1, 1.1]
    let (size, inputs) = (3 * columns, 2 + contexts)
    let corners = max(0, min(columns, rows * columns - 1))
    return Self(
      name: "Random \(seed)", provenance: .init(seed: seed, epochs: 3, version: "0"),
      columns: columns, faces: corners > 2 ? [Array(0..<corners)] : [], times: times,
      morphologies: (0..<rows).map { Float($0) / 10 }, contexts: contexts, scale: 4,
      offset: SIMD3(0.1, -2, 3), center: SIMD3(0, 0.3, 0),
      generative: .random(sizes: [inputs, 10, 15, size], seed: seed &+ 100),
      relational: .random(sizes: [size, 15, 10, inputs], seed: seed &+ 200),
      templates: (0..<templates).map { index in
        .init(
          name: "Template \(index)", color: ExplorerPage.Template.color(index),
          vertices: random.floats(times.count * rows * size),
          traces: random.floats(times.count * rows * contexts))
      })
  }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
private struct SplitMix {
  var state: UInt64

  mutating func floats(_ count: Int) -> [Float] {
    (0..<count).map { _ in
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return Float((z ^ (z >> 31)) >> 40) / Float(1 << 24) - 0.5
    }
  }
}
