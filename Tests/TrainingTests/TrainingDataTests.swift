import Datasets
import FileFormats
import Tensors
import Testing

@testable import Training

@Suite("Training data")
struct TrainingDataTests {
  @Test("of pictures that lie class by class, the first to be looked at are some of every class")
  func mixed() throws {
    let shape = PictureShape(height: 2, width: 2, channels: 1)
    let (classes, each, heldOut) = (5, 200, 100)
    // 5 × 200 to train on, then 5 × 100 held out.
    let labels = [each, heldOut].flatMap { count in
      (0..<classes).flatMap { Array(repeating: $0, count: count) }
    }
    let array = PictureArray(
      name: "sorted", shape: shape,
      pixels: labels.flatMap { [UInt8](repeating: UInt8($0), count: 4) },
      labels: labels, classNames: (0..<classes).map { "\($0)" },
      testRange: classes * each..<labels.count)
    let data = TrainingData(array, batchSize: 10, seed: 7)
    for batch in [try data.plain(0..<64, on: .cpu)!, try data.heldOut(0..<64, on: .cpu)] {
      let found = try batch.labels.integers()
      for label in 0..<classes {
        #expect(found.count { $0 == label } >= 4, "\(label) of \(found)")
      }
    }
    // Each is there once, whatever is asked for at a time.
    let whole = try data.heldOut(0..<classes * heldOut, on: .cpu).examples.integers()
    #expect(Set(whole) == Set((classes * each..<labels.count).map { Int32($0) }))
    let plain = try data.plain(0..<classes * each, on: .cpu)!.examples.integers()
    #expect(Set(plain) == Set((0..<classes * each).map { Int32($0) }))
    let parts = try [0..<3, 3..<10].flatMap { try data.heldOut($0, on: .cpu).examples.integers() }
    #expect(parts == Array(whole.prefix(10)))
  }
}
