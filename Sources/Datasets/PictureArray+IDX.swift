import FileFormats
import Foundation

extension PictureArray {
  /// Opens a folder laid out like MNIST: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and
  /// perhaps the same with `t10k`, each with or without `.gz`.
  static func mnist(
    folder: String, name: String, classNames: [String]?, _ options: DatasetOptions
  ) throws(FileFormatError) -> PictureArray {
    func find(_ part: String) -> String? {
      ["", ".gz"].map { "\(folder)/\(part)\($0)" }.first(where: FileManager.default.fileExists)
    }
    var parts: [(images: String, labels: String?)] = []
    for part in ["train", "t10k"] {
      if let images = find("\(part)-images-idx3-ubyte") {
        parts.append((images, find("\(part)-labels-idx1-ubyte")))
      }
    }
    return try idx(parts, name: name, classNames: classNames, options)
  }

  static func isMNISTFolder(_ folder: String) -> Bool {
    ["", ".gz"].contains {
      FileManager.default.fileExists(atPath: "\(folder)/train-images-idx3-ubyte\($0)")
    }
  }

  /// Opens one IDX file of pictures, with the labels named, or lying beside it under MNIST's names.
  static func idx(
    images: String, labels: String?, _ options: DatasetOptions
  ) throws(FileFormatError) -> PictureArray {
    var labels = labels
    if labels == nil {
      let file = images.lastPathComponent
      let guess = file.replacing("images", with: "labels").replacing("idx3", with: "idx1")
      let path = images.dropLast(file.count) + guess
      if guess != file, FileManager.default.fileExists(atPath: String(path)) {
        labels = String(path)
      }
    }
    let name = images.lastPathComponent.split(separator: ".").first.map(String.init) ?? "idx"
    return try idx([(images, labels)], name: name, classNames: nil, options)
  }

  /// The first part is to train on, the second, if there is one, to test.
  private static func idx(
    _ parts: [(images: String, labels: String?)], name: String, classNames: [String]?,
    _ options: DatasetOptions
  ) throws(FileFormatError) -> PictureArray {
    var arrays: [LabelledPictures] = []
    for part in parts {
      let (shape, pixels) = try IDX.read(path: part.images)
        .pictures(on: options.background, file: part.images)
      var labels: [Int]?
      if let path = part.labels {
        labels = try IDX.read(path: path).labels(count: pixels.count / shape.count, file: path)
      }
      arrays.append(LabelledPictures(part.images, shape, pixels, labels))
    }
    return try LabelledPictures.joined(arrays, name: name, classNames: classNames)
      .prepared(options)
  }
}

/// One part of a data set on its way to becoming a `PictureArray`.
struct LabelledPictures {
  let file: String
  let shape: PictureShape
  let pixels: [UInt8]
  let labels: [Int]?

  init(_ file: String, _ shape: PictureShape, _ pixels: [UInt8], _ labels: [Int]?) {
    self.file = file
    self.shape = shape
    self.pixels = pixels
    self.labels = labels
  }

  /// Training part and, if there is one, test part as one data set.
  static func joined(
    _ parts: [LabelledPictures], name: String, classNames: [String]?
  ) throws(FileFormatError) -> PictureArray {
    let first = parts[0]
    for part in parts.dropFirst() where part.shape != first.shape {
      throw .mismatch(
        part.file, expected: "pictures of \(first.shape), as in the training part",
        found: "\(part.shape)", advice: "use files of the same data set")
    }
    let areLabelled = parts.allSatisfy { $0.labels != nil }
    let labels = areLabelled ? parts.flatMap { $0.labels! } : []
    let classCount = (labels.max() ?? -1) + 1
    if let classNames, classCount > classNames.count {
      throw .mismatch(
        first.file, expected: "labels below \(classNames.count)", found: "\(classCount - 1)")
    }
    let trainCount = first.pixels.count / first.shape.count
    let pixels = parts.count == 1 ? first.pixels : parts.flatMap(\.pixels)
    let names = classNames ?? (0..<classCount).map(String.init)
    return PictureArray(
      name: name, shape: first.shape, pixels: pixels, labels: labels,
      classNames: areLabelled ? names : [],
      testRange: trainCount..<pixels.count / first.shape.count)
  }
}

extension String {
  var lastPathComponent: String { split(separator: "/").last.map(String.init) ?? self }
}
