import FileFormats
import Foundation
import Testing

extension Program {
  /// Arguments of a fit that takes a moment and learns little: of the petals, unless others are
  /// named.
  static func fit(
    _ templates: String..., more: [String] = [], epochs: Int = 40, out: String = "fit"
  ) -> [String] {
    ["grc", "fit"] + templates + [
      "--epochs", "\(epochs)", "--set", "templateSteps=60", "--set", "templateAttempts=1", "--out",
      out,
    ] + more
  }

  /// Runs `atelier grc`.
  @discardableResult
  func grc(_ arguments: String...) throws -> Outcome { try run(["grc"] + arguments) }

  /// Writes a file into the folder.
  func write(_ text: String, to name: String) throws {
    try AtomicFile.write(text, to: path(name))
  }

  func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
  }
}

/// A case of bad input: what is asked, and what is said.
struct GRCCase: CustomTestStringConvertible, Sendable {
  let arguments: [String]
  let status: Int32
  /// Must all be in what is printed.
  let words: [String]
  var testDescription: String { arguments.joined(separator: " ") }

  init(_ arguments: [String], _ status: Int32 = 64, _ words: String...) {
    (self.arguments, self.status, self.words) = (arguments, status, words)
  }

  /// Expects one sentence, and nothing on stdout.
  func check(_ program: Program) throws {
    let outcome = try program.run(["grc"] + arguments)
    #expect(
      outcome.status == status && !outcome.wasKilled, "\(testDescription): \(outcome.errors)")
    #expect(outcome.output.isEmpty, "\(testDescription): \(outcome.output)")
    let sentences = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
    #expect(sentences.count == 1, "\(testDescription): \(outcome.errors)")
    for word in words {
      #expect(outcome.errors.contains(word), "\(testDescription): \(outcome.errors)")
    }
  }
}
