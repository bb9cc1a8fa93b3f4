import FileFormats
import Testing

@testable import Datasets

@Suite struct ShapesTests {
  @Test("the pixels are pinned: every machine must draw the same")
  func pinned() {
    #expect(Shapes(count: 20).identity["hash"] == "f57b477899b97e5f")
    let color = PictureShape(height: 21, width: 34, channels: 3)
    #expect(Shapes(count: 20, shape: color, seed: 7).identity["hash"] == "7e93d6a8f528b22b")
  }

  @Test("what is hashed of large examples is small, and tells seeds, examples and shapes apart")
  func largeHashes() {
    let sizes = [(64, 64), (64, 4096), (4096, 64), (30, 4096)]
    let all = sizes.flatMap { height, width in
      let shape = PictureShape(height: height, width: width, channels: 1)
      return (0...1).map { Shapes(count: 5, shape: shape, seed: $0) }
    }
    for shapes in all { #expect(Set((0..<5).map(shapes.hash)).count == 5) }
    #expect(Set(all.map { $0.identity.encoded }).count == all.count)
    // 4096 drawings of 2^28 pixels would take hours.
    let huge = PictureShape(height: 16_384, width: 16_384, channels: 1)
    let small = PictureShape(height: 64, width: 64, channels: 1)
    let split = DatasetSplit(Shapes(count: 4096, shape: huge))
    #expect(split.heldOut == DatasetSplit(Shapes(count: 4096, shape: small)).heldOut)
  }

  @Test("an example depends on seed and index alone; classes take turns")
  func examples() throws {
    let (few, many) = (Shapes(count: 7), Shapes(count: 70))
    #expect((0..<7).allSatisfy { few.picture(at: $0) == many.picture(at: $0) })
    #expect((0..<6).map { few.label(at: $0)! } == [0, 1, 2, 3, 4, 0])
    #expect(few.picture(at: 0) != Shapes(count: 7, seed: 1).picture(at: 0))
    #expect(Set((0..<70).map { many.hash(at: $0) }).count == 70, "no two are alike")
  }

  // Areas over radius²: π, (2·0.7)², ¾·√3, π(1² − 0.5²), 2·(1.8·0.5) − 0.5². A pixel is at least
  // 1/6.4 of the radius; coverage by distance is exact for straight edges and loses little on
  // curves and corners.
  @Test(
    "every kind covers the area it should",
    arguments: Array(zip(0..<5, [3.1416, 1.96, 1.299, 2.3562, 1.55])))
  func areas(kind: Int, area: Double) {
    let shapes = Shapes(count: 50, shape: PictureShape(height: 64, width: 64, channels: 1))
    for index in stride(from: kind, to: 50, by: 5) {
      let pixels = shapes.picture(at: index).pixels.map(Double.init)
      let (ground, ink) = (pixels.min()!, pixels.max()!)
      let covered = pixels.reduce(0) { $0 + ($1 - ground) / (ink - ground) }
      let radius = (covered / area).squareRoot()
      // Radii are drawn from 0.2…0.4 of the side.
      #expect((12.6...25.8).contains(radius), "example \(index): radius \(radius)")
    }
  }

  @Test("sizes and colours follow the options", arguments: [(1, 1), (8, 100), (33, 20)])
  func sizes(size: (Int, Int)) throws {
    let options = DatasetOptions(size: size, channels: 3, generatedSeed: 3, generatedCount: 11)
    let dataset = try DatasetSource.open("shapes", options: options)
    #expect(dataset.count == 11)
    #expect(
      try dataset.picture(at: 10).shape == PictureShape(height: size.0, width: size.1, channels: 3))
  }
}
