internal import CKernels

/// What kernels made of the weights in a storage - panels of a factor, transformed filters - so that
/// it is made once for all calls until the weights change.
///
/// Every storage of parameters on the CPU has one. The backend uses it while it has its turn, so it
/// needs no lock of its own.
final class KeptWeights: @unchecked Sendable {
  /// Calls with the same weights that are made before keeping is thought worth its memory: a step of
  /// training, after which weights change, seldom makes as many.
  static let callsBefore = 2

  /// What decides how something is kept: where the weights begin, and scalars of the call.
  struct Layout: Equatable {
    enum Kernel: Equatable { case gemm, conv2d, conv2dInputGradient }
    struct Scalars: Equatable {
      let kernel: Kernel
      let values: SIMD16<Int32>
    }
    let offset: Int
    let scalars: Scalars
  }

  private struct Entry {
    let layout: Layout
    let byteCount: Int
    /// Without memory until enough calls were made, and where there is no room.
    var kept = ck_kept(memory: nil, is_filled: false)
    var calls = 0
  }
  private var entries: [Entry] = []
  private let memory: BufferPool<UnsafeMutableRawPointer>

  /// - Parameter memory: Where it takes its memory.
  init(in memory: BufferPool<UnsafeMutableRawPointer>) { self.memory = memory }

  deinit {
    for entry in entries {
      if let block = entry.kept.memory { memory.give(block, byteCount: entry.byteCount) }
    }
  }

  /// Something was written to the storage.
  func change() {
    for index in entries.indices {
      (entries[index].kept.is_filled, entries[index].calls) = (false, 0)
    }
  }

  /// Makes a call with what is kept for its layout, or with nil.
  ///
  /// - Parameters:
  ///   - layout: Of the call.
  ///   - byteCount: What it takes, above 0.
  ///   - call: May fill what is kept.
  func with(
    _ layout: Layout, byteCount: Int, _ call: (UnsafeMutablePointer<ck_kept>?) -> Void
  ) {
    let index = entries.firstIndex { $0.layout == layout } ?? entries.count
    if index == entries.count { entries.append(Entry(layout: layout, byteCount: byteCount)) }
    entries[index].calls += 1
    guard entries[index].calls > Self.callsBefore else { return call(nil) }
    if entries[index].kept.memory == nil {
      entries[index].kept.memory = memory.take(byteCount: byteCount)
    }
    if entries[index].kept.memory != nil { call(&entries[index].kept) } else { call(nil) }
  }
}

extension ck_gemm_shape {
  /// What decides how b is laid out: not the rows of a.
  var layout: KeptWeights.Layout.Scalars {
    .init(
      kernel: .gemm,
      values: SIMD16(
        n, k, transpose_b, ldb, Int32(precision.rawValue), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
  }
}

extension ck_conv2d_shape {
  /// What decides how a filter is laid out: not the number of pictures.
  func layout(_ kernel: KeptWeights.Layout.Kernel) -> KeptWeights.Layout.Scalars {
    .init(
      kernel: kernel,
      values: SIMD16(
        h, w, c, oh, ow, oc, kh, kw, stride_h, stride_w, pad_top, pad_left, dilation_h, dilation_w,
        groups, Int32(precision.rawValue)))
  }
}
