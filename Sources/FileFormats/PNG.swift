import CPNG

/// PNG pictures, by libpng's simplified interface: any bit depth, palette or interlacing comes in
/// as 8-bit sRGB.
public enum PNG {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Reads a picture.
  ///
  /// Grey without transparency gives one channel, colour three, anything with transparency four.
  /// Files that state another gamma are brought to sRGB; 16-bit files that state none are taken as
  /// sRGB.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - file: The name that errors carry.
  /// - Returns: The picture in sRGB.
  /// - Throws: For damage, a cut-off file, or a size beyond the limits of ``Picture``.
  public static func decode(_ bytes: [UInt8], file: String) throws(FileFormatError) -> Picture {
    try withImage(bytes, file) { (image, shape) throws(FileFormatError) -> Picture in
      image.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
      image.format = format(shape.channels)
      var succeeded = false
      let pixels = [UInt8](unsafeUninitializedCapacity: shape.count) { pixels, filled in
        succeeded = png_image_finish_read(&image, nil, pixels.baseAddress, 0, nil) != 0
        filled = succeeded ? shape.count : 0
      }
      guard succeeded else { throw failure(image, file) }
      return Picture(shape, pixels: pixels)
    }
  }

  static func shape(of bytes: [UInt8], file: String) throws(FileFormatError) -> PictureShape {
    try withImage(bytes, file) { (_, shape) throws(FileFormatError) in shape }
  }

  /// Reads the header, checks what it promises and hands over.
  private static func withImage<Result>(
    _ bytes: [UInt8], _ file: String,
    _ body: (inout png_image, PictureShape) throws(FileFormatError) -> Result
  ) throws(FileFormatError) -> Result {
    _ = try chunks(in: bytes, file: file)
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }

    return try bytes.withUnsafeBufferPointer { (buffer) throws(FileFormatError) -> Result in
      guard png_image_begin_read_from_memory(&image, buffer.baseAddress, buffer.count) != 0 else {
        throw failure(image, file)
      }
      let hasAlpha = image.format & PNG_FORMAT_FLAG_ALPHA != 0
      let hasColor = image.format & PNG_FORMAT_FLAG_COLOR != 0
      let shape = try Picture.checkedShape(
        height: Int(image.height), width: Int(image.width),
        channels: hasAlpha ? 4 : hasColor ? 3 : 1, file: file)
      return try body(&image, shape)
    }
  }

  /// Writes a picture, marked as sRGB, with texts that other programs and ``texts(in:file:)`` can
  /// read.
  ///
  /// The same picture and texts give the same bytes under the same libpng and zlib.
  public static func encode(_ picture: Picture, texts: [PNGText] = []) -> [UInt8] {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(picture.width)
    image.height = png_uint_32(picture.height)
    image.format = format(picture.channels)
    defer { png_image_free(&image) }

    var size = png_alloc_size_t(png_image_memory_bound(image))
    var succeeded = false
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(size)) { bytes, filled in
      succeeded =
        png_image_write_to_memory(&image, bytes.baseAddress, &size, 0, picture.pixels, 0, nil) != 0
      filled = succeeded ? Int(size) : 0
    }
    precondition(succeeded, "PNG.encode: libpng said \"\(message(of: image))\"")
    return inserting(texts, into: bytes)
  }

  private static func format(_ channels: Int) -> png_uint_32 {
    switch channels {
    case 1: 0
    case 3: PNG_FORMAT_FLAG_COLOR
    default: PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA
    }
  }

  private static func failure(_ image: png_image, _ file: String) -> FileFormatError {
    .undecodable(file, part: "a whole PNG picture", message: message(of: image))
  }

  private static func message(of image: png_image) -> String {
    withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
