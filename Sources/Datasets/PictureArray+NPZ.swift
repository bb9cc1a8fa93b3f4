import FileFormats

extension PictureArray {
  /// The names under which pictures, labels, test pictures and test labels are looked for, in this
  /// order.
  private static let names:
    [(images: String, labels: [String], test: String?, testLabels: String?)] = [
      ("x_train", ["y_train"], "x_test", "y_test"),
      ("train_images", ["train_labels"], "test_images", "test_labels"),
      ("images", ["labels", "y"], nil, nil),
      ("x", ["y", "labels"], nil, nil),
      ("data", ["labels", "y"], nil, nil),
      ("arr_0", ["arr_1"], nil, nil),
    ]

  static func npz(path: String, _ options: DatasetOptions) throws(FileFormatError) -> PictureArray {
    let file = try NPZ(path: path)
    guard let layout = names.first(where: { file.names.contains($0.images) }) else {
      throw .mismatch(
        path,
        expected: "pictures under " + names.map { "\"\($0.images)\"" }.joined(separator: ", "),
        found: file.names.prefix(8).map { "\"\($0)\"" }.joined(separator: ", "),
        advice: "save them as numpy.savez(file, images=…, labels=…)")
    }
    let labels = layout.labels.first(where: file.names.contains)
    var parts = [try part(file, layout.images, labels, options)]
    if let test = layout.test, file.names.contains(test) {
      let testLabels = layout.testLabels.flatMap { file.names.contains($0) ? $0 : nil }
      parts.append(try part(file, test, testLabels, options))
    }
    return try LabelledPictures.joined(parts, name: path.stem, classNames: nil).prepared(options)
  }

  /// Opens an array of pictures without labels.
  static func npy(path: String, _ options: DatasetOptions) throws(FileFormatError) -> PictureArray {
    let (shape, pixels) = try NPY.read(path: path).pictures(on: options.background, file: path)
    let part = LabelledPictures(path, shape, pixels, nil)
    return try LabelledPictures.joined([part], name: path.stem, classNames: nil).prepared(options)
  }

  private static func part(
    _ file: NPZ, _ images: String, _ labels: String?, _ options: DatasetOptions
  ) throws(FileFormatError) -> LabelledPictures {
    let place = "\(file.file)/\(images)"
    let (shape, pixels) = try file.array(named: images)
      .pictures(on: options.background, file: place)
    var numbers: [Int]?
    if let labels {
      numbers = try file.array(named: labels)
        .labels(count: pixels.count / shape.count, file: "\(file.file)/\(labels)")
    }
    return LabelledPictures(place, shape, pixels, numbers)
  }
}

extension String {
  /// The file's name without folders and without what follows its last dot.
  var stem: String {
    let name = lastPathComponent
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
