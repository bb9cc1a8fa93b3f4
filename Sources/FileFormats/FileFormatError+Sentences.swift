import Foundation

extension FileFormatError: CustomStringConvertible, LocalizedError {
  /// One sentence: file, expected, found, line or byte offset, advice.
  public var description: String {
    let place = line.map { " on line \($0)" } ?? offset.map { " at byte \($0)" } ?? ""
    return "\(file): expected \(expected), found \(found)\(place); \(advice)"
  }

  /// The same sentence, for code that knows only `Error`.
  public var errorDescription: String? { description }
}

// Bytes that are not what they claim to be.
extension FileFormatError {
  package static let freshCopy = "the file is damaged: copy or download it again"

  package static func wrongFormat(_ file: String, expected: String, found: ContentType) -> Self {
    Self(
      file: file, expected: expected, found: found.name, offset: 0,
      advice: found.conversionAdvice ?? "check that this is the file you meant")
  }

  package static func truncated(
    _ file: String, part: String, expected: Int, found: Int, at offset: Int
  ) -> Self {
    Self(
      file: file, expected: "\(count(expected, "byte")) of \(part)",
      found: found == 0 ? "the end of the file" : "only \(found)", offset: offset,
      advice: "the file is cut short: copy or download it again")
  }

  package static func tooLarge(
    _ file: String, part: String, limit: String, found: String, at offset: Int? = nil
  ) -> Self {
    Self(
      file: file, expected: "\(part) of at most \(limit)", found: found, offset: offset,
      advice: "use a smaller file, or check that its header is not damaged")
  }

  package static func mismatch(
    _ file: String, expected: String, found: String, at offset: Int? = nil,
    advice: String = freshCopy
  ) -> Self {
    Self(file: file, expected: expected, found: found, offset: offset, advice: advice)
  }

  package static func unsupported(
    _ file: String, supported: String, found: String, at offset: Int? = nil, advice: String
  ) -> Self {
    Self(file: file, expected: supported, found: found, offset: offset, advice: advice)
  }

  /// A line of a text file that people may have written, and can mend.
  package static func wrongLine(
    _ file: String, line: Int, expected: String, found: String,
    advice: String = "correct that line"
  ) -> Self {
    Self(file: file, expected: expected, found: found, line: line, advice: advice)
  }

  package static func wrongChecksum(
    _ file: String, part: String, stored: UInt32, computed: UInt32, at offset: Int? = nil
  ) -> Self {
    Self(
      file: file, expected: "checksum \(hexadecimal(stored)) over \(part)",
      found: hexadecimal(computed), offset: offset, advice: freshCopy)
  }

  package static func undecodable(
    _ file: String, part: String, message: String, at offset: Int? = nil
  ) -> Self {
    Self(
      file: file, expected: part, found: message.isEmpty ? "damaged data" : "\"\(message)\"",
      offset: offset, advice: freshCopy)
  }
}

// The operating system said no.
extension FileFormatError {
  /// `advice` replaces the general advice for the code.
  package static func system(
    _ file: String, could operation: String, code: Int32, advice: String? = nil
  ) -> Self {
    Self(
      kind: .inputOutput, file: file, expected: "to \(operation)",
      found: String(cString: strerror(code)).lowercasedFirst, advice: advice ?? systemAdvice(code),
      systemCode: code)
  }

  package static func notARegularFile(_ file: String, found: String) -> Self {
    Self(
      kind: .inputOutput, file: file, expected: "a file", found: found,
      advice: found == "a folder"
        ? "name a file inside it, or the command that takes a folder" : "name a file on a disk",
      systemCode: EISDIR)
  }

  private static func systemAdvice(_ code: Int32) -> String {
    switch code {
    case ENOENT, ENOTDIR: "check the spelling of the path"
    case EACCES, EPERM: "check the permissions, or choose another folder"
    case EROFS: "this disk is read-only: choose another folder"
    case ENOSPC, EDQUOT:
      "free some space or choose another disk; what was there before is untouched"
    case EMFILE, ENFILE: "too many files are open: close some programs or raise `ulimit -n`"
    case EIO: "the disk reports a fault: check it, and copy what matters elsewhere"
    default: "the system's error number is \(code)"
    }
  }
}

/// "1 byte", "784 bytes".
package func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
}

/// The start of a text from a file, in quotes, fit for a sentence: control characters are left out.
func excerpt(_ bytes: some Collection<UInt8>) -> String {
  let start = String(decoding: bytes.prefix(40).filter { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self)
  return "\"\(start)\(bytes.count > 40 ? "…" : "")\""
}

/// Eight lower-case digits, as checksums are printed.
func hexadecimal(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
