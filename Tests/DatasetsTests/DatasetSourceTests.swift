import FileFormats
import Foundation
import Testing

@testable import Datasets

@Suite struct DatasetSourceTests {
  static let images = NumericArray(shape: [4, 2, 3], (0..<24).map(UInt8.init))
  static let labels = NumericArray(shape: [4], [2, 0, 1, 2] as [UInt8])

  @Test("a folder like MNIST's: both parts, labels, gzip seen by content")
  func mnist() throws {
    try withTemporaryFolder { folder in
      let test = NumericArray(shape: [1, 2, 3], [UInt8](repeating: 9, count: 6))
      try write(
        [
          "train-images-idx3-ubyte": IDX.encode(Self.images),
          "train-labels-idx1-ubyte.gz": Deflate.deflate(IDX.encode(Self.labels), container: .gzip),
          "t10k-images-idx3-ubyte": IDX.encode(test),
          "t10k-labels-idx1-ubyte": IDX.encode(NumericArray(shape: [1], [1] as [UInt8])),
        ], in: folder)
      let dataset = try DatasetSource.open(folder)
      #expect(dataset.count == 5 && dataset.testRange == 4..<5)
      #expect(dataset.shape == PictureShape(height: 2, width: 3, channels: 1))
      #expect((0..<5).map { dataset.label(at: $0) } == [2, 0, 1, 2, 1])
      #expect(dataset.classNames == ["0", "1", "2"])
      #expect(try dataset.picture(at: 1).pixels == [6, 7, 8, 9, 10, 11])
      let named = try DatasetSource.open("fashion-mnist", environment: ["ATELIER_DATA": folder])
      #expect(named.name == "fashion-mnist" && named.classNames[2] == "Pullover")
      #expect(named.identity != dataset.identity)
    }
  }

  @Test("an IDX pair by its two names, or by the first alone")
  func idxPair() throws {
    try withTemporaryFolder { folder in
      try write(
        [
          "a-images-idx3-ubyte": IDX.encode(Self.images),
          "a-labels-idx1-ubyte": IDX.encode(Self.labels), "b": IDX.encode(Self.labels),
        ], in: folder)
      let images = "\(folder)/a-images-idx3-ubyte"
      for source in [images, "\(images),\(folder)/b"] {
        let dataset = try DatasetSource.open(source)
        #expect((0..<4).map { dataset.label(at: $0) } == [2, 0, 1, 2], "\(source)")
      }
    }
  }

  @Test("labels that do not belong to the pictures are refused")
  func wrongLabels() throws {
    try withTemporaryFolder { folder in
      try write(
        [
          "images": IDX.encode(Self.images),
          "labels": IDX.encode(NumericArray(shape: [3], [0, 1, 2] as [UInt8])),
        ], in: folder)
      let error = failure { () throws(FileFormatError) in
        try DatasetSource.open("\(folder)/images,\(folder)/labels")
      }
      #expect(
        error?.description
          == "\(folder)/labels: expected 4 labels, whole numbers below 1000000, found uint8 [3]; "
          + "check that labels and pictures belong together")
    }
  }

  @Test("npz: uint8 or floating point, with or without labels and a test part")
  func npz() throws {
    try withTemporaryFolder { folder in
      let floats = NumericArray(shape: [4, 2, 3], (0..<24).map { Float($0) / 255 })
      let labels = NumericArray(shape: [4, 1], [2, 0, 1, 2] as [Int64])
      try write(
        [
          "plain.npz": NPZ.encode(["x": Self.images, "y": labels]),
          "floats.npz": NPZ.encode(["images": floats], isCompressed: false),
          "parts.npz": NPZ.encode([
            "x_train": Self.images, "y_train": labels, "x_test": Self.images, "y_test": labels,
          ]), "single.npy": NPY.encode(Self.images),
        ], in: folder)
      for (name, count, test, label) in [
        ("plain.npz", 4, 4..<4, 2), ("floats.npz", 4, 4..<4, nil), ("parts.npz", 8, 4..<8, 2),
        ("single.npy", 4, 4..<4, nil),
      ] as [(String, Int, Range<Int>, Int?)] {
        let dataset = try DatasetSource.open("\(folder)/\(name)")
        #expect(dataset.count == count && dataset.testRange == test, "\(name)")
        #expect(dataset.label(at: 0) == label, "\(name)")
        #expect(try dataset.picture(at: 3).pixels == Array(18..<24), "\(name)")
      }
    }
  }

  @Test("arrays that are no pictures are refused with advice")
  func wrongArrays() throws {
    try withTemporaryFolder { folder in
      let planes = NumericArray(shape: [2, 3, 8, 8], [UInt8](repeating: 0, count: 384))
      let large = NumericArray(shape: [1, 2, 2], [0, 0.5, 1, 255] as [Float])
      let whole = NumericArray(shape: [1, 2, 2], [0, 1, 2, 3] as [Int32])
      for (array, advice) in [
        (planes, "put channels last: array.transpose(0, 2, 3, 1)"),
        (large, "scale them to 0…1, or save them as uint8"),
        (whole, "convert them with .astype('uint8')"),
        (Self.labels, "reshape the array and save it again"),
      ] {
        try write(["a.npz": NPZ.encode(["x": array])], in: folder)
        let error = failure { () throws(FileFormatError) in
          try DatasetSource.open("\(folder)/a.npz")
        }
        #expect(error?.advice == advice && error?.file == "\(folder)/a.npz/x")
      }
      try write(["a.npz": NPZ.encode(["weights": Self.images])], in: folder)
      let error = failure { () throws(FileFormatError) in
        try DatasetSource.open("\(folder)/a.npz")
      }
      #expect(error?.found == "\"weights\"")
    }
  }

  @Test("options resize and recolour arrays, too; hashes stay those of the stored bytes")
  func options() throws {
    try withTemporaryFolder { folder in
      try write(["a.npz": NPZ.encode(["x": Self.images])], in: folder)
      let dataset = try DatasetSource.open(
        "\(folder)/a.npz", options: DatasetOptions(size: (8, 8), channels: 3))
      #expect(dataset.shape == PictureShape(height: 8, width: 8, channels: 3))
      let plain = try DatasetSource.open("\(folder)/a.npz")
      let expected = try plain.picture(at: 2).rgb.fitted(height: 8, width: 8)
      #expect(try dataset.picture(at: 2) == expected)
      #expect(dataset.hash(at: 2) == plain.hash(at: 2))
    }
  }

  @Test("what is not there is said with what could be")
  func missing() {
    let error = failure { () throws(FileFormatError) in try DatasetSource.open("fashion-minst") }
    #expect(
      error?.description
        == "fashion-minst: expected to open the data source, found no such file or directory; name "
        + "fashion-mnist, shapes, glyphs:0-9, a folder of pictures, an IDX file, an .npz or a .zip")
    #expect(error?.kind == .inputOutput)
    let absent = failure { () throws(FileFormatError) in
      try DatasetSource.open("fashion-mnist", environment: ["ATELIER_DATA": "/nowhere"])
    }
    #expect(absent?.file == "/nowhere" && absent?.advice.contains("dataset-fashion-mnist") == true)
  }

  @Test("other files are called what they are")
  func otherFiles() throws {
    try withTemporaryFolder { folder in
      try write(["a.png": PNG.encode(flat(2, 2, 1, 0)), "empty.npz": []], in: folder)
      for (name, found) in [("a.png", "a PNG picture"), ("empty.npz", "an empty file")] {
        let error = failure { () throws(FileFormatError) in
          try DatasetSource.open("\(folder)/\(name)")
        }
        #expect(error?.found == found)
      }
    }
  }

  static let hasFashionMNIST = FileManager.default.fileExists(
    atPath: DatasetSource.fashionMNISTFolder)

  // Mean 0.2860 and deviation 0.3530 are the figures everyone normalises Fashion-MNIST with.
  @Test(
    "Fashion-MNIST itself: sizes, classes, mean and deviation as published",
    .enabled(if: hasFashionMNIST, "needs the package dataset-fashion-mnist"))
  func fashionMNIST() throws {
    let dataset = try DatasetSource.open("fashion-mnist", environment: [:])
    let summary = try DatasetSummary(dataset)
    #expect(summary.shape == PictureShape(height: 28, width: 28, channels: 1))
    #expect(summary.count == 70_000)
    #expect(summary.trainingCount == 60_000 && summary.heldOutCount == 10_000)
    #expect(summary.heldOutName == "test")
    #expect(summary.classes.map(\.count) == [Int](repeating: 7000, count: 10))
    #expect(dataset.label(at: 0).map { dataset.classNames[$0] } == "Ankle boot")
    #expect(
      abs(summary.mean[0] - 0.2860) < 0.00005
        && abs(summary.standardDeviation[0] - 0.3530) < 0.00005)
  }
}
