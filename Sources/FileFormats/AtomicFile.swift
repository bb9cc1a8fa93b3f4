import Foundation
import Locks

/// Writes a file whole or not at all.
///
/// The bytes go to a hidden file beside the target, are flushed to the disk, and take the target's
/// name in one step; then the folder is flushed, so that the new name survives a power cut. Whoever
/// looks, at any moment, finds the old file or the new one. On failure the hidden file is removed
/// and the old file is as it was. After a `kill -9` a hidden `.NAME.PID-N.partial` may stay;
/// ``removeLeftovers(in:of:)`` clears those.
public enum AtomicFile {
  /// The steps of a write, in order; `ATELIER_FAULT` can stop the process after any of them.
  public enum Stage: String, CaseIterable, Sendable {
    case open, write, fsync, rename
    case fsyncFolder = "fsync-folder"
  }

  /// Puts `bytes` at `path`, replacing what was there.
  ///
  /// A link at `path` is followed, and one that leads nowhere is an error; a file that is replaced
  /// keeps its permissions.
  ///
  /// - Throws: An ``FileFormatError/Kind/inputOutput`` error naming `path` (full disk, read-only or
  ///   missing folder, …).
  public static func write(_ bytes: [UInt8], to path: String) throws(FileFormatError) {
    let target = try resolvingLink(path)
    let (folder, name) = split(target)
    let temporary = "\(folder)/.\(name).\(getpid())-\(nextSerial()).partial"

    let descriptor = try run(.open, path, "create a file in \(folder)") {
      unlink(temporary)
      return open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    }
    var isOpen = true
    do throws(FileFormatError) {
      keepPermissions(of: target, for: descriptor)
      try run(.write, path, "write \(count(bytes.count, "byte"))") { write(bytes, descriptor) }
      try run(.fsync, path, "flush the file to disk") { fsync(descriptor) }
      isOpen = false
      if close(descriptor) != 0 {
        throw .system(path, could: "close the file", code: errno)
      }
      try run(.rename, path, "give the file its name") { rename(temporary, target) }
    } catch {
      if isOpen { close(descriptor) }
      unlink(temporary)
      throw error
    }
    try flush(folder: folder, for: path)
  }

  /// Puts text at `path` as UTF-8.
  public static func write(_ text: String, to path: String) throws(FileFormatError) {
    try write(Array(text.utf8), to: path)
  }

  /// Deletes the hidden files that killed writers left in a folder.
  ///
  /// - Parameters:
  ///   - folder: Where to look; not below.
  ///   - isOwn: Whether the caller alone writes files of this name there. Others' stay: they may be
  ///     being written now.
  /// - Throws: Where the folder cannot be listed.
  public static func removeLeftovers(
    in folder: String, of isOwn: (_ name: String) -> Bool
  ) throws(FileFormatError) {
    guard let directory = opendir(folder) else {
      throw .system(folder, could: "list the folder", code: errno)
    }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let target = target(ofLeftover: name), isOwn(target) { unlink("\(folder)/\(name)") }
    }
  }

  /// The `NAME` in `.NAME.PID-N.partial`; nil for any other name.
  package static func target(ofLeftover name: String) -> String? {
    guard name.hasPrefix("."), name.hasSuffix(".partial") else { return nil }
    let parts = name.dropFirst().dropLast(".partial".count)
    guard let point = parts.lastIndex(of: ".") else { return nil }
    let numbers = parts[parts.index(after: point)...].split(separator: "-").map { Int($0) }
    return numbers.count == 2 && !numbers.contains(nil) ? String(parts[..<point]) : nil
  }

  private static let serials = Locked(0)

  private static func nextSerial() -> Int {
    serials.withLock {
      $0 += 1
      return $0
    }
  }

  /// Runs one stage: C convention, negative means `errno` says why.
  @discardableResult
  private static func run(
    _ stage: Stage, _ path: String, _ purpose: String, _ body: () -> Int32
  ) throws(FileFormatError) -> Int32 {
    let injected = FaultInjection.failure(before: stage)
    if injected != 0 { throw .system(path, could: purpose, code: injected) }
    let result = body()
    if result < 0 { throw .system(path, could: purpose, code: errno) }
    FaultInjection.passed(stage)
    return result
  }

  private static func write(_ bytes: [UInt8], _ descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let written = Foundation.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if written < 0 && errno == EINTR { continue }
        if written <= 0 { return -1 }
        done += written
      }
      return 0
    }
  }

  private static func flush(folder: String, for path: String) throws(FileFormatError) {
    let purpose = "flush the folder \(folder) to disk"
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path, could: purpose, code: errno) }
    defer { close(descriptor) }
    try run(.fsyncFolder, path, purpose) {
      // Some network file systems cannot flush a folder and say EINVAL; the rename still stands.
      fsync(descriptor) == 0 || errno == EINVAL ? 0 : -1
    }
  }

  private static func keepPermissions(of target: String, for descriptor: Int32) {
    var status = stat()
    if stat(target, &status) == 0 { fchmod(descriptor, status.st_mode & 0o777) }
  }

  private static func resolvingLink(_ path: String) throws(FileFormatError) -> String {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
    guard let resolved = realpath(path, nil) else {
      throw .system(
        path, could: "follow the link", code: errno,
        advice: "remove the link, or make what it leads to")
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }
}
