internal import CKernels

/// What kernels made of the weights in a storage - panels of a factor, transformed filters - so that
/// it is made once for all calls until the weights change.
///
/// Every storage of parameters on the CPU has one. The backend uses it while it has its turn, so it
/// needs no lock of its own.
final class KeptWeights: @unchecked Sendable {
  /// Calls with the same weights that are made before keeping is thought worth its memory.
  ///
  /// A step of training, after which weights change, seldom makes as many. Where more than one was made between
  /// the last two changes, as of a critic that judges real and made pictures, none is waited for.
  static let callsBefore = 2

  /// What decides how a kernel lays out what it keeps: itself, where the weights begin, and scalars.
  struct Layout: Equatable {
    enum Kernel: Equatable { case gemm, conv2d, conv2dInputGradient }
    let kernel: Kernel
    let offset: Int
    let scalars: SIMD16<Int32>
  }

  private final class Entry {
    let layout: Layout
    let byteCount: Int
    /// Without memory until enough calls were made, and where there is no room.
    let kept = UnsafeMutablePointer<ck_kept>.allocate(capacity: 1)
    var calls = 0
    /// Whether it was called more than once between changes.
    var isReused = false

    init(_ layout: Layout, byteCount: Int) {
      (self.layout, self.byteCount) = (layout, byteCount)
      kept.initialize(to: ck_kept(memory: nil, is_filled: false))
    }

    deinit { kept.deallocate() }
  }
  private var entries: [Entry] = []
  private let memory: BufferPool<UnsafeMutableRawPointer, Never>

  /// - Parameter memory: Where it takes its memory.
  init(in memory: BufferPool<UnsafeMutableRawPointer, Never>) { self.memory = memory }

  deinit { forget() }

  /// Gives all memory back; it may be taken again.
  func forget() {
    for entry in entries {
      if let block = entry.kept.pointee.memory { memory.give(block, byteCount: entry.byteCount) }
    }
    entries = []
  }

  /// Something was written to the storage.
  func change() {
    for entry in entries {
      entry.isReused = entry.calls > 1
      (entry.kept.pointee.is_filled, entry.calls) = (false, 0)
    }
  }

  /// Counts one more call.
  ///
  /// - Parameters:
  ///   - layout: Of the call.
  ///   - byteCount: What it takes, above 0.
  /// - Returns: What the call may read or has to fill; nil where nothing is kept for it.
  func kept(_ layout: Layout, byteCount: Int) -> UnsafeMutablePointer<ck_kept>? {
    let entry = entries.first { $0.layout == layout } ?? add(Entry(layout, byteCount: byteCount))
    entry.calls += 1
    if entry.calls <= Self.callsBefore, !entry.isReused { return nil }
    if entry.kept.pointee.memory == nil {
      entry.kept.pointee.memory = memory.take(byteCount: byteCount)
    }
    return entry.kept.pointee.memory == nil ? nil : entry.kept
  }

  private func add(_ entry: Entry) -> Entry {
    entries.append(entry)
    return entry
  }
}
