import FileFormats
import Foundation
import Tensors
import Training

/// The file of a tuning, to which several processes may add at once.
struct TuningFile {
  let path: String
  /// Whether a file that is damaged, or of other things, gives way to a new one.
  ///
  /// So it does where every command looks, as the choice of the device has said; a file that someone
  /// named may be anything.
  let isStandard: Bool

  /// What it holds of `origin`, or nothing.
  ///
  /// - Throws: ``TuningFileError`` for a file that does not give way.
  func tuning(of origin: ProductTuning.Origin) throws -> ProductTuning {
    var tuning = ProductTuning(origin)
    guard FileManager.default.fileExists(atPath: path) else { return tuning }
    do {
      try tuning.merge(Self.read(path))
    } catch let error as TuningError {
      if !isStandard { throw TuningFileError(path: path, error: error) }
    }
    return tuning
  }

  /// Writes what was found, together with what others have written since.
  ///
  /// - Returns: Both.
  @discardableResult
  func save(_ tuning: ProductTuning) throws -> ProductTuning {
    let lock = try FileLock(beside: path)
    return try withExtendedLifetime(lock) {
      var joined = tuning
      try joined.merge(self.tuning(of: tuning.origin))
      try AtomicFile.write(joined.encoded, to: path)
      return joined
    }
  }

  /// Makes the folder that it lies in.
  func makeFolder() throws {
    let folder = (path as NSString).deletingLastPathComponent
    if !folder.isEmpty { try RunFolder.make(folder) }
  }

  /// A tuning of anything.
  ///
  /// - Throws: ``TuningFileError``, or why it cannot be read.
  static func open(_ path: String) throws -> ProductTuning {
    do { return try read(path) } catch let error as TuningError {
      throw TuningFileError(path: path, error: error)
    }
  }

  private static func read(_ path: String) throws -> ProductTuning {
    try ProductTuning(
      decoding: ByteSource(path: path).readAll(limit: ProductTuning.largestFile))
  }
}

/// A tuning that cannot be used, and its file.
struct TuningFileError: Error, CustomStringConvertible {
  let path: String
  let error: TuningError

  var description: String { "\(path): \(error)" }
}

/// Keeps others who ask for the same from a file until it is let go: a lock on a hidden file beside
/// it, which is removed then, since the file itself is replaced by another.
private final class FileLock {
  private let lockFile: String
  private let descriptor: Int32

  /// Waits for its turn.
  ///
  /// File systems without locks are taken as unlocked.
  init(beside path: String) throws(FileFormatError) {
    let file = URL(fileURLWithPath: path)
    lockFile = file.deletingLastPathComponent().path + "/.\(file.lastPathComponent).lock"
    var attempts = 0
    while true {
      let opened = open(lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard opened >= 0 else { throw .system(path, could: "lock the file", code: errno) }
      while flock(opened, LOCK_EX) != 0, errno == EINTR {}
      // Whoever had it has removed it, and it may be another's by now.
      var (own, current) = (stat(), stat())
      attempts += 1
      let isSame =
        fstat(opened, &own) == 0 && stat(lockFile, &current) == 0 && own.st_ino == current.st_ino
      // Some file systems never give a file the same number.
      if isSame || attempts == 100 {
        descriptor = opened
        return
      }
      close(opened)
    }
  }

  deinit {
    unlink(lockFile)
    close(descriptor)
  }
}
