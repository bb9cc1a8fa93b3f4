/// A TensorBoard event file that grows as training goes on.
public struct EventFile: ~Copyable {
  private let file: AppendFile

  /// Opens a file for appending, or starts it (TensorBoard looks for `events.out.tfevents.` in the
  /// name).
  ///
  /// `wallTime`, in seconds since 1970, goes into the first record of a new file.
  public init(path: String, wallTime: Double) throws(FileFormatError) {
    let file = try AppendFile(path: path)
    if try file.size() == 0 {
      let first = TensorBoardEvent(
        wallTime: wallTime, step: 0, fileVersion: "brain.Event:2", values: [])
      try file.append(TFRecord.encode(first.encoded))
    }
    self.file = file
  }

  /// Appends one event; it is in the file, whole, when this returns.
  public func append(_ event: TensorBoardEvent) throws(FileFormatError) {
    try file.append(TFRecord.encode(event.encoded))
  }

  /// Waits until the disk has everything.
  public func synchronize() throws(FileFormatError) { try file.synchronize() }

  /// Reads every event.
  ///
  /// A last record that is cut short, as a killed writer leaves it, is dropped; damage anywhere
  /// else is an error.
  public static func read(path: String) throws(FileFormatError) -> [TensorBoardEvent] {
    let bytes = try ByteSource(path: path).readAll(limit: 1 << 34)
    return try decode(bytes, file: path)
  }

  /// The events in the bytes of a file; see ``read(path:)``.
  public static func decode(
    _ bytes: [UInt8], file: String
  ) throws(FileFormatError) -> [TensorBoardEvent] {
    let records = TFRecord.decode(bytes, file: file)
    if let damage = records.damage, !records.isTorn { throw damage }
    return try events(records, file)
  }

  /// Cuts a file back so that its last event has at most this step; a resumed run then writes on.
  ///
  /// Cuts before the first event of a later step, or before the first record that is damaged,
  /// whichever comes first. A file that is not there is left so.
  public static func truncate(path: String, afterStep step: Int) throws(FileFormatError) {
    let bytes: [UInt8]
    do throws(FileFormatError) {
      bytes = try ByteSource(path: path).readAll(limit: 1 << 34)
    } catch {
      if error.isMissingFile { return }
      throw error
    }
    let records = TFRecord.decode(bytes, file: path)
    var kept = 0
    for (index, content) in records.contents.enumerated() {
      guard
        let event = try? TensorBoardEvent(
          decoding: content, file: path, base: records.boundaries[index] + 12), event.step <= step
      else { break }
      kept = records.boundaries[index + 1]
    }
    if kept < bytes.count { try AppendFile(path: path).truncate(to: kept) }
  }

  private static func events(
    _ records: TFRecord.Records, _ file: String
  ) throws(FileFormatError) -> [TensorBoardEvent] {
    var events: [TensorBoardEvent] = []
    for (content, start) in zip(records.contents, records.boundaries) {
      events.append(try TensorBoardEvent(decoding: content, file: file, base: start + 12))
    }
    return events
  }
}
