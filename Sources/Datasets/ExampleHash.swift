import FileFormats

/// A 64-bit hash of an example's stored bytes: the file of a picture, the pixels of an array's row.
///
/// FNV-1a (Fowler, Noll and Vo), then the finaliser of MurmurHash3 (Appleby), because FNV alone
/// leaves patterns in the low bits: its last bit is the parity of all bytes. The hash decides which
/// examples are held out, so it must never change.
public enum ExampleHash {
  /// The hash of some bytes.
  public static func of(_ bytes: some Sequence<UInt8>) -> UInt64 { mixed(fnv1a(bytes)) }

  static func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  static func mixed(_ hash: UInt64) -> UInt64 {
    var hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return hash ^ hash >> 33
  }
}

/// Which examples are trained on and which are kept to measure with.
public struct DatasetSplit: Sendable {
  /// Indices of the examples to train on, rising.
  public let training: [Int]
  /// Indices of the examples to measure with, rising.
  public let heldOut: [Int]
  /// How they were chosen, as protocol strings say it: `test` or `hash-10%`.
  public let name: String

  /// The data's own test part, or else the tenth of the examples whose hash is a multiple of ten.
  ///
  /// The choice depends on an example's bytes alone: adding examples moves no other, and copies
  /// stay on one side. Where no hash of two or more examples falls on a multiple of ten, the
  /// smallest hash is held out; where all do, the largest is trained on. A single example is
  /// trained on.
  public init(_ dataset: some Dataset) {
    if !dataset.testRange.isEmpty {
      heldOut = Array(dataset.testRange)
      training = (0..<dataset.count).filter { !dataset.testRange.contains($0) }
      name = "test"
      return
    }
    let isHeldOut = Self.tenth((0..<dataset.count).map { dataset.hash(at: $0) })
    heldOut = isHeldOut.indices.filter { isHeldOut[$0] }
    training = isHeldOut.indices.filter { !isHeldOut[$0] }
    name = "hash-10%"
  }

  /// Which of those with these hashes are held out.
  static func tenth(_ hashes: [UInt64]) -> [Bool] {
    if hashes.count < 2 { return hashes.map { _ in false } }
    var isHeldOut = hashes.map { $0 % 10 == 0 }
    let order = hashes.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
    if !isHeldOut.contains(true) { isHeldOut[order.first!] = true }
    if !isHeldOut.contains(false) { isHeldOut[order.last!] = false }
    return isHeldOut
  }
}

extension Dataset {
  /// What decides the examples, without paths: kept in checkpoints and compared on resume.
  public var identity: JSONValue {
    var bytes: [UInt8] = []
    for index in 0..<count {
      bytes += withUnsafeBytes(of: hash(at: index).littleEndian) { Array($0) }
      bytes += withUnsafeBytes(of: Int64(label(at: index) ?? -1).littleEndian) { Array($0) }
    }
    let digits = String(ExampleHash.of(bytes), radix: 16)
    return [
      "name": .string(name), "count": .integer(count),
      "shape": [.integer(shape.height), .integer(shape.width), .integer(shape.channels)],
      "hash": .string(String(repeating: "0", count: 16 - digits.count) + digits),
    ]
  }
}
