extension Operand {
  /// New float32 elements on a backend.
  init(_ values: [Float], on backend: any Backend) {
    self.init(
      storage: Storage(byteCount: values.count * 4, on: backend), offset: 0, dtype: .float32)
    values.withUnsafeBytes { backend.upload($0, to: memory, byteOffset: 0) }
  }

  /// Its first elements, when all that was queued has run.
  func floats(
    _ count: Int, on backend: any Backend
  ) throws(DeviceError) -> [Float] {
    var values = [Float](repeating: .nan, count: count)
    var failure: DeviceError?
    values.withUnsafeMutableBytes { bytes in
      do throws(DeviceError) {
        try backend.download(from: memory, byteOffset: 0, to: bytes)
      } catch { failure = error }
    }
    if let failure { throw failure }
    return values
  }
}
