import FileFormats
import Testing

@testable import Datasets

@Suite struct DatasetSplitTests {
  @Test("FNV-1a and the finaliser give the values their authors publish")
  func hash() {
    #expect(ExampleHash.mixed(0) == 0 && ExampleHash.mixed(1) == 0xB456_BCFC_34C2_CB2C)
    #expect(ExampleHash.fnv1a([UInt8]()) == 0xCBF2_9CE4_8422_2325)
    #expect(ExampleHash.fnv1a("a".utf8) == 0xAF63_DC4C_8601_EC8C)
    #expect(ExampleHash.fnv1a("foobar".utf8) == 0x8594_4171_F739_67E8)
  }

  @Test("the data's own test part is held out")
  func testPart() {
    let split = DatasetSplit(numbered(10, testRange: 6..<10))
    #expect(
      split.training == Array(0..<6) && split.heldOut == Array(6..<10) && split.name == "test")
  }

  @Test("otherwise about a tenth is, by hash; together they are everything once")
  func tenth() {
    let shapes = Shapes(count: 2000, shape: PictureShape(height: 8, width: 8, channels: 1))
    let split = DatasetSplit(shapes)
    #expect(split.name == "hash-10%")
    #expect((split.training + split.heldOut).sorted() == Array(0..<2000))
    // Binomial: 200 ± 13.4; five deviations.
    #expect((133...267).contains(split.heldOut.count), "\(split.heldOut.count)")
  }

  @Test("adding examples moves no other")
  func stable() {
    let (some, more) = (DatasetSplit(numbered(150)), DatasetSplit(numbered(250)))
    #expect(more.heldOut.filter { $0 < 150 } == some.heldOut)
  }

  @Test("tiny data sets keep something on both sides", arguments: 1...12)
  func tiny(count: Int) {
    let split = DatasetSplit(numbered(count))
    #expect(!split.training.isEmpty && split.heldOut.isEmpty == (count == 1))
    #expect((split.training + split.heldOut).sorted() == Array(0..<count))
  }

  @Test("the identity changes with any pixel, label or number of examples, and not with the path")
  func identity() {
    let base = numbered(20)
    #expect(base.identity == numbered(20).identity)
    #expect(base.identity != numbered(21).identity)
    let other = PictureArray(
      name: "numbered", shape: base.shape, pixels: (0..<20).flatMap { base.picture(at: $0).pixels })
    #expect(base.identity != other.identity, "labels count")
  }
}
