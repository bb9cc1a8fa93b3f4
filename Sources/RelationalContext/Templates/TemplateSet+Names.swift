import Foundation

extension TemplateSet {
  /// What templates from these files or folders are called: `rose` and `lily`; `a/petal` and
  /// `b/petal` where the last part alone does not tell them apart, numbered where nothing does.
  static func names(of paths: [String]) -> [String] {
    let parts = paths.map { path in
      URL(filePath: path).deletingPathExtension().pathComponents.filter { $0 != "/" }
    }
    for depth in 1...max(parts.map(\.count).max() ?? 1, 1) {
      let names = parts.map { $0.suffix(depth).joined(separator: "/") }
      if Set(names).count == names.count { return names }
    }
    var seen: Set<String> = []
    return parts.map { parts in
      let name = parts.last ?? ""
      let numbered = [name] + (2...paths.count + 1).map { "\(name) \($0)" }
      return numbered.first { seen.insert($0).inserted }!
    }
  }

  /// What all of them are called, for names of folders: `rose-lily`.
  static func name(of paths: [String]) -> String {
    let words = paths.prefix(3).map { path in
      let stem = URL(filePath: path).deletingPathExtension().lastPathComponent
      return String(stem.map { $0.isLetter || $0.isNumber ? $0 : "-" }.prefix(24))
    }
    return words.joined(separator: "-")
  }
}
