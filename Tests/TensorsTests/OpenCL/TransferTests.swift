import CKernels
import COpenCLKernels
import Testing

@testable import Tensors

/// Copies between host and device beside running kernels, on the first usable device.
@Suite(
  "OpenCL transfers", .enabled(if: !TestDevices.openCL.isEmpty, TestDevices.skipped),
  .timeLimit(.minutes(2)))
struct TransferTests {
  private let backend: OpenCLBackend
  private let device: Device

  init() throws {
    backend = try OpenCLBackend(
      TestDevices.openCL[0].device, library: try OpenCLLibrary.system.get())
    device = Device(backend: backend)
  }

  /// Does the work while nothing runs that is queued for kernels, until it opens the gate.
  ///
  /// It has the turn, which other backends' tests would otherwise take, and wait for the gate.
  private func behindGate(_ work: (Gate) throws -> Void) throws {
    var failure: (any Error)?
    backend.attempt {
      do {
        let gate = try Gate(backend.context, backend.library)
        try gate.close(backend.compute)
        try work(gate)
        gate.open()
      } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func upload(_ values: [Float], to tensor: Tensor) throws {
    let block = try #require(tensor.storage.memory.block)
    try values.withUnsafeBytes { try backend.queueUpload($0, to: block, byteOffset: 0) }
  }

  private func sum(_ a: Tensor, _ b: Tensor, into y: Tensor) -> KernelCall {
    var s = ck_binary_shape()
    (s.op, s.rank, s.size.0) = (CK_ADD, 1, Int32(y.count))
    (s.stride_a.0, s.stride_b.0) = (1, 1)
    return .binary(s, a: a.operand, b: b.operand, y: y.operand)
  }

  private func uninitialized(_ count: Int) -> Tensor {
    Tensor(uninitialized: [count], dtype: .float32, on: backend)
  }

  private func tensor(_ count: Int, from first: Float = 0) -> Tensor {
    Tensor((0..<count).map { first + Float($0 % 4096) }, shape: [count], on: device)
  }

  @Test("an upload runs while kernels before it are pending")
  func overlap() throws {
    let (ones, doubled) = (Tensor(filling: [1000], with: 1, on: device), uninitialized(1000))
    let uploaded = uninitialized(1000)
    try behindGate { _ in
      try backend.run(sum(ones, ones, into: doubled))
      try upload((0..<1000).map(Float.init), to: uploaded)
      let transfers = try #require(backend.staging).queue
      try transfers.finish()
      #expect(transfers.done == transfers.last && transfers.last > 0)
      try backend.compute.poll()
      #expect(backend.compute.done < backend.compute.last)
    }
    #expect(try (uploaded + doubled).floats() == (0..<1000).map { Float($0) + 2 })
  }

  @Test("an upload to a block that pending kernels still use waits for them")
  func reusedBlock() throws {
    let (threes, doubled) = (Tensor(filling: [5000], with: 3, on: device), uninitialized(5000))
    let uploaded = (0..<5000).map(Float.init)
    try behindGate { _ in
      try backend.run(sum(threes, threes, into: doubled))
      try upload(uploaded, to: threes)
      let transfers = try #require(backend.staging).queue
      try transfers.flush()
      try transfers.poll()
      #expect(transfers.done < transfers.last)
    }
    #expect(try doubled.floats() == [Float](repeating: 6, count: 5000))
    #expect(try threes.floats() == uploaded)
  }

  @Test("the source may be changed as soon as the upload returns")
  func source() throws {
    let ones = Tensor(filling: [1000], with: 7, on: device)
    var values = [Float](repeating: 1, count: 1000)
    try behindGate { _ in
      // A command that uses the block, so that the copy is pending, too.
      try backend.run(sum(ones, ones, into: ones))
      try upload(values, to: ones)
      for index in values.indices { values[index] = 2 }
    }
    #expect(try ones.floats() == [Float](repeating: 1, count: 1000))
  }

  @Test("an upload that fails on its way is told by name where a value is read, and kept")
  func failedUpload() throws {
    let ones = tensor(1000)
    backend.attempt {
      guard let staging = backend.staging, let gate = try? Gate(backend.context, backend.library)
      else { return }
      try? gate.pose(as: "clEnqueueWriteBuffer", on: staging.queue)
      gate.open(CL_OUT_OF_RESOURCES)
    }
    let expected = DeviceError.callFailed(
      device: backend.name, function: "clEnqueueWriteBuffer", code: "OUT_OF_RESOURCES")
    #expect(throws: expected) { try ones.floats() }
    #expect(throws: expected) { try device.synchronize() }
  }

  @Test("an upload into pinned memory that a pending copy still reads waits for that copy")
  func room() throws {
    var functions = backend.library.functions
    functions.clWaitForEvents = { _, _ in CL_OUT_OF_RESOURCES }
    let library = OpenCLLibrary(functions: functions)
    let backend = try OpenCLBackend(backend.device, library: library)
    let piece = StagingRing.largestPiece / 4
    let large = [Float](repeating: 1, count: StagingRing.byteCount / 4)
    let target = Tensor(uninitialized: [large.count], dtype: .float32, on: backend)
    let other = Tensor(uninitialized: [piece], dtype: .float32, on: backend)
    var (isFull, failure): (Bool, (any Error)?) = (false, nil)
    backend.attempt {
      do {
        let gate = try Gate(backend.context, library)
        defer { gate.open() }
        let staging = try #require(backend.staging)
        try gate.close(staging.queue)
        let (block, next) = (
          try #require(target.storage.memory.block), try #require(other.storage.memory.block)
        )
        // All pinned memory, whose copies wait for the gate.
        try large.withUnsafeBytes { try backend.queueUpload($0, to: block, byteOffset: 0) }
        isFull = true
        try large.prefix(piece).withUnsafeBytes {
          try backend.queueUpload($0, to: next, byteOffset: 0)
        }
      } catch { failure = error }
    }
    #expect(isFull && (failure as? OpenCLFailure)?.function == "clWaitForEvents")
  }

  @Test(
    "sizes at the edges of pieces and beyond all pinned memory arrive whole, one after another",
    arguments: [
      1, 63, 64, 65, StagingRing.largestPiece / 4 - 1, StagingRing.largestPiece / 4,
      StagingRing.largestPiece / 4 + 1, StagingRing.byteCount / 4 + 4099,
    ])
  func sizes(count: Int) throws {
    let (first, second) = (tensor(count), tensor(count, from: 7))
    let difference = try (second - first).floats()
    #expect(difference.allSatisfy { $0 == 7 }, "\(difference.firstIndex { $0 != 7 } ?? -1)")
    let values = try first.floats()
    let wrong = values.indices.first { values[$0] != Float($0 % 4096) }
    #expect(wrong == nil, "at \(wrong ?? 0)")
  }

  @Test("uploads, launches and reads of several threads are right, and few objects serve them")
  func threads() async throws {
    let device = device
    try await withThrowingTaskGroup { group in
      for task in 0..<4 {
        group.addTask {
          for round in 0..<60 {
            // Sizes of a few classes, so that blocks go round between the threads.
            let count = 1 + (round * 977 + task * 131) % 3 * 20_000
            let base = Float(task * 1000 + round)
            let x = Tensor([Float](repeating: base, count: count), shape: [count], on: device)
            var y = x
            for _ in 0..<(round % 5) { y = y + x }
            guard round % 3 == 0 else { continue }
            let expected = base * Float(round % 5 + 1)
            let values = try y.floats()
            let wrong = values.firstIndex { $0 != expected }
            #expect(wrong == nil, "task \(task), round \(round), at \(wrong ?? 0)")
          }
        }
      }
      try await group.waitForAll()
    }
    try device.synchronize()
    #expect(backend.objectCount <= 2 * mostPending)
  }

  @Test("a long run of launches without a read keeps few kernel objects")
  func launches() throws {
    let ones = Tensor(filling: [16], with: 1, on: device)
    var sum = ones
    for _ in 0..<5000 { sum = sum + ones }
    #expect(backend.objectCount <= 1 + mostPending)
    #expect(try sum.floats() == [Float](repeating: 5001, count: 16))
    let count = backend.objectCount
    for _ in 0..<1000 { sum = sum + ones }
    #expect(try sum.floats()[15] == 6001)
    #expect(backend.objectCount <= max(count, 1 + mostPending))
  }

  /// Launches that may be pending, and the one that comes next.
  private var mostPending: Int {
    let pace = CommandQueue.Pace.launches
    return pace.interval * (pace.mostOpen + 1) + 1
  }

  @Test("without pinned memory uploads go the other way, to the same values")
  func withoutStaging() throws {
    // The calls up to the first upload, counted by failing none of them.
    let library = backend.library
    var fellBack = 0
    for n in 1...60 {
      let faulty = library.failing(call: n, code: CL_OUT_OF_HOST_MEMORY)
      guard let backend = try? OpenCLBackend(backend.device, library: faulty) else { continue }
      let device = Device(backend: backend)
      let x = Tensor((0..<300).map(Float.init), shape: [300], on: device)
      guard let sum = try? (x + x).floats() else { continue }
      #expect(sum == (0..<300).map { 2 * Float($0) }, "call \(n)")
      if backend.staging == nil { fellBack += 1 }
      if faulty.faultIsPending { break }
    }
    // A queue, a buffer, its address.
    #expect(fellBack == 3)
  }
}
