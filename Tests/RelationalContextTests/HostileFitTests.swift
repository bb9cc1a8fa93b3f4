import FileFormats
import Foundation
import Testing
import Training

@testable import RelationalContext

/// Checkpoints that no fit wrote: each is an error of a type, never a fault.
@Suite("A hostile checkpoint of a fit")
struct HostileFitTests {
  static let good = Result {
    try TinyFit(
      templates: .petals(seed: 3, count: 2), epochs: 1000, templateSteps: 1000, templateAttempts: 1
    ).saved().bytes
  }

  /// What opens a checkpoint, explores it and goes on from it; true where it was refused.
  ///
  /// Where it is not, what it says is followed as far as the program would.
  private func isRefused(_ bytes: [UInt8]) throws -> Bool {
    try withTemporaryFolder { path in
      let folder = RunFolder(path: path)
      try RunFolder.make(folder.checkpoints)
      let file = folder.checkpoint(1000)
      try AtomicFile.write(bytes, to: file)
      do {
        let fit = try FittedContext(FitCheckpoint(path: file))
        _ = try FitMeasures(fit)
        for figure in Figure.allCases where fit.has(figure) { _ = try fit.draw(figure).svg }
        _ = ShapeExport(try fit.templateShapes(0), of: fit.templates, comments: []).table
        return false
      } catch is FileFormatError {
        return true
      } catch is TrainingError {
        return true
      }
    }
  }

  @Test("that is not changed at all is fine")
  func untouched() throws {
    #expect(try !isRefused(Self.good.get()))
    #expect(try !isRefused(changed { _, _ in }))
  }

  @Test("that is cut short anywhere is refused")
  func truncated() throws {
    let good = try Self.good.get()
    for count in Set([0, 1, 7, 8, 9, 100, 1000] + (0..<40).map { good.count * $0 / 40 }).sorted() {
      #expect(try isRefused(Array(good[..<count])), "\(count) of \(good.count) bytes")
    }
  }

  @Test("with a bit flipped anywhere is refused, by the checksum if by nothing else")
  func flippedBits() throws {
    let good = try Self.good.get()
    var seed: UInt64 = 5
    for _ in 0..<150 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let place = Int((seed >> 33) % UInt64(good.count))
      var bytes = good
      bytes[place] ^= 1 << UInt8(seed & 7)
      #expect(try isRefused(bytes), "bit \(seed & 7) of byte \(place)")
    }
  }

  /// The good one with other metadata and arrays, and a checksum that is right.
  private func changed(
    _ change: (inout [String: String], inout [String: NumericArray]) throws -> Void
  ) throws -> [UInt8] {
    let file = try Safetensors(ByteSource(Self.good.get(), name: "good"))
    var metadata = file.metadata
    metadata[Safetensors.checksumKey] = nil
    var arrays: [String: NumericArray] = [:]
    for entry in file.entries { arrays[entry.name] = try file.array(entry) }
    try change(&metadata, &arrays)
    return Safetensors.encode(arrays, metadata: metadata)
  }

  struct Change: CustomTestStringConvertible, Sendable {
    /// A key of the metadata, then members of its value, joined by points.
    let path: String
    /// As JSON; nil removes it.
    let value: String?
    var testDescription: String { "\(path) \(value ?? "removed")" }
    init(_ path: String, _ value: String?) { (self.path, self.value) = (path, value) }
  }

  @Test(
    "with content that no fit could have written is refused",
    arguments: [
      Change("format", "atelier-checkpoint/1"), Change("format", nil),
      Change("epoch", "-1"), Change("epoch", "2147483648"), Change("epoch", "1e30"),
      Change("epoch", "0"), Change("epoch", "\"1000\""), Change("epoch", nil), Change("epoch", "{"),
      Change("model", nil), Change("model", "[]"), Change("model.rowSize", "0"),
      Change("model.rowSize", "22"), Change("model.rowSize", "-21"),
      Change("model.rowSize", "9223372036854775807"),
      Change("model.contextSize", "2"), Change("model.contextSize", "-1"),
      Change("model.contextSize", "0"), Change("model.contextSize", "1000000000"),
      Change("model.relationalHidden", "[]"), Change("model.relationalHidden", "[15, 0]"),
      Change("model.relationalHidden", "[65536, 65536]"),
      Change("model.generativeHidden", "[65536, 65536, 65536, 65536]"),
      Change("model.generativeHidden", "[10, 16]"), Change("model.contextShare", "-1"),
      Change("model.contextTarget", "1e39"),
      Change("fit", nil), Change("fit.epochs", "0"), Change("fit.seed", "-1"),
      Change("fit.sampling", "\"nowhere\""), Change("fit.templateHidden", "[10]"),
      Change("fit.templateHidden", "[65536, 65536]"), Change("fit.templateAttempts", "0"),
      Change("fit.mixingPower", "0"),
      Change("templates", nil), Change("templates", "{}"), Change("templates.templates", "[]"),
      Change("templates.templates", "[\"one\", \"two\", \"three\"]"),
      Change("templates.times", "[]"), Change("templates.times", "[0]"),
      Change("templates.times", "[0, 0.1, 0.3, 0.55, 0.8, 1, 1]"),
      Change("templates.times", "[0, 0.1, 0.3, 0.55, 0.8, 1, 1.2]"),
      Change("templates.times", "[0, 0.1, 0.3, 0.55, 0.8, 1, 1e39]"),
      Change("templates.rows", "[0, 1]"), Change("templates.rows", "null"),
      Change("templates.up", "\"x\""), Change("templates.axes", "[]"),
      Change(
        "templates.axes",
        #"[{"name": "time", "zero": 1, "one": 0}, {"name": "row", "zero": 0, "one": 1}]"#),
      Change(
        "templates.axes",
        #"[{"name": "time", "zero": 0, "one": 1}, {"name": "row", "zero": 1, "one": 1}]"#),
      Change(
        "templates.axes",
        #"[{"name": "time", "zero": 0, "one": 1e39}, {"name": "row", "zero": 0, "one": 1}]"#),
      Change("templates.faces", "[[0, 1, 49]]"), Change("templates.faces", "[[0, -1, 2]]"),
      Change("templates.faces", "[[0, 1]]"), Change("templates.faces", "[[]]"),
      Change("templates.faces", "null"),
      Change("templates.faces", "[[0, 9223372036854775807, 1]]"),
      Change("progress", nil), Change("progress.templates", "[]"),
      Change("progress.templates", #"[{"errors": [], "step": 0}, {"errors": [], "step": 0}]"#),
      Change("progress.templates", #"[{"errors": [1], "step": -1}, {"errors": [1], "step": 0}]"#),
    ])
  func wrongContent(change: Change) throws {
    let bytes = try changed { metadata, _ in
      let keys = change.path.split(separator: ".").map(String.init)
      if keys.count == 1 {
        metadata[keys[0]] = change.value
      } else {
        let old = try JSONValue(parsing: Array(metadata[keys[0]]!.utf8), file: "")
        // A number beyond all limits cannot be built, only read: it takes the place of a mark.
        let text = old.merging([keys[1]: .string("MARK")]).encoded
        metadata[keys[0]] = text.replacingOccurrences(of: "\"MARK\"", with: change.value!)
      }
    }
    #expect(try isRefused(bytes))
  }

  struct ArrayChange: CustomTestStringConvertible, Sendable {
    let name: String
    /// nil removes it.
    let array: NumericArray?
    let testDescription: String
    init(_ name: String, _ what: String, _ array: NumericArray?) {
      (self.name, self.array, testDescription) = (name, array, "\(name) \(what)")
    }
  }

  @Test(
    "with an array that is missing, of another shape or no numbers is refused",
    arguments: [
      .init("relational.0.weight", "missing", nil), .init("generative.2.bias", "missing", nil),
      .init("templateModel.1.0.bias", "missing", nil), .init("template.0.values", "missing", nil),
      .init("template.1.places", "missing", nil),
      .init("relational.0.weight", "turned", zeros([21, 15])),
      .init("relational.0.weight", "flat", zeros([315])),
      .init(
        "generative.0.bias", "doubles", NumericArray(shape: [10], [Double](repeating: 0, count: 10))
      ),
      .init("generative.0.bias", "NaN", filled([10], .nan)),
      .init("relational.2.bias", "infinite", filled([3], .infinity)),
      .init("templateModel.0.2.bias", "NaN", filled([21], .nan)),
      .init("template.0.values", "NaN", filled([49, 21], .nan)),
      .init("template.0.places", "infinite", filled([49, 2], .infinity)),
      .init("template.0.places", "all one", zeros([49, 2])),
      .init("template.0.places", "of three", zeros([49, 3])),
      .init("template.0.places", "too few", zeros([48, 2])),
      .init("template.0.places", "none", zeros([0, 2])),
      .init("template.0.values", "too few", zeros([48, 21])),
      .init("template.0.values", "another size", zeros([49, 24])),
      .init("template.0.values", "no rows", zeros([49, 0])),
      .init("template.0.values", "flat", zeros([1029])),
    ] as [ArrayChange])
  func wrongArrays(change: ArrayChange) throws {
    #expect(try isRefused(changed { $1[change.name] = change.array }))
  }

  @Test("is not passed over when a fit is to go on: someone made it so")
  func notPassedOver() throws {
    let fit = TinyFit(
      templates: .petals(seed: 3, count: 2), epochs: 2000, templateSteps: 1000, templateAttempts: 1)
    try withTemporaryFolder { path in
      try fit.fit(in: path, stopAfter: 2)
      let folder = RunFolder(path: path)
      try AtomicFile.write(
        changed { $1["relational.0.weight"] = zeros([1, 1]) }, to: folder.checkpoint(1000))
      let before = try bytes(folder.checkpoint(1000))
      let text = sentence(of: TrainingError.self) { try fit.fit(in: path, isResumed: true) }
      #expect(
        text
          == "\(folder.checkpoint(1000)): expected array 'relational.0.weight' of float32 [15, 21],"
          + " found float32 [1, 1]; the file belongs to another model or version")
      expectSameBytes(try bytes(folder.checkpoint(1000)), before)
    }
  }

  @Test("with an optimiser's state that is missing can be explored and cannot go on")
  func withoutOptimizer() throws {
    let fit = TinyFit(
      templates: .petals(seed: 3, count: 2), epochs: 2000, templateSteps: 1000, templateAttempts: 1)
    try withTemporaryFolder { path in
      try fit.fit(in: path, stopAfter: 2)
      let folder = RunFolder(path: path)
      try AtomicFile.write(
        changed { $1["generative.optimizer.firstMoment"] = nil }, to: folder.checkpoint(1000))
      _ = try FittedContext(folder)
      #expect(
        sentence(of: TrainingError.self) { try fit.fit(in: path, isResumed: true) }
          .contains("array 'generative.optimizer.firstMoment'"))
    }
  }
}

private func zeros(_ shape: [Int]) -> NumericArray { filled(shape, 0) }

private func filled(_ shape: [Int], _ value: Float) -> NumericArray {
  NumericArray(shape: shape, [Float](repeating: value, count: shape.reduce(1, *)))
}
