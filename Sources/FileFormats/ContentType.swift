/// What a file is by its first bytes, whatever its name says.
public enum ContentType: Hashable, Sendable {
  case png, jpeg, gzip, zip, npy, safetensors, idx, glb
  /// Formats that are recognised only to give better advice.
  case gif, webp, bmp, tiff, heif, pickle, hdf5
  case empty, text, unknown

  /// Looks at the first 16 bytes; fewer are fine.
  public init(sniffing bytes: [UInt8]) {
    func matches(_ magic: Magic) -> Bool {
      bytes.count >= magic.offset + magic.bytes.count
        && bytes[magic.offset...].starts(with: magic.bytes)
    }
    if bytes.isEmpty {
      self = .empty
    } else if let magic = Self.magics.first(where: matches) {
      self = magic.type
    } else if bytes.count > 8, bytes[8] == UInt8(ascii: "{"), bytes[4..<8].allSatisfy({ $0 == 0 }) {
      self = .safetensors
    } else if IDX.looksLikeHeader(bytes) {
      self = .idx
    } else {
      let isText = bytes.prefix(16).allSatisfy { $0 == 9 || $0 == 10 || $0 == 13 || $0 >= 32 }
      self = isText ? .text : .unknown
    }
  }

  private typealias Magic = (type: ContentType, bytes: [UInt8], offset: Int)

  private static let magics: [Magic] = [
    (.png, PNG.signature, 0),
    (.jpeg, [0xFF, 0xD8, 0xFF], 0),
    (.gzip, [0x1F, 0x8B], 0),
    (.zip, [0x50, 0x4B, 3, 4], 0),
    (.zip, [0x50, 0x4B, 5, 6], 0),
    (.npy, NPY.magic, 0),
    (.glb, GLB.magic, 0),
    (.gif, Array("GIF8".utf8), 0),
    (.webp, Array("WEBP".utf8), 8),
    (.heif, Array("ftyp".utf8), 4),
    (.bmp, Array("BM".utf8), 0),
    (.tiff, [0x49, 0x49, 0x2A, 0], 0),
    (.tiff, [0x4D, 0x4D, 0, 0x2A], 0),
    (.hdf5, [0x89, 0x48, 0x44, 0x46], 0),
    (.pickle, [0x80, 2], 0),
    (.pickle, [0x80, 4], 0),
    (.pickle, [0x80, 5], 0),
  ]

  /// The name in a sentence: "a PNG picture".
  var name: String {
    switch self {
    case .png: "a PNG picture"
    case .jpeg: "a JPEG picture"
    case .gzip: "gzip data"
    case .zip: "a zip archive"
    case .npy: "a NumPy array"
    case .safetensors: "a safetensors file"
    case .idx: "an IDX file"
    case .glb: "a binary glTF model"
    case .gif: "a GIF picture"
    case .webp: "a WebP picture"
    case .bmp: "a BMP picture"
    case .tiff: "a TIFF picture"
    case .heif: "a HEIF or AVIF picture"
    case .pickle: "a Python pickle"
    case .hdf5: "an HDF5 file"
    case .empty: "an empty file"
    case .text: "text"
    case .unknown: "bytes of no known format"
    }
  }

  var conversionAdvice: String? {
    switch self {
    case .gif, .webp, .bmp, .tiff, .heif: "convert it to PNG or JPEG first"
    case .pickle: "pickles can run code and are never read: save it as .npz or .safetensors"
    case .hdf5: "save it as .npz or .safetensors"
    case .empty: "the file has no content: copy or download it again"
    default: nil
    }
  }
}
