import FileFormats
import Foundation

/// A preparation that cannot be meant, or leaves nothing.
public enum PreparationError: Error, Equatable {
  /// The folder for the results holds something that no preparation wrote.
  case foreignFile(folder: String, file: String)
  /// The folder for the results is the source, or lies in it.
  case insideSource(String)
  /// A picture that is to stay is not in the source.
  case unknownPicture(String, source: String, similar: String?)
  /// A picture that is to stay cannot be read.
  case cannotKeep(FileFormatError)
  /// Every picture was left out.
  case nothingLeft(source: String, counts: [Finding.Reason: Int])
}

extension PreparationError: CustomStringConvertible, LocalizedError {
  public var description: String {
    switch self {
    case .foreignFile(let folder, let file):
      "\(folder): expected a new folder or one that `data prepare` made, found \(file) in it;"
        + " choose another folder"
    case .insideSource(let folder):
      "\(folder): expected a folder outside the source, which is never written to,"
        + " found one inside; choose another folder"
    case .unknownPicture(let name, let source, let similar):
      "\(source): expected the picture '\(name)', which is to be kept, found none of this name;"
        + (similar.map { " did you mean '\($0)'?" }
          ?? " name it by its path in the source, as prepared.jsonl does")
    case .cannotKeep(let error): "\(error); until then it cannot be kept"
    case .nothingLeft(let source, let counts):
      "\(source): expected at least one picture to stay, found \(Self.list(counts));"
        + " look by --dry-run, and change the thresholds or keep some by --keep"
    }
  }

  public var errorDescription: String? { description }

  private static func list(_ counts: [Finding.Reason: Int]) -> String {
    Finding.Reason.allCases.compactMap { reason in
      counts[reason].map { "\($0) \(reason.rawValue)" }
    }.joined(separator: ", ")
  }
}
