import FileFormats
import Foundation

/// The folder of one training run, and where things lie in it.
///
/// ```
/// config.json               the whole effective configuration
/// stats.jsonl               a line a step
/// events.out.tfevents.run   the same for TensorBoard, with the sheets
/// log.txt                   what happened when, for people; never cut back
/// samples/000500.png        pictures from the prior after step 500
/// reconstructions/000500.png
/// checkpoints/000500.safetensors
/// ```
public struct RunFolder: Sendable, Equatable {
  public let path: String

  public init(path: String) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// The run that a checkpoint lies in.
  init(ofCheckpoint path: String) {
    let file = URL(fileURLWithPath: path)
    self.init(path: file.deletingLastPathComponent().deletingLastPathComponent().relativePath)
  }

  /// The folder's own name.
  public var name: String { URL(fileURLWithPath: path).lastPathComponent }
  package var configuration: String { "\(path)/config.json" }
  package var statistics: String { "\(path)/stats.jsonl" }
  package var events: String { "\(path)/events.out.tfevents.run" }
  package var log: String { "\(path)/log.txt" }
  package var checkpoints: String { "\(path)/checkpoints" }

  /// Where a checkpoint lies, such as `checkpoints/000500.safetensors`.
  public func checkpoint(_ step: Int) -> String {
    "\(checkpoints)/\(Self.number(step, digits: 6)).safetensors"
  }

  /// Where a sheet lies, such as `samples/000500.png`.
  public func sheet(_ kind: SheetKind, _ step: Int) -> String {
    "\(path)/\(kind.rawValue)/\(Self.number(step, digits: 6)).png"
  }

  /// Steps whose checkpoints are there, rising; damaged ones included.
  public func checkpointSteps() -> [Int] {
    Self.entries(checkpoints).compactMap { Self.step(of: $0, extension: "safetensors") }.sorted()
  }

  /// Steps whose sheets are there, rising.
  public func sheetSteps(_ kind: SheetKind) -> [Int] {
    Self.entries("\(path)/\(kind.rawValue)").compactMap { Self.step(of: $0, extension: "png") }
      .sorted()
  }

  /// The step in a file's name such as `000500.png`, or nil for a name that no run gives.
  private static func step(of name: String, extension suffix: String) -> Int? {
    guard name.hasSuffix(".\(suffix)") else { return nil }
    let digits = name.dropLast(suffix.count + 1)
    return digits.count >= 6 && digits.allSatisfy(\.isNumber) ? Int(digits) : nil
  }

  /// The newest checkpoint that verifies, and the errors of newer ones that do not.
  ///
  /// - Throws: ``TrainingError/wrongContent(_:expected:found:)`` of one that is whole and cannot be
  ///   used: it was made so, by another version or on purpose, and an older one is not what is
  ///   meant.
  public func newestCheckpoint() throws(TrainingError) -> (
    checkpoint: Checkpoint?, damaged: [String]
  ) {
    var damaged: [String] = []
    for step in checkpointSteps().reversed() {
      do { return (try Checkpoint(path: checkpoint(step)), damaged) } catch {
        if let error = error as? TrainingError, case .wrongContent = error { throw error }
        damaged.append("\(error)")
      }
    }
    return (nil, damaged)
  }

  /// Whether a checkpoint lies where this run keeps its own.
  func holds(checkpoint path: String) -> Bool {
    URL(filePath: path).deletingLastPathComponent().lastPathComponent
      == URL(filePath: checkpoints).lastPathComponent
  }

  /// Whether this program made the folder a run, whole or half-made.
  ///
  /// Names prove nothing: many programs write a `config.json`. Ours says its format; only a run that
  /// was being taken to a new folder has checkpoints, which say theirs, and no `config.json` yet.
  public var isRun: Bool {
    if Self.entries(path).contains("config.json") { return configurationOnDisk != nil }
    return checkpointSteps().contains { step in
      let file = try? Safetensors(path: checkpoint(step))
      return file?.metadata["format"] == Checkpoint.format
    }
  }

  /// What `config.json` says, or nil where it is not there or not this program's.
  package var configurationOnDisk: JSONValue? {
    guard let bytes = try? ByteSource(path: configuration).readAll(limit: 1 << 24),
      let json = try? JSONValue(parsing: bytes, file: configuration),
      json["format"]?.string == RunConfiguration.format
    else { return nil }
    return json
  }

  /// What was trained, by its name in `config.json`: `vae`, `grc`; nil where that cannot be read.
  public var modelKind: String? { configurationOnDisk?["model"]?["kind"]?.string }

  /// The step of another run's checkpoint from which this run goes on; nil for a run that began at
  /// its first step.
  var origin: Int? { configurationOnDisk?["goesOnFrom"]?.integer }

  /// Writes `config.json`, where it does not say so already, and makes the folders of what is to
  /// come.
  func prepare(_ configuration: RunConfiguration, origin: Int?) throws {
    var json = configuration.json
    if let origin { json = json.merging(["goesOnFrom": .integer(origin)]) }
    let text = json.prettyEncoded
    if (try? ByteSource(path: self.configuration).readAll(limit: 1 << 24)) != Array(text.utf8) {
      try AtomicFile.write(text, to: self.configuration)
    }
    for folder in subfolders { try Self.make(folder.path) }
  }

  /// Deletes the hidden files that a killed trainer of this run left.
  ///
  /// Who else writes here, such as `atelier sample`, gives other names, so that nothing is taken
  /// from under a process that is still writing.
  package func removeLeftovers() throws(FileFormatError) {
    try AtomicFile.removeLeftovers(in: path) { $0 == "config.json" }
    for (folder, suffix) in subfolders where Self.isFolder(folder) {
      try AtomicFile.removeLeftovers(in: folder) { Self.step(of: $0, extension: suffix) != nil }
    }
  }

  /// The folders in a run's, and how the files in them end.
  private var subfolders: [(path: String, extension: String)] {
    [(checkpoints, "safetensors")] + SheetKind.allCases.map { ("\(path)/\($0.rawValue)", "png") }
  }

  static func number(_ number: Int, digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// Names in a folder, sorted; none where there is no folder.
  package static func entries(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}

extension RunFolder {
  /// Makes the folder of a new run, and locks it.
  ///
  /// - Parameters:
  ///   - path: The folder itself; nil for the next `runs/00000-NAME`.
  ///   - name: Data and model.
  /// - Returns: The folder, which is there now, and its lock.
  /// - Throws: ``TrainingError/folderNotEmpty(_:)`` where something could be lost,
  ///   ``TrainingError/folderInUse(_:)``, a `FileFormatError` where it cannot be made.
  package static func begin(_ path: String?, name: String) throws -> (RunFolder, RunLock) {
    let folder = try path.map { RunFolder(path: $0) } ?? makeNumbered(name)
    try make(folder.path)
    // What is in it may change until it is locked, so that comes before the look.
    let lock = try RunLock(folder)
    guard folder.isVacant else { throw TrainingError.folderNotEmpty(folder.path) }
    return (folder, lock)
  }

  /// Makes or takes up the folder of a run that may have begun, and locks it.
  ///
  /// An empty `checkpoints` alone is no run: it may be what a failed resume from another folder left,
  /// which must not become a training from the first step.
  ///
  /// - Throws: ``TrainingError/notARun(_:)`` where something else is in it,
  ///   ``TrainingError/folderInUse(_:)``, a `FileFormatError` where it cannot be made.
  package static func takeUp(_ path: String) throws -> (RunFolder, RunLock) {
    let folder = RunFolder(path: path)
    try make(folder.path)
    let lock = try RunLock(folder)
    guard folder.isEmpty || folder.isRun else { throw TrainingError.notARun(folder.path) }
    return (folder, lock)
  }

  /// Whether nothing is in it that someone could miss.
  private var isEmpty: Bool { Self.isEmpty(path) }

  private static func isEmpty(_ path: String) -> Bool { entries(path).allSatisfy(isLeftover) }

  /// Whether nothing more is in it than taking in another run's checkpoints may leave when it fails:
  /// folders in which nothing is.
  private var isVacant: Bool {
    let own = Set(subfolders.map(\.path))
    return Self.entries(path).allSatisfy { name in
      let entry = "\(path)/\(name)"
      return Self.isLeftover(name)
        || own.contains(entry) && Self.isFolder(entry) && Self.isEmpty(entry)
    }
  }

  /// The newest numbered run of that name in `runs`, or nil.
  public static func newest(named name: String) -> RunFolder? {
    entries("runs").last { $0.drop { $0.isNumber } == "-\(name)" && $0.first != "-" }
      .map { RunFolder(path: "runs/\($0)") }
  }

  private static func makeNumbered(_ name: String) throws -> RunFolder {
    try make("runs")
    var next = (entries("runs").compactMap { Int($0.prefix { $0.isNumber }) }.max() ?? -1) + 1
    while true {
      let path = "runs/\(number(next, digits: 5))-\(name)"
      if mkdir(path, 0o777) == 0 { return RunFolder(path: path) }
      if errno != EEXIST {
        throw FileFormatError.system(path, could: "make the folder", code: errno)
      }
      next += 1
    }
  }

  /// Makes a folder and those above it; one that is there already is fine.
  ///
  /// - Throws: An error naming the folder that cannot be made.
  public static func make(_ path: String) throws(FileFormatError) {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return }
      throw .system(path, could: "make the folder", code: ENOTDIR)
    }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try make(String(path[..<slash]))
    }
    if mkdir(path, 0o777) == 0 { return }
    let code = errno
    // Someone else may have been faster; a link that leads nowhere is there and is no folder.
    if code == EEXIST, isFolder(path) { return }
    throw .system(path, could: "make the folder", code: code)
  }

  /// What a killed writer leaves: its hidden file, which is no one's work.
  private static func isLeftover(_ name: String) -> Bool {
    name.hasPrefix(".") && name.hasSuffix(".partial")
  }
}

/// Keeps other processes from training in a folder, until it is let go or the process ends, however
/// it ends.
package final class RunLock {
  private let descriptor: Int32

  /// - Throws: ``TrainingError/folderInUse(_:)``. File systems without locks are taken as unlocked.
  package init(_ folder: RunFolder) throws {
    descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FileFormatError.system(folder.path, could: "open the folder", code: errno)
    }
    // `deinit` closes the folder where this throws, since nothing is left to be initialised: to close
    // it here, too, could close what another thread has just opened.
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      throw TrainingError.folderInUse(folder.path)
    }
  }

  deinit { close(descriptor) }
}
