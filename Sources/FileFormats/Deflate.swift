import CZlib

/// Compression as gzip, zlib streams, PNG and zip share it (RFC 1950, 1951, 1952).
public enum Deflate {
  /// What is wrapped round the compressed data.
  public enum Container: Sendable {
    /// Nothing, as in a zip entry.
    case raw
    /// Two bytes before and a checksum after, as in PNG.
    case zlib
    /// The `.gz` file, several members in a row included.
    case gzip

    var windowBits: Int32 {
      switch self {
      case .raw: -15
      case .zlib: 15
      case .gzip: 31
      }
    }

    var name: String {
      switch self {
      case .raw: "deflate"
      case .zlib: "zlib"
      case .gzip: "gzip"
      }
    }
  }

  /// Decompresses all of `bytes`.
  ///
  /// - Parameters:
  ///   - bytes: The compressed data.
  ///   - container: What is wrapped round it.
  ///   - limit: Most bytes of output allowed. Memory grows with the output that is really there, so
  ///     a small file that swells without end costs at most this much.
  ///   - file: The name that errors carry.
  /// - Returns: The decompressed data.
  /// - Throws: For damage, a cut-off stream, bytes after the end, or more output than `limit`.
  public static func inflate(
    _ bytes: [UInt8], container: Container, limit: Int, file: String
  ) throws(FileFormatError) -> [UInt8] {
    let (output, isWhole) = try inflate(bytes, container, upTo: limit, file)
    guard isWhole else {
      throw .tooLarge(
        file, part: "decompressed data", limit: count(limit, "byte"), found: "more")
    }
    return output
  }

  /// The first `count` bytes of the decompressed data, or fewer where it ends earlier.
  static func inflatePrefix(
    _ bytes: [UInt8], container: Container, count: Int, file: String
  ) throws(FileFormatError) -> [UInt8] {
    try inflate(bytes, container, upTo: count, file).output
  }

  /// Compresses `bytes`; the same bytes, level and zlib give the same output.
  ///
  /// - Parameters:
  ///   - bytes: Anything.
  ///   - container: What to wrap round the result.
  ///   - level: 0 (none) to 9 (smallest); 6 is zlib's own default.
  /// - Returns: The compressed data.
  public static func deflate(
    _ bytes: [UInt8], container: Container, level: Int = 6
  ) -> [UInt8] {
    precondition((0...9).contains(level), "deflate: level \(level) is not in 0...9")
    var stream = z_stream()
    var status = deflateInit2_(
      &stream, Int32(level), Z_DEFLATED, container.windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "deflate: zlib could not start (\(status))")
    defer { deflateEnd(&stream) }

    var output: [UInt8] = []
    var window = [UInt8](repeating: 0, count: windowSize)
    bytes.withUnsafeBufferPointer { input in
      var consumed = 0
      repeat {
        let piece = min(input.count - consumed, pieceSize)
        let isLast = consumed + piece == input.count
        stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + consumed) }
        stream.avail_in = uInt(piece)
        repeat {
          let produced = step(&stream, &window) {
            CZlib.deflate($0, isLast ? Z_FINISH : Z_NO_FLUSH)
          }
          status = produced.status
          output += window[..<produced.count]
        } while stream.avail_out == 0
        consumed += piece
      } while status != Z_STREAM_END
    }
    return output
  }

  private static let windowSize = 1 << 17
  /// zlib counts in 32 bits, so longer input is handed over in pieces.
  private static let pieceSize = 1 << 30

  private static func step(
    _ stream: inout z_stream, _ window: inout [UInt8],
    _ run: (UnsafeMutablePointer<z_stream>) -> Int32
  ) -> (status: Int32, count: Int) {
    window.withUnsafeMutableBufferPointer { buffer in
      stream.next_out = buffer.baseAddress
      stream.avail_out = uInt(buffer.count)
      let status = run(&stream)
      return (status, buffer.count - Int(stream.avail_out))
    }
  }

  private static func inflate(
    _ bytes: [UInt8], _ container: Container, upTo limit: Int, _ file: String
  ) throws(FileFormatError) -> (output: [UInt8], isWhole: Bool) {
    var stream = z_stream()
    let started = inflateInit2_(
      &stream, container.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK, "inflate: zlib could not start (\(started))")
    defer { inflateEnd(&stream) }

    var output: [UInt8] = []
    var window = [UInt8](repeating: 0, count: windowSize)
    var consumed = 0
    while true {
      let produced = bytes.withUnsafeBufferPointer { input in
        let piece = min(input.count - consumed, pieceSize)
        stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + consumed) }
        stream.avail_in = uInt(piece)
        let produced = step(&stream, &window) { CZlib.inflate($0, Z_NO_FLUSH) }
        consumed += piece - Int(stream.avail_in)
        return produced
      }
      let room = limit - output.count
      output += window[..<min(produced.count, room)]
      if produced.count > room { return (output, false) }
      switch produced.status {
      case Z_STREAM_END:
        let rest = bytes[consumed...]
        if container == .gzip, rest.starts(with: [0x1F, 0x8B]) {
          inflateReset(&stream)
        } else if rest.isEmpty || container == .gzip && rest.allSatisfy({ $0 == 0 }) {
          return (output, true)
        } else {
          throw .mismatch(
            file, expected: "the end of the \(container.name) data",
            found: "\(count(rest.count, "byte")) more", at: consumed)
        }
      case Z_OK, Z_BUF_ERROR:
        if produced.count == 0, consumed == bytes.count {
          throw .truncated(
            file, part: "more \(container.name) data", expected: 1, found: 0, at: consumed)
        }
      default:
        let message = stream.msg.map { String(cString: $0) } ?? ""
        throw .undecodable(
          file, part: "\(container.name) data", message: message, at: consumed)
      }
    }
  }
}
