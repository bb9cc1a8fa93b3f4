internal import COpenCLKernels

/// A buffer, and the last commands that touched it: what keeps two queues apart that share it.
///
/// The numbers are touched by whoever has the backend's turn alone. They stay when the pool gives
/// the block to another tensor, whose upload has to wait for what was queued on the old one.
final class DeviceBlock: @unchecked Sendable {
  let buffer: cl_mem
  /// Of the compute queue: the last that may read or write it.
  var lastUse = 0
  /// Of the transfer queue: the last that writes it.
  var lastUpload = 0

  init(_ buffer: cl_mem) { self.buffer = buffer }
}

extension Memory {
  /// A block that is given back by ``takeBlock()``.
  static func openCL(giving block: DeviceBlock) -> Memory { .openCL(.passRetained(block)) }

  /// The block, which the memory goes on keeping.
  var block: DeviceBlock? {
    if case .openCL(let block) = self { block.takeUnretainedValue() } else { nil }
  }

  /// The block, which the memory keeps no more.
  func takeBlock() -> DeviceBlock? {
    if case .openCL(let block) = self { block.takeRetainedValue() } else { nil }
  }
}
