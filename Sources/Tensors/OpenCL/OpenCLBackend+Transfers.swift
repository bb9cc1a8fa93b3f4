internal import COpenCLKernels

/// What goes between host and device.
extension OpenCLBackend {
  /// Queues the copy behind what was queued on the block before, and nothing else.
  func upload(_ source: UnsafeRawBufferPointer, to memory: Memory, byteOffset: Int) {
    guard let block = memory.block, source.count > 0 else { return }
    attempt { () throws(DeviceError) in
      try named { () throws(OpenCLFailure) in
        try queueUpload(source, to: block, byteOffset: byteOffset)
      }
    }
  }

  /// ``upload(_:to:byteOffset:)`` for whoever has the turn.
  func queueUpload(
    _ source: UnsafeRawBufferPointer, to block: DeviceBlock, byteOffset: Int
  ) throws(OpenCLFailure) {
    if let staging {
      try staging.write(
        source, to: block, byteOffset: byteOffset, after: try compute.event(after: block.lastUse))
      return
    }
    // Without pinned memory: in the queue of kernels, and the source is used up on return.
    try compute.add("clEnqueueWriteBuffer") { cl, queue, count, events, own in
      cl.clEnqueueWriteBuffer(
        queue, block.buffer, cl_bool(CL_TRUE), byteOffset, source.count, source.baseAddress!,
        count, events, own)
    }
    try compute.noteDrained()
  }

  func download(
    from memory: Memory, byteOffset: Int, to target: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    if let block = memory.block, let to = target.baseAddress, target.count > 0 {
      attempt { () throws(DeviceError) in
        try named { () throws(OpenCLFailure) in
          let uploads = try uploads(upTo: block.lastUpload)
          try compute.add("clEnqueueReadBuffer", after: uploads) { cl, queue, count, events, own in
            cl.clEnqueueReadBuffer(
              queue, block.buffer, cl_bool(CL_TRUE), byteOffset, target.count, to, count, events,
              own)
          }
          try compute.noteDrained()
          try staging?.queue.poll()
        }
      }
    }
    if let failure { throw failure }
  }

  func synchronize() throws(DeviceError) {
    attempt { () throws(DeviceError) in
      try named { () throws(OpenCLFailure) in
        try staging?.queue.finish()
        try compute.finish()
      }
    }
    if let failure { throw failure }
  }

  /// What the next command of the compute queue has to wait for where it uses blocks of which the
  /// newest upload has this number; those after it need not wait again.
  func uploads(upTo number: Int) throws(OpenCLFailure) -> [OpenCLEvent] {
    if number <= awaitedUpload { return [] }
    let event = try staging?.queue.event(after: number)
    awaitedUpload = number
    return event.map { [$0] } ?? []
  }
}
