import Training

extension Setting {
  /// Keys and what they decide, in two columns as help has them.
  static func table(_ settings: [Setting]) -> String {
    let width = settings.map(\.key.count).max()! + 2
    return settings.map { setting in
      "  \(setting.key)\(String(repeating: " ", count: width - setting.key.count))\(setting.help)"
    }.joined(separator: "\n")
  }
}
