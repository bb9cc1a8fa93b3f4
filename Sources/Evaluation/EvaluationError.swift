/// Why an evaluation cannot be made.
public enum EvaluationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A file that is no judge of this version.
  case notAJudge(String, found: String)
  /// A run whose checkpoint is no classifier.
  case notAClassifier(String, found: String)
  /// Too few pictures to measure anything by.
  case tooFew(String, found: Int, needed: Int)

  public var description: String {
    switch self {
    case .notAJudge(let file, let found):
      "\(file): expected a judge, found \(found); 'atelier judge' makes one of a trained classifier"
    case .notAClassifier(let file, let found):
      "\(file): expected a classifier, found a \(found); train one by 'atelier train classifier'"
    case .tooFew(let what, let found, let needed):
      "\(what): expected at least \(needed) pictures, found \(found); name a larger source, or --samples \(needed) and more"
    }
  }
}
