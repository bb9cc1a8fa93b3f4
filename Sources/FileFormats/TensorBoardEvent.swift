/// One entry of a TensorBoard event file: numbers and pictures that belong to a step.
///
/// Stored as the protocol buffer `Event` of TensorBoard (fields: wall_time 1, step 2, file_version
/// 3, summary 5; in each summary value: tag 1, simple_value 2, image 4).
public struct TensorBoardEvent: Hashable, Sendable {
  /// What a tag has at this step.
  public enum Content: Hashable, Sendable {
    case scalar(Float)
    /// An encoded PNG or JPEG and its size.
    case image(height: Int, width: Int, channels: Int, encoded: [UInt8])
  }

  /// A tag and its content.
  public struct Value: Hashable, Sendable {
    /// The name TensorBoard shows; `/` makes groups.
    public let tag: String
    /// What there is to show.
    public let content: Content

    /// Pairs a tag with its content.
    public init(tag: String, content: Content) {
      self.tag = tag
      self.content = content
    }
  }

  /// Seconds since 1970.
  public let wallTime: Double
  /// The training step.
  public let step: Int
  /// Only in the first event of a file.
  public let fileVersion: String?
  /// Everything that is shown for this step.
  public let values: [Value]

  /// An event with values.
  public init(wallTime: Double, step: Int, values: [Value]) {
    self.init(wallTime: wallTime, step: step, fileVersion: nil, values: values)
  }

  init(wallTime: Double, step: Int, fileVersion: String?, values: [Value]) {
    self.wallTime = wallTime
    self.step = step
    self.fileVersion = fileVersion
    self.values = values
  }

  var encoded: [UInt8] {
    var writer = ProtocolBuffer.Writer()
    writer.double(1, wallTime)
    if step != 0 { writer.integer(2, step) }
    if let fileVersion { writer.string(3, fileVersion) }
    if !values.isEmpty {
      writer.message(5) { summary in
        for value in values { summary.message(1) { value.write(to: &$0) } }
      }
    }
    return writer.bytes
  }

  /// Reads an event; fields and kinds of value that are not known are stepped over.
  init(decoding bytes: [UInt8], file: String, base: Int) throws(FileFormatError) {
    var (wallTime, step, fileVersion): (Double, Int, String?) = (0, 0, nil)
    var values: [Value] = []
    for field in try ProtocolBuffer.fields(bytes, file: file, base: base) {
      switch (field.number, field.value) {
      case (1, .fixed64): wallTime = field.value.double!
      case (2, .varint): step = field.value.integer!
      case (3, .data): fileVersion = field.value.string!
      case (5, .data(let summary, let position)):
        for field in try ProtocolBuffer.fields(summary, file: file, base: position) {
          guard field.number == 1, case .data(let value, let position) = field.value else {
            continue
          }
          if let value = try Value(decoding: value, file: file, base: position) {
            values.append(value)
          }
        }
      default: break
      }
    }
    self.init(wallTime: wallTime, step: step, fileVersion: fileVersion, values: values)
  }
}

extension TensorBoardEvent.Value {
  fileprivate func write(to writer: inout ProtocolBuffer.Writer) {
    writer.string(1, tag)
    switch content {
    case .scalar(let number): writer.float(2, number)
    case .image(let height, let width, let channels, let encoded):
      writer.message(4) {
        $0.integer(1, height)
        $0.integer(2, width)
        $0.integer(3, channels)
        $0.data(4, encoded)
      }
    }
  }

  fileprivate init?(decoding bytes: [UInt8], file: String, base: Int) throws(FileFormatError) {
    var tag = ""
    var content: TensorBoardEvent.Content?
    for field in try ProtocolBuffer.fields(bytes, file: file, base: base) {
      switch (field.number, field.value) {
      case (1, .data): tag = field.value.string!
      case (2, .fixed32): content = .scalar(field.value.float!)
      case (4, .data(let image, let position)):
        var (height, width, channels): (Int, Int, Int) = (0, 0, 0)
        var encoded: [UInt8] = []
        for field in try ProtocolBuffer.fields(image, file: file, base: position) {
          switch field.number {
          case 1: height = field.value.integer ?? 0
          case 2: width = field.value.integer ?? 0
          case 3: channels = field.value.integer ?? 0
          case 4: encoded = field.value.data ?? []
          default: break
          }
        }
        content = .image(height: height, width: width, channels: channels, encoded: encoded)
      default: break
      }
    }
    guard let content else { return nil }
    self.init(tag: tag, content: content)
  }
}
