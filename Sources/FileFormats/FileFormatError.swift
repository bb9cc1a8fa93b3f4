/// What is wrong with a file: which one, what was expected, what was found, where, and what to try.
///
/// Every reader and writer of this module throws this one type. The pieces are kept apart so that a
/// caller can print JSON or count causes; ``description`` joins them into the one sentence people
/// read. The words themselves are made in `FileFormatError+Sentences.swift` and nowhere else.
public struct FileFormatError: Error, Hashable, Sendable {
  /// Who is to blame, which decides the exit code of the command line.
  public enum Kind: Hashable, Sendable {
    /// The bytes are not what they claim to be (exit code 65).
    case badData
    /// The operating system refused: missing file, full disk, no permission (exit code 74).
    case inputOutput
  }

  /// Whether the data or the operating system is at fault.
  public let kind: Kind
  /// The path, or the name given for bytes that came from elsewhere.
  public let file: String
  /// What should have been there.
  public let expected: String
  /// What was there instead.
  public let found: String
  /// Byte position in the file where the disagreement starts, when it has one.
  public let offset: Int?
  /// Line of a text file where the disagreement starts, counted from 1; it takes the place of
  /// ``offset``.
  public let line: Int?
  /// What the reader of the message can do about it.
  public let advice: String
  /// The `errno` behind an ``Kind/inputOutput`` failure.
  public let systemCode: Int32?

  init(
    kind: Kind = .badData, file: String, expected: String, found: String, offset: Int? = nil,
    line: Int? = nil, advice: String, systemCode: Int32? = nil
  ) {
    self.kind = kind
    self.file = file
    self.expected = expected
    self.found = found
    self.offset = offset
    self.line = line
    self.advice = advice
    self.systemCode = systemCode
  }
}
