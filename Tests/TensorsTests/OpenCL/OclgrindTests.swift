import COpenCLKernels
import Foundation
import Testing

@testable import Tensors

/// What runs under Oclgrind, which interprets kernels and reports accesses out of bounds and data
/// races to a log; `scripts/check-opencl` sets it up and reads the log.
@Suite(
  "Under Oclgrind", .serialized,
  .enabled(if: TestDevices.areInterpreted, "SKIP: scripts/check-opencl runs it"))
struct OclgrindTests {
  private static let plants = ProcessInfo.processInfo.environment["ATELIER_PLANT_FAULTS"] != nil

  private static let rows = (KernelTable.cases + KernelTable.integers).filter {
    $0.isForDevices && $0.isSmall
  }

  @Test("every kernel has a row that is small enough", .enabled(if: !plants))
  func complete() throws {
    let backend = try TestBackends.reference()
    let operand = Operand(storage: Storage(byteCount: 0, on: backend), offset: 0, dtype: .float32)
    let tested = Set(
      Self.rows.map { row in
        KernelName(row.call(Array(repeating: operand, count: row.operands.count)))
      })
    #expect(KernelName.allCases.filter { !tested.contains($0) } == [])
  }

  /// The guarded rows run in `DeviceKernelTests`; here memory ends where each operand does, so that
  /// reading past it, too, is noticed.
  @Test(
    "every row stays inside its operands and gives the reference's bits", .enabled(if: !plants),
    arguments: rows)
  func inside(_ row: KernelCase) throws {
    let prepared = PreparedCase(row, isGuarded: false)
    let expected = try prepared.run(on: TestBackends.reference())
    let device = try #require(TestDevices.openCL.first, "Oclgrind fails the self-test")
    for failure in try prepared.failures(on: device, expected) {
      Issue.record("\(row.testDescription), seed \(row.seed): \(failure)")
    }
  }

  // MARK: The check's own check

  /// Faulty kernels, each of which must be found in the log under its own name.
  @Test("faults that are planted run, to be found in the log", .enabled(if: plants))
  func planted() throws {
    let device = try #require(TestDevices.openCL.first, "Oclgrind fails the self-test")
    for name in ["write_past_end", "read_past_end", "missing_barrier", "two_writers"] {
      try PlantedFault(name).run(on: device)
    }
  }
}

/// A kernel of 16 work-items over 16 floats that does what none may.
private struct PlantedFault {
  let name: String

  init(_ name: String) { self.name = name }

  private static let source = """
    __kernel void write_past_end(__global float *y) { y[get_global_id(0) + 1] = 1; }
    __kernel void read_past_end(__global float *y) {
      const float next = y[get_global_id(0) + 1];
      barrier(CLK_GLOBAL_MEM_FENCE);
      y[get_global_id(0)] = next;
    }
    __kernel void missing_barrier(__global float *y) {
      __local float shared[16];
      const int i = get_local_id(0);
      shared[i] = i;
      y[i] = shared[15 - i];
    }
    __kernel void two_writers(__global float *y) { y[0] = get_global_id(0); }
    """

  func run(on backend: OpenCLBackend) throws {
    let library = backend.library
    let context = try library.create("clCreateContext") { cl, code in
      var id: cl_device_id? = backend.device.id
      return cl.clCreateContext(nil, 1, &id, nil, nil, &code)
    }
    let queue = try library.create("clCreateCommandQueue") { cl, code in
      cl.clCreateCommandQueue(context, backend.device.id, 0, &code)
    }
    let builder = ProgramBuilder(
      library: library, context: context, device: backend.device,
      cache: ProgramCache(folder: nil, capacity: 0))
    let program = try builder.build(name: name, source: Self.source, macros: "")
    let kernel = try library.create("clCreateKernel") { cl, code in
      cl.clCreateKernel(program, name, &code)
    }
    var buffer: cl_mem? = try library.create("clCreateBuffer") { cl, code in
      cl.clCreateBuffer(context, cl_mem_flags(CL_MEM_READ_WRITE), 64, nil, &code)
    }
    let zeros = [Float](repeating: 0, count: 16)
    try library.call("clEnqueueWriteBuffer") { cl in
      cl.clEnqueueWriteBuffer(queue, buffer, cl_bool(CL_TRUE), 0, 64, zeros, 0, nil, nil)
    }
    try library.call("clSetKernelArg") { cl in
      cl.clSetKernelArg(kernel, 0, MemoryLayout<cl_mem?>.size, &buffer)
    }
    var items = 16
    try library.call("clEnqueueNDRangeKernel") { cl in
      cl.clEnqueueNDRangeKernel(queue, kernel, 1, nil, &items, &items, 0, nil, nil)
    }
    try library.call("clFinish") { cl in cl.clFinish(queue) }
    let cl = library.functions
    _ = cl.clReleaseKernel(kernel)
    _ = cl.clReleaseProgram(program)
    _ = cl.clReleaseMemObject(buffer)
    _ = cl.clReleaseCommandQueue(queue)
    _ = cl.clReleaseContext(context)
  }
}
