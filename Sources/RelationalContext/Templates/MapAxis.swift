import FileFormats
import Foundation

/// One of the two ordered coordinates of the relational map.
///
/// The map's shares are in single precision, as networks take them; values in the templates' own
/// unit are in double, since single takes seconds since 1970 that are a minute apart for the same.
public struct MapAxis: Sendable, Hashable, Codable {
  /// For people: `time`.
  public let name: String
  /// What 0 and 1 of the map are in the templates' own unit.
  public let zero, one: Double
  /// The words that an axis has instead of numbers, in order: the value of the first is 0, of the
  /// next 1.
  public let words: [String]?

  /// An axis of numbers; by default their unit is the map's own.
  public init(_ name: String, zero: Double = 0, one: Double = 1) {
    (self.name, self.zero, self.one, words) = (name, zero, one, nil)
  }

  /// An axis of words.
  ///
  /// - Precondition: there are two words or more, each of them once.
  public init(_ name: String, words: [String]) {
    (self.name, zero, one, self.words) = (name, 0, Double(words.count - 1), words)
    precondition(isSound, "the words \(words) make no axis")
  }

  /// Whether values rise along it within what single precision holds, and words have the values that
  /// they should.
  var isSound: Bool {
    let largest = Double(Float.greatestFiniteMagnitude)
    guard zero < one, max(abs(zero), abs(one), one - zero) <= largest else { return false }
    guard let words else { return true }
    return zero == 0 && one == Double(words.count - 1) && Set(words).count == words.count
  }

  /// The share of a value in the templates' unit.
  public func share(_ value: Double) -> Float { Float((value - zero) / (one - zero)) }

  /// The value of a share: of all that have this share, the one with the fewest decimals.
  ///
  /// So a place that came from a table is written as the table had it, or, of an axis with more steps
  /// than single precision has, within 6e-8 of the axis; a place that is written is the same when it
  /// is read again.
  public func value(_ share: Float) -> Double {
    let exact = zero + Double(share) * (one - zero)
    let first = -Int(log10(one - zero).rounded(.down))
    for decimals in first..<first + 20 {
      let rounded = Self.round(exact, decimals)
      if self.share(rounded) == share { return rounded }
    }
    return exact
  }

  /// A value as a person writes it: its word, or a number; nil for anything else.
  public func value(of text: String) -> Double? {
    if let index = words?.firstIndex(of: text) { return Double(index) }
    return Table.number(text)
  }

  /// The word at a share, where there is one.
  public func word(at share: Float) -> String? {
    guard let words, let index = Int(exactly: value(share)), words.indices.contains(index) else {
      return nil
    }
    return words[index]
  }

  /// What is written of a share in files: its word, or all digits of its value.
  public func text(_ share: Float) -> String { word(at: share) ?? "\(value(share))" }

  /// What is written of a share in figures: its word, long ones without their middle, or its value
  /// to a hundredth of the axis, such as `0.8`.
  public func label(_ share: Float) -> String {
    if let word = word(at: share) { return Self.short(word) }
    let hundredths = 2 - Int(log10(one - zero).rounded(.down))
    let rounded = Self.round(value(share), max(hundredths, 0))
    return Int(exactly: rounded).map { "\($0)" } ?? "\(rounded)"
  }

  static func short(_ word: String) -> String {
    word.count > 16 ? "\(word.prefix(9))…\(word.suffix(6))" : word
  }

  private static func round(_ value: Double, _ decimals: Int) -> Double {
    let power = pow(10, Double(abs(decimals)))
    if power.isInfinite { return value }
    return decimals < 0 ? (value / power).rounded() * power : (value * power).rounded() / power
  }
}

extension Table {
  /// The shares of an axis that a column has, in numbers or words.
  ///
  /// - Throws: A `FileFormatError` for a column that is not there, or naming the line of a cell that
  ///   is neither.
  public func shares(in column: String, of axis: MapAxis) throws(FileFormatError) -> [Float] {
    guard axis.words != nil else { return try numbers(in: column).map(axis.share) }
    var shares: [Float] = []
    for (cell, line) in zip(try cells(in: column), lineNumbers) {
      guard let value = axis.value(of: cell.trimmingCharacters(in: .whitespaces)) else {
        throw .wrongLine(
          file, line: line,
          expected: "a number or a word of the axis \(axis.name), such as '\(axis.words![0])'",
          found: "'\(cell.prefix(40))'", advice: "correct that cell, or leave the row out")
      }
      shares.append(axis.share(value))
    }
    return shares
  }
}
