import Training

extension CheckpointChoice {
  /// The value of `--checkpoint`: latest by default, best, a step, or a file.
  ///
  /// - Throws: ``UsageError`` for any other word.
  init(argument: String?) throws(UsageError) {
    switch argument {
    case nil, "latest": self = .latest
    case "best": self = .best
    case let argument?:
      if let step = Int(argument), step >= 0 {
        self = .step(step)
      } else if argument.contains("/") || argument.contains(".") {
        self = .path(argument)
      } else {
        throw .unknownWord(
          argument, place: "--checkpoint", expected: ["latest", "best", "a step", "a file"])
      }
    }
  }
}
