import FileFormats
import Foundation
import Locks

/// The folder that a preparation writes.
///
/// ```
/// cat/a.png          the results, in the sub-folders of the source
/// prepared.jsonl     the record; its presence says that everything is there
/// unfinished.jsonl   the same while results are still missing
/// removed.html       what was left out, and why
/// ```
///
/// `unfinished.jsonl` is written before the first result and names all of them, so that a folder whose
/// preparation was killed is known for what it is: it is refused as training data, and the same
/// command goes on with it. Every file is written whole or not at all.
public struct PreparedFolder: Sendable {
  /// Where it lies.
  public let path: String

  /// The record's name.
  public static let record = "prepared.jsonl"
  /// The page's name.
  public static let page = "removed.html"
  private static let unfinished = "unfinished.jsonl"
  /// What file managers leave behind.
  private static let harmless: Set = [".DS_Store", ".directory", "Thumbs.db", "desktop.ini"]

  /// A folder, which need not be there yet.
  public init(path: String) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// Refuses a folder whose preparation did not end.
  static func checkIsWhole(_ path: String) throws(FileFormatError) {
    guard PreparationRecord.results(at: "\(path)/\(unfinished)") != nil else { return }
    throw .mismatch(
      path, expected: "a finished folder of pictures",
      found: "one whose preparation was interrupted",
      advice: "run the same `atelier data prepare` once more, which goes on with it")
  }

  /// Refuses a folder that is not for results: one in the source, or one with foreign files.
  ///
  /// - Throws: ``PreparationError``, or a `FileFormatError` where something that is no folder is
  ///   there.
  public func check(source: String) throws {
    let own = Self.resolved(path)
    let other = Self.resolved(source)
    if own == other || own.hasPrefix(other + "/") { throw PreparationError.insideSource(path) }
    let known = knownFiles
    if let foreign = try files().first(where: { !isOwn($0, known) }) {
      throw PreparationError.foreignFile(folder: path, file: foreign)
    }
  }

  /// Writes the results, the page and the record; results that are there already stay as they are.
  ///
  /// - Parameters:
  ///   - preparation: What to write.
  ///   - progress: Is told of every result's picture.
  ///   - shouldStop: Is asked before each picture.
  /// - Returns: False where it was stopped; the folder is then unfinished.
  /// - Throws: What ``check(source:)`` throws, or why a file cannot be read or written.
  public func write(
    _ preparation: Preparation, progress: @escaping ReadingProgress = { _, _ in },
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> Bool {
    try check(source: preparation.source)
    let record = PreparationRecord.text(preparation)
    try begin(record, results: preparation.pictures.flatMap(\.results))
    guard try writeResults(preparation, progress, shouldStop) else { return false }
    try Self.write(Array(RemovalsPage(preparation).html().utf8), to: "\(path)/\(Self.page)")
    try AtomicFile.write(record, to: "\(path)/\(Self.record)")
    unlink("\(path)/\(Self.unfinished)")
    return true
  }

  /// Makes the folder an unfinished one of these results, and takes away those of other options.
  private func begin(_ record: String, results: [String]) throws {
    try Self.makeFolder(path)
    let unfinished = "\(path)/\(Self.unfinished)"
    let known = knownFiles
    let present = try files()
    // Until the new record is there, the old one must name what is left of the old results.
    if present.contains(Self.record) {
      if !present.contains(Self.unfinished) {
        let old = try ByteSource(path: "\(path)/\(Self.record)").readAll(limit: 1 << 32)
        try AtomicFile.write(old, to: unfinished)
      }
      unlink("\(path)/\(Self.record)")
    }
    let wanted = Set(results)
    for file in present where isOwn(file, known) && !wanted.contains(file) {
      if !Self.isNotes(file) && !Self.isHarmless(file) { unlink("\(path)/\(file)") }
    }
    removeEmptyFolders()
    try AtomicFile.write(record, to: unfinished)
  }

  private func writeResults(
    _ preparation: Preparation, _ progress: @escaping ReadingProgress,
    _ shouldStop: @escaping @Sendable () -> Bool
  ) throws -> Bool {
    let used = preparation.pictures.indices.filter { !preparation.pictures[$0].results.isEmpty }
    let state = Locked((done: 0, failure: (any Error)?.none, isStopped: false))
    DispatchQueue.concurrentPerform(iterations: used.count) { place in
      if shouldStop() { state.withLock { $0.isStopped = true } }
      if state.withLock({ $0.isStopped || $0.failure != nil }) { return }
      do {
        try writeResults(of: used[place], preparation)
      } catch {
        state.withLock { $0.failure = $0.failure ?? error }
      }
      state.withLock {
        $0.done += 1
        progress($0.done, used.count)
      }
    }
    let (_, failure, isStopped) = state.withLock { $0 }
    if let failure { throw failure }
    return !isStopped
  }

  /// Whoever made a picture stays named in what becomes of it.
  private func writeResults(of index: Int, _ preparation: Preparation) throws {
    let picture = preparation.pictures[index]
    let texts = picture.credits.map { PNGText(keyword: $0.field, text: $0.text) }
    for (name, result) in zip(picture.results, try preparation.results(of: index)) {
      let target = "\(path)/\(name)"
      try Self.makeFolder(target.enclosingFolder)
      try Self.write(PNG.encode(result, texts: texts), to: target)
    }
  }

  /// Writes a file unless it holds these bytes already: what is there was written whole.
  private static func write(_ bytes: [UInt8], to path: String) throws(FileFormatError) {
    if (try? ByteSource(path: path).readAll(limit: bytes.count)) == bytes { return }
    try AtomicFile.write(bytes, to: path)
  }
}

// What lies in the folder.
extension PreparedFolder {
  /// Everything that a preparation wrote, or was about to.
  private var knownFiles: Set<String> {
    let records = [Self.record, Self.unfinished].compactMap { name in
      PreparationRecord.results(at: "\(path)/\(name)").map { $0 + [name, Self.page] }
    }
    return Set(records.joined())
  }

  private func isOwn(_ file: String, _ known: Set<String>) -> Bool {
    if known.contains(file) || Self.isHarmless(file) { return true }
    guard let target = Self.target(ofLeftover: file) else { return false }
    return known.contains(target) || Self.isNotes(target)
  }

  private static func isHarmless(_ file: String) -> Bool {
    harmless.contains(file.lastPathComponent)
  }

  private static func isNotes(_ file: String) -> Bool { [record, unfinished, page].contains(file) }

  /// The file that a killed writer's hidden one was to become.
  private static func target(ofLeftover file: String) -> String? {
    guard let name = AtomicFile.target(ofLeftover: file.lastPathComponent) else { return nil }
    return String(file.dropLast(file.lastPathComponent.count)) + name
  }

  /// Every file and link within, in order; folders are not among them.
  private func files() throws(FileFormatError) -> [String] {
    var status = stat()
    guard stat(path, &status) == 0 else { return [] }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw .mismatch(
        path, expected: "a folder or a new name", found: "a file", advice: "choose another name")
    }
    let root = Self.resolved(path)
    guard let all = FileManager.default.enumerator(atPath: root) else {
      throw .system(path, could: "list the folder", code: EACCES)
    }
    return all.compactMap { $0 as? String }.filter { name in
      var status = stat()
      return lstat("\(root)/\(name)", &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
    }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Takes away sub-folders that hold nothing, the deepest first; `rmdir` spares all others.
  private func removeEmptyFolders() {
    let root = Self.resolved(path)
    let all = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    for name in all.sorted().reversed() { rmdir("\(root)/\(name)") }
  }

  private static func makeFolder(_ path: String) throws(FileFormatError) {
    if mkdir(path, 0o777) == 0 { return }
    var code = errno
    if code == ENOENT, !path.enclosingFolder.isEmpty {
      try makeFolder(path.enclosingFolder)
      code = mkdir(path, 0o777) == 0 ? 0 : errno
    }
    var status = stat()
    let isThere = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    if !isThere { throw .system(path, could: "make the folder", code: code) }
  }

  /// The path without links; what is not there yet lies where its folder is.
  private static func resolved(_ path: String) -> String {
    if let found = realpath(path, nil) {
      defer { free(found) }
      return String(cString: found)
    }
    let url = URL(filePath: path).standardizedFileURL
    let parent = url.deletingLastPathComponent().path
    return parent == url.path ? parent : "\(resolved(parent))/\(url.lastPathComponent)"
  }
}

extension String {
  /// The path without its last component.
  fileprivate var enclosingFolder: String {
    String(dropLast(lastPathComponent.count + 1))
  }
}
