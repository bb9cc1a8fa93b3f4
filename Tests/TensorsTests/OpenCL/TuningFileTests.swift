import Foundation
import Testing

@testable import Tensors

/// The file of a tuning, of a GPU that only answers questions.
@Suite("Tuning files") struct TuningFileTests {
  private let device = OpenCLInventory.take(FakeDevices.library).devices[0]
  private let folder = TemporaryFolder()

  static func problem(_ m: Int, _ n: Int, _ k: Int, transposeB: Bool = false) -> ProductProblem {
    ProductCase.gemm(transposeA: false, transposeB: transposeB, m: m, n: n, k: k).problem
  }

  static func tile(_ rows: Int) -> ProductTile {
    ProductTile(rows: rows, vectors: 2, width: 4, depth: 16, load: 4)
  }

  static func entry(
    _ m: Int, tile: ProductTile?, _ milliseconds: Double, tried: Int = 3,
    failures: [ProductTuning.Failure] = []
  ) -> ProductTuning.Entry {
    .init(
      bucket: ProductBucket(problem(m, 64, 64), .none), tile: tile, milliseconds: milliseconds,
      heuristicMilliseconds: 2, tried: tried, failures: failures)
  }

  private func tuning(_ entries: [ProductTuning.Entry]) -> ProductTuning {
    var tuning = ProductTuning(.init(device))
    for entry in entries { tuning.set(entry) }
    return tuning
  }

  private var example: ProductTuning {
    tuning([
      Self.entry(512, tile: nil, 2),
      Self.entry(
        64, tile: Self.tile(4), 0.1, failures: [.init(tile: Self.tile(8), reason: "it \"hung\"")]),
    ])
  }

  @Test("what is written is read again, and does not depend on the order of finding")
  func roundTrip() throws {
    let text = example.encoded
    let read = try ProductTuning(decoding: Array(text.utf8))
    #expect(read.origin == example.origin && read.sorted == example.sorted)
    #expect(read.encoded == text && tuning(example.sorted.reversed()).encoded == text)
    let keys = ["\"entries\"", "\"origin\""].compactMap { text.range(of: $0)?.lowerBound }
    #expect(keys.count == 2 && keys[0] < keys[1])
  }

  @Test("a file cut short anywhere, or with sizes that no tile has, is refused and ends nothing")
  func damage() {
    let whole = Array(example.encoded.utf8)
    for length in stride(from: 0, to: whole.count - 2, by: 13) {
      #expect(throws: TuningError.self, "cut to \(length) bytes") {
        try ProductTuning(decoding: Array(whole[..<length]))
      }
    }
    for size in ["-1", "0", "9223372036854775807", "1e3", "\"4\"", "null"] {
      let text = example.encoded.replacing("\"rows\" : 4", with: "\"rows\" : \(size)")
      let read = try? ProductTuning(decoding: Array(text.utf8))
      #expect(size == "1e3" || read == nil, "\(size) rows")
    }
  }

  @Test(
    "a tile that no search tries, which may take minutes to compile, is damage",
    arguments: [
      ("\"rows\" : 4", "\"rows\" : 128"), ("\"vectors\" : 2", "\"vectors\" : 64"),
      ("\"buffers\" : 1", "\"buffers\" : 3"), ("\"depth\" : 16", "\"depth\" : 2"),
      ("\"itemsM\" : 1", "\"itemsM\" : 512"), ("\"padA\" : 0", "\"padA\" : 1024"),
      ("\"tried\" : 3", "\"tried\" : 0"), ("\"milliseconds\" : 2", "\"milliseconds\" : 0"),
    ])
  func immodest(right: String, wrong: String) {
    let text = example.encoded
    #expect(text.contains(right))
    #expect(throws: TuningError.self) {
      try ProductTuning(decoding: Array(text.replacing(right, with: wrong).utf8))
    }
  }

  @Test("of a product in both, the tile that gains more stays, whatever the times")
  func mergingGains() throws {
    var slow = Self.entry(64, tile: Self.tile(4), 3)
    slow.heuristicMilliseconds = 6
    var joined = tuning([Self.entry(64, tile: Self.tile(8), 1.5)])
    try joined.merge(tuning([slow]))
    #expect(joined.sorted == [slow])
  }

  @Test("of a product in both, the faster tile stays, unless it failed in one of them")
  func merging() throws {
    var joined = tuning([Self.entry(64, tile: Self.tile(4), 0.5), Self.entry(128, tile: nil, 2)])
    let failed = ProductTuning.Failure(tile: Self.tile(2), reason: "it gave 1, where 2 is right")
    try joined.merge(
      tuning([
        Self.entry(64, tile: Self.tile(8), 0.4, tried: 9),
        Self.entry(128, tile: nil, 1.5, failures: [failed]), Self.entry(256, tile: nil, 2),
      ]))
    #expect(joined.tile(for: Self.entry(64, tile: nil, 0).bucket) == Self.tile(8))
    #expect(joined.buckets == 3 && joined.tiles == 1)
    #expect(joined.sorted.first { $0.tile == Self.tile(8) }?.tried == 9)
    var other = tuning([Self.entry(128, tile: Self.tile(2), 0.1)])
    try other.merge(joined)
    #expect(other.tile(for: Self.entry(128, tile: nil, 0).bucket) == nil, "it failed elsewhere")
  }

  @Test(
    "a tuning of another device, driver, program or layout is not joined and not used",
    arguments: ["schema", "sources", "platform", "device", "driver"])
  func origins(key: String) throws {
    let own = ProductTuning.Origin(device)
    let changed = key == "schema" ? "\"schema\" : 7" : "\"\(key)\" : \"another\""
    let value =
      key == "schema"
      ? "1"
      : try #require(
        [
          "sources": own.sources, "platform": own.platform, "device": own.device,
          "driver": own.driver,
        ][key].map { "\"\($0)\"" })
    let text = example.encoded.replacing("\"\(key)\" : \(value)", with: changed)
    let other = try ProductTuning(decoding: Array(text.utf8))
    var joined = example
    #expect(throws: TuningError.self) { try joined.merge(other) }

    let file = try #require(ProductTuning.standardFile(device, in: folder.url))
    #expect(ProductTuning.read(file, for: device).1 == .none)
    try write(text, to: file)
    let (tuning, state) = ProductTuning.read(file, for: device)
    guard case .ignored(_, let reason) = state else {
      Issue.record("\(state)")
      return
    }
    #expect(tuning == nil && reason.contains(key == "schema" ? "7" : "another"), "\(reason)")
  }

  @Test("the file of this device is used, and a damaged one told of")
  func reading() throws {
    let file = try #require(ProductTuning.standardFile(device, in: folder.url))
    #expect(file.lastPathComponent == "alpha-gpu-20.json")
    try write(example.encoded, to: file)
    #expect(ProductTuning.read(file, for: device).1 == .inUse(path: file.path, tiles: 1))
    try write("no JSON", to: file)
    guard case .ignored(file.path, let reason) = ProductTuning.read(file, for: device).1 else {
      Issue.record("a damaged file is used")
      return
    }
    #expect(reason.contains("damaged"))
    #expect(ProductTuning.standardFile(device, in: nil) == nil)
  }

  @Test("a bucket holds sizes that round to the same powers of two, of one kind and arithmetic")
  func buckets() {
    let bucket = ProductBucket(Self.problem(128, 400, 784), .none)
    #expect(bucket == ProductBucket(Self.problem(100, 512, 1000), .none))
    #expect(bucket.description == "gemm nn 128x512x1024")
    for other in [
      Self.problem(90, 400, 784), Self.problem(128, 300, 784), Self.problem(128, 400, 700),
      Self.problem(128, 400, 784, transposeB: true),
    ] {
      #expect(ProductBucket(other, .none) != bucket, "\(other)")
    }
    #expect(ProductBucket(Self.problem(128, 400, 784), .tf32) != bucket)
  }

  private func write(_ text: String, to file: URL) throws {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}
