import FileFormats

extension NumericArray {
  /// The pictures in an array [N, height, width] or [N, height, width, channels], as 8-bit pixels.
  ///
  /// uint8 is taken as it is, bool as 0 and 255, floating-point numbers as 0…1. Alpha is composed
  /// on a colour.
  func pictures(
    on background: Color, file: String
  ) throws(FileFormatError) -> (shape: PictureShape, pixels: [UInt8]) {
    guard (3...4).contains(shape.count), shape[0] > 0, shape[1] > 0, shape[2] > 0 else {
      throw notPictures(file)
    }
    let channels = shape.count == 3 ? 1 : shape[3]
    guard [1, 3, 4].contains(channels) else { throw notPictures(file) }
    let form = try Picture.checkedShape(
      height: shape[1], width: shape[2], channels: channels, file: file)
    let values = try eightBit(file)
    guard channels == 4 else { return (form, values) }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(values.count / 4 * 3)
    for start in stride(from: 0, to: values.count, by: form.count) {
      pixels +=
        Picture(form, pixels: Array(values[start..<start + form.count]))
        .composed(on: background).pixels
    }
    return (PictureShape(height: form.height, width: form.width, channels: 3), pixels)
  }

  /// The labels in an array [N] or [N, 1] of whole numbers, none below zero.
  func labels(count: Int, file: String) throws(FileFormatError) -> [Int] {
    guard shape == [count] || shape == [count, 1], let labels = integers,
      labels.allSatisfy({ (0..<DatasetSource.maximumClasses).contains($0) })
    else {
      throw .mismatch(
        file, expected: "\(count) labels, whole numbers below \(DatasetSource.maximumClasses)",
        found: "\(elementType.rawValue) \(shape)",
        advice: "check that labels and pictures belong together")
    }
    return labels
  }

  private func eightBit(_ file: String) throws(FileFormatError) -> [UInt8] {
    switch elementType {
    case .uint8: return bytes
    case .bool: return bytes.map { $0 == 0 ? 0 : 255 }
    case .float16, .bfloat16, .float32, .float64:
      let values = floats
      if let other = values.first(where: { !(0...1).contains($0) }) {
        throw .mismatch(
          file, expected: "floating-point pixels in 0…1", found: "\(other.isNaN ? .nan : other)",
          advice: "scale them to 0…1, or save them as uint8")
      }
      return values.map { UInt8(($0 * 255).rounded()) }
    default:
      throw .unsupported(
        file, supported: "pixels as uint8 or floating point", found: elementType.rawValue,
        advice: "convert them with .astype('uint8')")
    }
  }

  private func notPictures(_ file: String) -> FileFormatError {
    .mismatch(
      file, expected: "pictures [N, height, width] or [N, height, width, 1, 3 or 4]",
      found: "\(elementType.rawValue) \(shape)",
      advice: shape.count == 4 && [1, 3, 4].contains(shape[1])
        ? "put channels last: array.transpose(0, 2, 3, 1)" : "reshape the array and save it again")
  }
}
