import FileFormats
import Tensors
import Testing

@testable import Datasets

@Suite struct EpochOrderTests {
  @Test("every epoch is a permutation, its own", arguments: [1, 2, 3, 10, 257])
  func permutation(count: Int) {
    let orders = (0..<4).map { EpochOrder(count: count, seed: 5, epoch: $0).indices }
    for order in orders { #expect(order.sorted() == Array(0..<count)) }
    if count > 9 { #expect(Set(orders).count == 4) }
    #expect(EpochOrder(count: count, seed: 5, epoch: 2).indices == orders[2])
  }

  @Test("the order is pinned: a changed order would change every run")
  func pinned() {
    #expect(EpochOrder(count: 10, seed: 0, epoch: 0).indices == [0, 1, 6, 8, 9, 2, 5, 7, 4, 3])
    #expect(
      EpochOrder(count: 10, seed: 0xDEAD_BEEF_0123_4567, epoch: 9).indices == [
        5, 2, 3, 7, 6, 1, 4, 8, 0, 9,
      ])
  }

  // 24 permutations of 4 over 4800 epochs: 200 each. Chi-squared with 23 degrees of freedom is
  // below 58 but for 1 in 10,000; seed and epochs are fixed, so the test always sees the same
  // number.
  @Test("all permutations are equally likely")
  func uniform() {
    var counts: [[Int]: Int] = [:]
    for epoch in 0..<4800 {
      counts[EpochOrder(count: 4, seed: 1, epoch: epoch).indices, default: 0] += 1
    }
    let chiSquared = counts.values.reduce(0) { $0 + Double(($1 - 200) * ($1 - 200)) / 200 }
    #expect(counts.count == 24 && chiSquared < 58, "\(chiSquared)")
  }
}

@Suite struct AugmentationTests {
  let picture = Picture(height: 2, width: 3, channels: 1, pixels: [1, 2, 3, 4, 5, 6])

  @Test("shifting repeats the edge")
  func shifting() {
    #expect(picture.shifted(down: 1, right: -1).pixels == [2, 3, 3, 2, 3, 3])
    #expect(picture.shifted(down: -5, right: 9).pixels == [4, 4, 4, 4, 4, 4])
    #expect(picture.shifted(down: 0, right: 0) == picture)
  }

  @Test("nothing is changed unless asked for")
  func none() {
    for index in 0..<20 {
      #expect(Augmentation.none.apply(to: picture, seed: 1, epoch: 2, index: index) == picture)
    }
  }

  @Test("every variant occurs about as often as any other, and depends on epoch and index alone")
  func variants() {
    let augmentation = Augmentation(mirrors: true, maximumShift: 1)
    var counts: [Picture: Int] = [:]
    let large = Picture(height: 4, width: 4, channels: 1, pixels: Array(0..<16))
    for index in 0..<1800 {
      let changed = augmentation.apply(to: large, seed: 3, epoch: index % 7, index: index)
      #expect(changed == augmentation.apply(to: large, seed: 3, epoch: index % 7, index: index))
      counts[changed, default: 0] += 1
    }
    // 2 · 3 · 3 variants, 100 ± 9.7 each; five deviations.
    #expect(
      counts.count == 18 && counts.values.allSatisfy { (51...149).contains($0) }, "\(counts.values)"
    )
  }
}

@Suite struct BatchSequenceTests {
  @Test("an epoch shows every example once, whatever the batch size", arguments: [1, 3, 7, 10, 23])
  func epochs(batchSize: Int) throws {
    let sequence = BatchSequence(
      numbered(20), indices: Array(10..<20), batchSize: batchSize, seed: 1)
    var line: [Int] = []
    for step in 1...sequence.steps(epochs: 3) {
      let batch = try sequence.batch(step: step)
      #expect(batch.count == batchSize)
      #expect(batch.pixels.count == batchSize * 4)
      line += batch.indices
    }
    for epoch in 0..<3 {
      #expect(line[epoch * 10..<epoch * 10 + 10].sorted() == Array(10..<20), "epoch \(epoch)")
    }
    #expect(sequence.stepsPerEpoch == (10 + batchSize - 1) / batchSize)
  }

  @Test("pixels, labels and indices belong together; pixels are value / 255")
  func content() throws {
    let batch = try BatchSequence(numbered(200), indices: Array(0..<200), batchSize: 50, seed: 2)
      .batch(step: 3)
    for (slot, index) in batch.indices.enumerated() {
      #expect(batch.labels[slot] == index % 3)
      #expect(batch.pixels[slot * 4 + 3] == Float(index) / 255)
    }
  }

  @Test("a batch is its step's, in whatever order steps are asked for")
  func randomAccess() throws {
    func sequence() -> BatchSequence {
      BatchSequence(
        Shapes(count: 9), indices: Array(0..<9), batchSize: 4, seed: 9,
        augmentation: Augmentation(mirrors: true, maximumShift: 2))
    }
    let forward = sequence()
    let expected = try (1...12).map { try forward.batch(step: $0) }
    let backward = sequence()
    for step in (1...12).reversed() {
      #expect(try backward.batch(step: step) == expected[step - 1])
    }
  }

  @Test("as tensors: pictures [N, H, W, C] in 0…1, and example numbers")
  func tensors() throws {
    let shape = PictureShape(height: 2, width: 3, channels: 1)
    let dataset = PictureArray(name: "a", shape: shape, pixels: Array(0..<18))
    let batch = try Batch(dataset, indices: [2, 0])
    #expect(batch.pictures().shape == [2, 2, 3, 1] && batch.examples().shape == [2])
    let values = try batch.pictures().floats()
    #expect(values == (Array(12..<18) + Array(0..<6)).map { Float($0) / 255 })
    #expect(try batch.examples().integers() == [2, 0])
  }

  @Test("labels are −1 where there are none")
  func unlabelled() throws {
    let bare = PictureArray(
      name: "bare", shape: PictureShape(height: 1, width: 1, channels: 1), pixels: [0, 255])
    let batch = try Batch(bare, indices: [1, 0])
    #expect(batch.labels == [-1, -1] && batch.pixels == [1, 0])
  }
}

/// Fails for one example.
struct FaultyDataset: Dataset {
  let base = numbered(12)
  let fault = 5
  var name: String { "faulty" }
  var shape: PictureShape { base.shape }
  var count: Int { base.count }
  var testRange: Range<Int> { 0..<0 }
  var classNames: [String] { base.classNames }
  var skipped: [FileFormatError] { [] }
  func label(at index: Int) -> Int? { base.label(at: index) }
  func hash(at index: Int) -> UInt64 { base.hash(at: index) }
  func picture(at index: Int) throws(FileFormatError) -> Picture {
    if index == fault { throw .truncated("5.png", part: "a picture", expected: 2, found: 1, at: 0) }
    return base.picture(at: index)
  }
}

@Suite struct BatchLoaderTests {
  static func sequence() -> BatchSequence {
    BatchSequence(
      Shapes(count: 23, shape: PictureShape(height: 12, width: 12, channels: 1)),
      indices: Array(0..<23), batchSize: 5, seed: 4,
      augmentation: Augmentation(mirrors: true, maximumShift: 1))
  }

  @Test(
    "batches come in order and are the same at any number of threads, depth and first step",
    arguments: [1, 2, 5], [1, 3, 16])
  func reproducible(threads: Int, depth: Int) throws {
    let truth = Self.sequence()
    for start in [1, 4, 11] {
      let loader = BatchLoader(Self.sequence(), startingAt: start, depth: depth, threads: threads)
      for step in start..<start + 12 {
        let (given, batch) = try loader.next()
        #expect(given == step)
        #expect(try batch == truth.batch(step: step), "step \(step)")
      }
    }
  }

  @Test("batches are made ahead without being asked for, up to the depth")
  func ahead() throws {
    let loader = BatchLoader(Self.sequence(), depth: 6, threads: 2)
    loader.waitUntilFull()
    #expect(loader.readyCount == 6)
    _ = try loader.next()
    loader.waitUntilFull()
    #expect(loader.readyCount == 6)
  }

  @Test("an error comes with the batch it belongs to, and later batches are still to be had")
  func errors() throws {
    let sequence = BatchSequence(
      FaultyDataset(), indices: Array(0..<12), batchSize: 3, seed: 1)
    let order = EpochOrder(count: 12, seed: 1, epoch: 0).indices
    let loader = BatchLoader(sequence, depth: 8, threads: 3)
    loader.waitUntilFull()
    for step in 1...4 {
      let expected = Array(order[(step - 1) * 3..<step * 3])
      if expected.contains(5) {
        let error = failure { () throws(FileFormatError) in try loader.next() }
        #expect(error?.file == "5.png")
      } else {
        #expect(try loader.next().batch.indices == expected)
      }
    }
  }

  @Test("the threads end with the loader")
  func ending() {
    weak var dataset: Probe?
    do {
      let probe = Probe()
      dataset = probe
      let loader = BatchLoader(
        BatchSequence(ProbeDataset(probe: probe), indices: [0, 1], batchSize: 2, seed: 1), depth: 2)
      loader.waitUntilFull()
    }
    while dataset != nil {}  // ends when the last thread lets go of its work
  }
}

final class Probe: Sendable {}

struct ProbeDataset: Dataset {
  let probe: Probe
  var name: String { "probe" }
  var shape: PictureShape { PictureShape(height: 1, width: 1, channels: 1) }
  var count: Int { 2 }
  var testRange: Range<Int> { 0..<0 }
  var classNames: [String] { [] }
  var skipped: [FileFormatError] { [] }
  func label(at index: Int) -> Int? { nil }
  func hash(at index: Int) -> UInt64 { 0 }
  func picture(at index: Int) -> Picture { flat(1, 1, 1, 0) }
}

@Suite struct DatasetSummaryTests {
  @Test("counts, moments and JSON")
  func summary() throws {
    let pixels: [UInt8] = [0, 0, 0, 255, 255, 255, 0, 51, 102, 255, 255, 255]
    let dataset = PictureArray(
      name: "four", shape: PictureShape(height: 1, width: 1, channels: 3), pixels: pixels,
      labels: [1, 1, -1, 0], classNames: ["a", "b"], testRange: 3..<4)
    let summary = try DatasetSummary(dataset)
    #expect(summary.classes.map(\.count) == [1, 2])
    #expect(summary.count == 4 && summary.trainingCount == 3 && summary.heldOutCount == 1)
    // Training channels in 0…1: (0, 1, 0), (0, 1, 0.2), (0, 1, 0.4).
    let means = [1 / 3.0, 0.4, 1.4 / 3]
    let squares = [1 / 3.0, 1.04 / 3, 1.16 / 3]
    for channel in 0..<3 {
      #expect(abs(summary.mean[channel] - means[channel]) < 1e-12)
      let variance = squares[channel] - means[channel] * means[channel]
      #expect(abs(summary.standardDeviation[channel] - variance.squareRoot()) < 1e-12)
    }
    #expect(summary.json["classes"]?.array?[1]["count"] == 2)
    #expect(summary.json["heldOut"] == "test")
  }

  @Test("a contact sheet shows pictures from all over the data")
  func contactSheet() throws {
    let sheet = try numbered(100, side: 1).contactSheet(of: 4)
    #expect(sheet.shape == PictureShape(height: 8, width: 8, channels: 1))
    let places = [2 * 8 + 2, 2 * 8 + 5, 5 * 8 + 2, 5 * 8 + 5]
    let corners: [UInt8] = places.map { sheet.pixels[$0] }
    #expect(corners == [0, 25, 50, 75])
    #expect(try numbered(1).contactSheet().shape.height == 6)
  }

  @Test("a contact sheet of wide pictures shows as many as the widest file holds")
  func wideContactSheet() throws {
    let shape = PictureShape(height: 4, width: 8192, channels: 1)
    let pictures = PictureArray(
      name: "wide", shape: shape, pixels: [UInt8](repeating: 1, count: 20 * shape.count))
    let sheet = try pictures.contactSheet()
    // Four columns would be 32778 pixels wide.
    #expect(sheet.width == 2 + 3 * 8194 && sheet.height == 2 + 3 * 6)
  }
}
