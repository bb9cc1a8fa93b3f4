import FileFormats
import Foundation
import Training

/// A command that is well-formed and cannot be meant.
///
/// All of the command line's own sentences are made here.
enum UsageError: Error, Equatable {
  /// A word that is none of those expected; `place` is the option or variable.
  case unknownWord(String, place: String, expected: [String])
  /// A value that does not fit its option.
  case wrongValue(String, place: String, expected: String)
  /// Two options that exclude one another.
  case conflict(String, String)
  /// More pictures than cells.
  case gridTooSmall(String, pictures: Int)
  /// A sheet larger than any picture may be.
  case sheetTooLarge(String, shape: PictureShape)
  /// An existing file, device or pipe that was not made by this program.
  case wouldOverwrite(String)
  /// An existing file that no command of a fit made.
  case notOurs(String)
  /// A file where a run's folder was expected.
  case notAFolder(String)
  /// A folder where the file of one picture was expected.
  case onePicture(String)
  /// Nothing was said to sample from.
  case nothingToSample
}

extension UsageError: CustomStringConvertible, LocalizedError {
  var description: String {
    switch self {
    case .unknownWord(let word, let place, let expected):
      let guess = nearMiss(word, among: expected).map { "did you mean '\($0)'? " } ?? ""
      return "\(place) '\(word)': \(guess)Expected \(list(expected))"
    case .wrongValue(let value, let place, let expected):
      return "\(place) '\(value)': expected \(expected)"
    case .conflict(let first, let second):
      return "\(first) and \(second) exclude one another: give one of them"
    case .gridTooSmall(let grid, let pictures):
      return
        "--grid \(grid) has no room for \(pictures) pictures: ask for fewer --seeds, or a larger grid"
    case .sheetTooLarge(let grid, let shape):
      return "--grid \(grid): expected a sheet of at most \(Picture.limits),"
        + " found \(shape); ask for fewer --seeds or another --grid,"
        + " or name a folder by --out for one PNG a seed"
    case .wouldOverwrite(let path):
      return "\(path): expected a new name or a picture of this program,"
        + " found something else there; choose another name"
    case .notOurs(let path):
      return "\(path): expected a new name or an older file of this command,"
        + " found something else there; choose another name"
    case .notAFolder(let path):
      return "\(path): expected the folder of a run, found a file;"
        + " to use a checkpoint, name its run, then the file by --checkpoint"
    case .onePicture(let path):
      return "\(path): expected the name of a PNG, found a folder; a recipe makes one picture"
    case .nothingToSample:
      return "expected a run, such as 'atelier sample runs/first', or a picture by --from"
    }
  }

  var errorDescription: String? { description }

  private func list(_ words: [String]) -> String {
    if words.count > 20 { return words.prefix(20).joined(separator: ", ") + ", …" }
    return words.count < 2
      ? words.joined() : words.dropLast().joined(separator: ", ") + " or " + words.last!
  }
}

/// The case of an enumeration that a word names.
///
/// - Throws: ``UsageError/unknownWord(_:place:expected:)`` with the nearest word.
func choice<Word: RawRepresentable & CaseIterable>(
  _ text: String, _ place: String
) throws(UsageError) -> Word where Word.RawValue == String {
  if let word = Word(rawValue: text) { return word }
  throw .unknownWord(text, place: place, expected: Word.allCases.map(\.rawValue))
}
