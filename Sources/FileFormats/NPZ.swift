/// NPZ: several named NumPy arrays in one zip archive.
public struct NPZ: Sendable {
  /// Names of the arrays, without `.npy`, in the order of the archive.
  public let names: [String]
  private let archive: ZIPArchive

  /// The path, or the name given for bytes in memory.
  public var file: String { archive.file }

  /// Opens a file; arrays are read when asked for.
  public init(path: String) throws(FileFormatError) {
    try self.init(ByteSource(path: path))
  }

  /// Opens an archive; arrays are read when asked for.
  public init(_ source: ByteSource) throws(FileFormatError) {
    archive = try ZIPArchive(source)
    names = archive.entries.filter { $0.name.hasSuffix(".npy") }.map { String($0.name.dropLast(4)) }
    guard !names.isEmpty else {
      throw .mismatch(
        source.name, expected: "NumPy arrays (.npy) in the archive",
        found: count(archive.entries.count, "other file"),
        advice: "write it with numpy.savez or numpy.savez_compressed")
    }
  }

  /// Reads one array, or says which names there are.
  public func array(named name: String) throws(FileFormatError) -> NumericArray {
    guard let entry = archive[name + ".npy"] else {
      throw .mismatch(
        file, expected: "an array named \"\(name)\"",
        found: names.map { "\"\($0)\"" }.joined(separator: ", "),
        advice: "check the name, or save the array under it")
    }
    return try NPY.decode(try archive.read(entry), file: "\(file)/\(entry.name)")
  }

  /// Packs arrays, sorted by name.
  public static func encode(_ arrays: [String: NumericArray], isCompressed: Bool = true) -> [UInt8]
  {
    var writer = ZIPWriter()
    for (name, array) in arrays.sorted(by: { $0.key < $1.key }) {
      writer.add(
        name + ".npy", NPY.encode(array), compression: isCompressed ? .deflated : .stored)
    }
    return writer.finished()
  }
}
