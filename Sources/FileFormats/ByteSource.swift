import Foundation

/// Bytes that can be read at any place: a file on disk, or an array in memory.
///
/// A file is read with `pread`, not mapped: a file that shrinks while it is read then gives an
/// error instead of a signal that ends the process. Safe to read from several threads at once.
public final class ByteSource: Sendable {
  private enum Backing: Sendable {
    case memory([UInt8])
    case file(descriptor: Int32)
  }

  /// The path, or the name given to bytes in memory; errors carry it.
  public let name: String
  /// Number of bytes.
  public let count: Int
  private let backing: Backing

  /// Bytes in memory, under the name that messages should use for them.
  public init(_ bytes: [UInt8], name: String) {
    self.name = name
    count = bytes.count
    backing = .memory(bytes)
  }

  /// Opens a regular file for reading.
  public init(path: String) throws(FileFormatError) {
    // Without waiting: opening a pipe that nobody writes to would never return.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(path, could: "open the file", code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw .system(path, could: "look at the file", code: code)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notARegularFile(
        path, found: status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a device or pipe")
    }
    name = path
    count = Int(status.st_size)
    backing = .file(descriptor: descriptor)
  }

  deinit {
    if case .file(let descriptor) = backing { close(descriptor) }
  }

  /// Reads exactly `count` bytes from `offset`; `part` names them in the error when they are not
  /// there.
  public func read(at offset: Int, count: Int, part: String) throws(FileFormatError) -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
      throw .truncated(
        name, part: part, expected: count, found: max(0, self.count - max(0, offset)), at: offset)
    }
    // An array of capacity zero is a shared global, which filling would write to.
    if count == 0 { return [] }
    switch backing {
    case .memory(let bytes):
      return count == bytes.count ? bytes : Array(bytes[offset..<offset + count])
    case .file(let descriptor):
      return try readFile(descriptor, at: offset, count: count, part: part)
    }
  }

  /// Reads everything; more than `limit` bytes are refused before anything is allocated.
  public func readAll(limit: Int) throws(FileFormatError) -> [UInt8] {
    guard count <= limit else {
      throw .tooLarge(
        name, part: "a file", limit: FileFormats.count(limit, "byte"), found: "\(count)")
    }
    return try read(at: 0, count: count, part: "the file")
  }

  private func readFile(
    _ descriptor: Int32, at offset: Int, count: Int, part: String
  ) throws(FileFormatError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(
          descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
        if got > 0 {
          filled += got
        } else if got == 0 {
          return
        } else if errno != EINTR {
          failure = errno
          return
        }
      }
    }
    if failure != 0 { throw .system(name, could: "read \(part)", code: failure) }
    guard bytes.count == count else {
      throw .truncated(name, part: part, expected: count, found: bytes.count, at: offset)
    }
    return bytes
  }
}
