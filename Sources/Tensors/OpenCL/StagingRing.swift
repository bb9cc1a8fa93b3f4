internal import COpenCLKernels
import Foundation

/// Pinned host memory that uploads pass through, and a queue for them alone.
///
/// A device copies from pinned memory by itself: a source is copied here at once, so that it may be
/// reused, and goes to the device while that computes. Room is given out round and round, in the
/// order of the copies, which run in that order; where it is not free yet, the copy from there is
/// waited for.
///
/// Touched by whoever has the turn alone. No kernel runs on this queue: see ``QueueTurn``.
final class StagingRing {
  /// Holds two batches of 128 pictures of 64x64x3 and a bit, so that the next one never waits for the
  /// last; all that a larger upload costs is that its pieces wait for one another.
  static let byteCount = 16 << 20
  /// A larger upload is cut in pieces of this, the first of which is on its way while the next is
  /// copied here.
  static let largestPiece = byteCount / 4
  /// Of a piece: what devices copy best from is aligned to a page at most, and small uploads are many.
  private static let alignment = 256

  let queue: CommandQueue
  private let library: OpenCLLibrary
  private let memory: cl_mem
  private let base: UnsafeMutableRawPointer
  /// In use, in the order of their copies: where each ends, and the number of its copy.
  private var regions: [(end: Int, copy: Int)] = []
  /// Where the next region begins and the oldest one does, in bytes given out since the beginning.
  private var (head, tail) = (0, 0)

  /// - Throws: The failure by which a queue, pinned memory or its address cannot be had.
  init(
    _ context: cl_context, _ device: cl_device_id, _ library: OpenCLLibrary
  ) throws(OpenCLFailure) {
    self.library = library
    let queue = try CommandQueue(context, device, .transfers, library)
    self.queue = queue
    let memory = try library.create("clCreateBuffer") { cl, code in
      let flags = cl_mem_flags(CL_MEM_ALLOC_HOST_PTR | CL_MEM_READ_ONLY)
      return cl.clCreateBuffer(context, flags, Self.byteCount, nil, &code)
    }
    self.memory = memory
    do throws(OpenCLFailure) {
      base = UnsafeMutableRawPointer(
        try library.create("clEnqueueMapBuffer") { cl, code in
          let flags = cl_map_flags(CL_MAP_WRITE)
          return OpaquePointer(
            cl.clEnqueueMapBuffer(
              queue.queue, memory, cl_bool(CL_TRUE), flags, 0, Self.byteCount, 0, nil, nil, &code))
        })
    } catch {
      _ = library.functions.clReleaseMemObject(memory)
      throw error
    }
  }

  deinit {
    let cl = library.functions
    _ = cl.clFinish(queue.queue)
    _ = cl.clEnqueueUnmapMemObject(queue.queue, memory, base, 0, nil, nil)
    _ = cl.clFinish(queue.queue)
    _ = cl.clReleaseMemObject(memory)
  }

  /// Queues the copy of bytes to a block, and notes it there.
  ///
  /// - Parameters:
  ///   - source: May be reused when this returns.
  ///   - block: Where to.
  ///   - byteOffset: Of the first byte in the block.
  ///   - event: After which the block may be written; nil for now.
  func write(
    _ source: UnsafeRawBufferPointer, to block: DeviceBlock, byteOffset: Int,
    after event: OpenCLEvent?
  ) throws(OpenCLFailure) {
    var events = event.map { [$0] } ?? []
    var first = 0
    while first < source.count {
      let piece = source[first..<min(first + Self.largestPiece, source.count)]
      let room = try reserve(piece.count)
      room.copyMemory(from: source.baseAddress! + first, byteCount: piece.count)
      try queue.add("clEnqueueWriteBuffer", after: events) { cl, queue, count, events, own in
        cl.clEnqueueWriteBuffer(
          queue, block.buffer, cl_bool(CL_FALSE), byteOffset + first, piece.count, room, count,
          events, own)
      }
      regions.append((head, queue.last))
      block.lastUpload = queue.last
      // The other pieces come after this one.
      events = []
      first += piece.count
    }
  }

  /// Room for a piece, which nothing is copied from any more.
  private func reserve(_ byteCount: Int) throws(OpenCLFailure) -> UnsafeMutableRawPointer {
    let size = (byteCount + Self.alignment - 1) / Self.alignment * Self.alignment
    // A piece does not go round the end.
    let left = Self.byteCount - head % Self.byteCount
    if left < size { head += left }
    while let oldest = regions.first,
      oldest.copy <= queue.done || head + size - tail > Self.byteCount
    {
      try queue.wait(for: oldest.copy)
      tail = oldest.end
      regions.removeFirst()
    }
    defer { head += size }
    return base + head % Self.byteCount
  }
}
