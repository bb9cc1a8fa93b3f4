import Datasets
import FileFormats
import Models
import Tensors
import Testing

@testable import Training

@Suite("Previews of augmentation")
struct AugmentationPreviewTests {
  @Test(
    "a preview shows pictures as they are, below as epochs warp them, then the critic's changes")
  func preview() throws {
    let shapes = Shapes(
      count: 40, shape: PictureShape(height: 16, width: 16, channels: 1), seed: 1)
    // Of a probability that no draw is below, the critic changes nothing.
    var gan = GANConfiguration(height: 16, width: 16, channels: 1)
    gan.augmentation = .leastNonzeroMagnitude
    let augmentation = Augmentation(warp: 1)
    let first = try TrainingData(shapes, batchSize: 4, seed: 3).plain(0..<8, on: .cpu)!
      .examples.integers().map(Int.init)
    let rows = [nil, 0, 1, 2, 3, 4, 5, 6].flatMap { epoch in
      first.map { index in
        let picture = shapes.picture(at: index)
        return epoch.map {
          augmentation.apply(to: picture, seed: 3, epoch: $0, index: index)
        } ?? picture
      }
    }
    func sheet(_ augmentation: Augmentation, _ gan: GANConfiguration) throws -> Picture {
      let data = TrainingData(shapes, batchSize: 4, seed: 3, augmentation: augmentation)
      return try AugmentationPreview.sheet(of: data, gan, on: .cpu)
    }
    // Compared to true, lest a failure prints all pixels of both.
    let warped = try sheet(augmentation, gan)
    #expect((warped == PictureGrid(columns: 8).composed(rows)) == true, "warped")
    let plain = try sheet(.none, gan)
    let asTheyAre = PictureGrid(columns: 8).composed((0..<8).flatMap { _ in rows.prefix(8) })
    #expect((plain == asTheyAre) == true)
    gan.augmentation = 0.5
    #expect(try sheet(.none, gan) != plain)
  }
}
