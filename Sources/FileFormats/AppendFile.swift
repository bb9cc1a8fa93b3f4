import Foundation

/// A file that only grows, by whole pieces: a piece that does not fit is taken back.
package struct AppendFile: ~Copyable {
  private let path: String
  private let descriptor: Int32

  package init(path: String) throws(FileFormatError) {
    descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .system(path, could: "open the file for writing", code: errno)
    }
    self.path = path
  }

  deinit { close(descriptor) }

  func size() throws(FileFormatError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .system(path, could: "look at the file", code: errno)
    }
    return Int(status.st_size)
  }

  package func append(_ bytes: [UInt8]) throws(FileFormatError) {
    let before = try size()
    let code = bytes.withUnsafeBytes { buffer -> Int32 in
      var done = 0
      while done < buffer.count {
        let written = write(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if written < 0 && errno == EINTR { continue }
        if written <= 0 { return errno }
        done += written
      }
      return 0
    }
    if code != 0 {
      ftruncate(descriptor, off_t(before))
      throw .system(path, could: "append \(count(bytes.count, "byte"))", code: code)
    }
  }

  func synchronize() throws(FileFormatError) {
    if fsync(descriptor) != 0 { throw .system(path, could: "flush the file to disk", code: errno) }
  }

  func truncate(to size: Int) throws(FileFormatError) {
    if ftruncate(descriptor, off_t(size)) != 0 {
      throw .system(path, could: "cut the file back", code: errno)
    }
    try synchronize()
  }
}

extension FileFormatError {
  /// Whether the file was simply not there.
  public var isMissingFile: Bool { systemCode == ENOENT }
}
