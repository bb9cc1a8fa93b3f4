internal import COpenCLKernels

/// A tensor as another OpenCL library takes it.
package struct OpenCLOperand {
  /// A `cl_mem`.
  package let buffer: OpaquePointer
  /// Of the first element, in elements.
  package let offset: Int
}

/// The door for libraries that compute on the same device, beside which ours is timed.
extension Device {
  /// What `atelier devices` says of it where it is an OpenCL device; nil for the kernels in C.
  package var openCL: OpenCLDeviceDescription? {
    (backend as? OpenCLBackend)?.device.description
  }

  /// Whether it is this machine's processor, by whichever way.
  package var isProcessor: Bool { isCPU || openCL?.kind == .cpu }

  /// Lets another library queue its work in this device's own queue, behind all that waits there.
  ///
  /// - Parameters:
  ///   - function: What the library is asked for.
  ///   - tensors: What it reads and writes; they are on this device.
  ///   - enqueue: Is given a `cl_command_queue`, the tensors in their order, and a place for the
  ///     `cl_event` of the work, nil where none is wanted; gives 0, or an error of its own.
  /// - Returns: What `enqueue` gave; the device itself has not failed by it.
  /// - Throws: The device's first failure.
  /// - Precondition: this is an OpenCL device.
  package func queueForeign(
    _ function: String, on tensors: [Tensor],
    _ enqueue: (OpaquePointer, [OpenCLOperand], UnsafeMutablePointer<OpaquePointer?>?) -> Int32
  ) throws(DeviceError) -> Int32 {
    guard let openCL = backend as? OpenCLBackend else {
      preconditionFailure("\(self) has no queue of OpenCL")
    }
    let blocks = tensors.compactMap(\.storage.memory.block)
    var status: Int32 = 0
    openCL.attempt { () throws(DeviceError) in
      let operands = zip(blocks, tensors).map {
        OpenCLOperand(buffer: $0.buffer, offset: $1.offset)
      }
      try openCL.named { () throws(OpenCLFailure) in
        try openCL.awaitUploads(to: blocks)
        try openCL.compute.add(function) { _, queue, _, _, event in
          status = enqueue(queue, operands, event)
          return CL_SUCCESS
        }
        for block in blocks { block.lastUse = openCL.compute.last }
      }
    }
    if let failure = openCL.failure { throw failure }
    return status
  }
}

extension OpenCLBackend {
  /// Waits for copies to the blocks: another library's commands cannot be told to.
  fileprivate func awaitUploads(to blocks: [DeviceBlock]) throws(OpenCLFailure) {
    let newest = blocks.map(\.lastUpload).max() ?? 0
    guard newest > awaitedUpload else { return }
    try staging?.queue.wait(for: newest)
    awaitedUpload = newest
  }
}
