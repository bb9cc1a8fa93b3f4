/// A decision about a `Target` that `--set key=value` makes.
public struct Setting<Target>: Sendable {
  public let key: String
  /// One line for the help.
  public let help: String
  /// What a value looks like, as errors say it.
  public let expected: String
  /// Puts the value in place, or says that it is none.
  let apply: @Sendable (inout Target, Substring) -> Bool
}

extension Setting {
  /// Applies `key=value` in the order given; a key given twice takes its last value.
  ///
  /// - Parameters:
  ///   - assignments: As on the command line.
  ///   - settings: All that there are.
  ///   - model: What they are settings of, for the sentences.
  ///   - target: Takes the values.
  /// - Returns: The keys given.
  /// - Throws: For a key that is none of the settings' (naming the nearest), and for a value that
  ///   does not fit.
  @discardableResult
  package static func apply(
    _ assignments: [String], of settings: [Setting], model: String, to target: inout Target
  ) throws(TrainingError) -> [String] {
    var given: [String] = []
    for assignment in assignments {
      let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = String(parts[0])
      guard parts.count == 2 else { throw .notAnAssignment(assignment) }
      guard let setting = settings.first(where: { $0.key == key }) else {
        throw .unknownSetting(key, model: model, known: settings.map(\.key))
      }
      guard setting.apply(&target, parts[1]) else {
        throw .wrongSetting(key, value: String(parts[1]), expected: setting.expected)
      }
      given.append(key)
    }
    return given
  }
}

extension Setting {
  package static func integer(
    _ key: String, _ help: String, from least: Int,
    _ put: @escaping @Sendable (inout Target, Int) -> Void
  ) -> Setting {
    Setting(key: key, help: help, expected: "a whole number from \(least) on") { settings, text in
      guard let value = Int(text), value >= least, value <= Int32.max else { return false }
      put(&settings, value)
      return true
    }
  }

  package static func integers(
    _ key: String, _ help: String, _ put: @escaping @Sendable (inout Target, [Int]) -> Void
  ) -> Setting {
    Setting(key: key, help: help, expected: "whole numbers such as 256,128") { settings, text in
      let values = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
      guard values.allSatisfy({ $0.map { (1...65_536).contains($0) } ?? false }) else {
        return false
      }
      put(&settings, values.compactMap(\.self))
      return true
    }
  }

  package static func number(
    _ key: String, _ help: String, _ put: @escaping @Sendable (inout Target, Float) -> Void
  ) -> Setting {
    Setting(key: key, help: help, expected: "a number") { settings, text in
      guard let value = Float(text), value.isFinite else { return false }
      put(&settings, value)
      return true
    }
  }

  package static func word(
    _ key: String, _ help: String, _ words: [String],
    _ put: @escaping @Sendable (inout Target, String) -> Void
  ) -> Setting {
    Setting(key: key, help: help, expected: words.joined(separator: " or ")) { settings, text in
      guard words.contains(String(text)) else { return false }
      put(&settings, String(text))
      return true
    }
  }
}
