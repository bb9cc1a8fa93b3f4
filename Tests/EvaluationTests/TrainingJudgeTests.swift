import Datasets
import FileFormats
import Testing
import Training

@testable import Evaluation

@Suite("A judge in training")
struct TrainingJudgeTests {
  private let shape = PictureShape(height: 28, width: 28, channels: 1)

  private func metrics(
    _ dataset: any Dataset, _ made: (Int) throws -> Picture
  ) throws -> [String: Double] {
    let judge = TrainingJudge(of: dataset) { try Judge.builtIn()[0] }
    let found = try judge.measure { seeds in try seeds.map(made) }
    #expect(Set(found.map(\.protocolString)).count == found.count)
    return Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0.value) })
  }

  @Test(
    "calls copies of training pictures copies, pictures of the same kind none, and noise far")
  func tells() throws {
    let shapes = Shapes(count: 400, shape: shape, seed: 1)
    let split = DatasetSplit(shapes)
    let others = Shapes(count: 1000, shape: shape, seed: 2)
    let copies = try metrics(shapes) {
      shapes.picture(at: split.training[$0 % split.training.count])
    }
    let alike = try metrics(shapes) { others.picture(at: $0) }
    let noise = try metrics(shapes) { seed in
      Picture(shape, pixels: (0..<784).map { UInt8(truncatingIfNeeded: ($0 + seed) &* 193 >> 3) })
    }
    #expect(copies["novelty"]! < 0.01 && alike["novelty"]! > 0.9)
    #expect(copies["kd"]! < 0.01 && alike["kd"]! < noise["kd"]! / 10)
  }

  @Test("judges what is inside the padding, and says nothing of a single picture")
  func edges() throws {
    let shapes = Shapes(count: 60, shape: shape, seed: 1)
    let padded = PaddedDataset(shapes, height: 40, width: 36, background: .black)
    func copy(_ dataset: any Dataset) throws -> [String: Double] {
      try metrics(dataset) { try dataset.picture(at: $0 % 60) }
    }
    #expect(try copy(padded)["kd"]! == copy(shapes)["kd"]!)
    let single = PictureArray(
      name: "single", shape: shape, pixels: [UInt8](repeating: 9, count: 784))
    #expect(try metrics(single) { _ in single.picture(at: 0) }.isEmpty)
  }
}
