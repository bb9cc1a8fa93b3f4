import Foundation

/// Where what can be made again is kept from one command to the next.
package enum CacheFolder {
  /// A folder of this name, which may not exist yet; nil where no variable says where.
  ///
  /// In `$ATELIER_CACHE`, else `$XDG_CACHE_HOME/atelier`, else `~/.cache/atelier`.
  package static func named(
    _ name: String, _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL? {
    func folder(_ variable: String, _ below: String) -> URL? {
      guard let path = environment[variable], !path.isEmpty else { return nil }
      return URL(fileURLWithPath: path, isDirectory: true).appendingPathComponent(below + name)
    }
    return folder("ATELIER_CACHE", "") ?? folder("XDG_CACHE_HOME", "atelier/")
      ?? folder("HOME", ".cache/atelier/")
  }
}
