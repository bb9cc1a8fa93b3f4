import CTurboJPEG

/// JPEG pictures, by TurboJPEG.
public enum JPEG {
  /// Reads a picture: grey gives one channel, colour three.
  ///
  /// The EXIF orientation that cameras write is applied. CMYK files are refused: without a colour
  /// profile their colours would be guesses.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - file: The name that errors carry.
  /// - Returns: The picture, upright.
  /// - Throws: For damage, a cut-off file, CMYK, or a size beyond the limits of ``Picture``.
  public static func decode(_ bytes: [UInt8], file: String) throws(FileFormatError) -> Picture {
    try withHeader(bytes, file) { (handle, shape) throws(FileFormatError) -> Picture in
      let format = shape.channels == 1 ? TJPF_GRAY : TJPF_RGB
      var status: Int32 = 0
      let pixels = [UInt8](unsafeUninitializedCapacity: shape.count) { pixels, filled in
        // A damaged file may leave rows unwritten; never hand out what the memory held before.
        pixels.initialize(repeating: 0)
        status = tjDecompress2(
          handle, bytes, UInt(bytes.count), pixels.baseAddress, Int32(shape.width), 0,
          Int32(shape.height), Int32(format.rawValue), TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS)
        filled = shape.count
      }
      guard status == 0 || isHarmless(handle) else { throw failure(handle, file) }
      return Picture(shape, pixels: pixels).oriented(orientation(in: bytes))
    }
  }

  static func shape(of bytes: [UInt8], file: String) throws(FileFormatError) -> PictureShape {
    let shape = try withHeader(bytes, file) { (_, shape) throws(FileFormatError) in shape }
    let isTurned = orientation(in: bytes) >= 5
    return isTurned
      ? PictureShape(height: shape.width, width: shape.height, channels: shape.channels) : shape
  }

  /// Reads the header, checks what it promises and hands over.
  private static func withHeader<Result>(
    _ bytes: [UInt8], _ file: String,
    _ body: (tjhandle, PictureShape) throws(FileFormatError) -> Result
  ) throws(FileFormatError) -> Result {
    guard bytes.starts(with: [0xFF, 0xD8]) else {
      throw .wrongFormat(file, expected: "a JPEG picture", found: ContentType(sniffing: bytes))
    }
    guard let handle = tjInitDecompress() else { throw failure(nil, file) }
    defer { tjDestroy(handle) }

    var (width, height, subsampling, colorspace): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    let status = tjDecompressHeader3(
      handle, bytes, UInt(bytes.count), &width, &height, &subsampling, &colorspace)
    guard status == 0 || isHarmless(handle) else { throw failure(handle, file) }
    guard ![TJCS_CMYK, TJCS_YCCK].map({ Int32($0.rawValue) }).contains(colorspace) else {
      throw .unsupported(
        file, supported: "a grey or RGB JPEG", found: "CMYK", advice: "save it as sRGB first")
    }
    let shape = try Picture.checkedShape(
      height: Int(height), width: Int(width),
      channels: colorspace == Int32(TJCS_GRAY.rawValue) ? 1 : 3, file: file)
    return try body(handle, shape)
  }

  /// Writes a grey or RGB picture, without subsampling of colour.
  ///
  /// - Parameters:
  ///   - picture: Grey or RGB.
  ///   - quality: 1 to 100; 95 shows no loss to the eye.
  /// - Returns: The whole file.
  /// - Precondition: the picture has no alpha; see ``Picture/composed(on:)``.
  public static func encode(_ picture: Picture, quality: Int = 95) -> [UInt8] {
    precondition(picture.channels != 4, "JPEG.encode: JPEG has no alpha; compose it on a colour")
    precondition((1...100).contains(quality), "JPEG.encode: quality \(quality) is not in 1...100")
    guard let handle = tjInitCompress() else { preconditionFailure("TurboJPEG could not start") }
    defer { tjDestroy(handle) }
    var buffer: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    let isGray = picture.channels == 1
    let status = tjCompress2(
      handle, picture.pixels, Int32(picture.width), 0, Int32(picture.height),
      Int32((isGray ? TJPF_GRAY : TJPF_RGB).rawValue), &buffer, &size,
      Int32((isGray ? TJSAMP_GRAY : TJSAMP_444).rawValue), Int32(quality), TJFLAG_ACCURATEDCT)
    defer { tjFree(buffer) }
    precondition(status == 0, "JPEG.encode: TurboJPEG said \"\(message(handle))\"")
    return Array(UnsafeBufferPointer(start: buffer, count: Int(size)))
  }

  /// Cameras leave stray bytes between segments; the picture is whole all the same.
  private static func isHarmless(_ handle: tjhandle) -> Bool {
    tjGetErrorCode(handle) == Int32(TJERR_WARNING.rawValue)
      && message(handle).contains("extraneous bytes before marker")
  }

  private static func message(_ handle: tjhandle?) -> String {
    String(cString: tjGetErrorStr2(handle))
  }

  private static func failure(_ handle: tjhandle?, _ file: String) -> FileFormatError {
    .undecodable(file, part: "a whole JPEG picture", message: message(handle))
  }
}
