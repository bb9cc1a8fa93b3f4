import Testing

@testable import Tensors

@Suite("Device errors")
struct DeviceErrorTests {
  @Test(
    "every failure is one sentence that says what was found and what to try",
    arguments: [
      (
        DeviceError.outOfMemory(
          device: "cpu", requested: (3 << 20) + 1, inUse: 5 << 20, limit: 6 << 20),
        "cpu: 4 MiB more of memory could not be had with 5 MiB in use of 6 MiB; try a smaller --batch or a smaller model"
      ),
      (
        .outOfMemory(device: "opencl:0", requested: 0, inUse: 5 << 20, limit: 6 << 20),
        "opencl:0: the driver could not provide the 5 MiB of memory in use, of a limit of 6 MiB; try a smaller --batch or a smaller model"
      ),
      (
        .doesNotFit(
          device: "cpu", batch: 512, needed: 200 << 20,
          limit: MemoryLimit(total: 1 << 30, environment: ["ATELIER_DEVICE_MEMORY": "100"]),
          largestBatch: 240),
        "cpu: training with --batch 512 needs 200 MiB of memory and the limit is 100 MiB (ATELIER_DEVICE_MEMORY); --batch 240 fits"
      ),
      (
        .doesNotFit(
          device: "cpu", batch: 1, needed: 200 << 20, limit: MemoryLimit(total: 10 << 20),
          largestBatch: 0),
        "cpu: training with --batch 1 needs 200 MiB of memory and the limit is 9 MiB (90 % of its memory); no batch fits: try a smaller model"
      ),
      (
        .unknownDevice(name: "gpuu", found: ["cpu", "opencl:0 (Example)"]),
        "unknown device 'gpuu': expected auto, cpu, gpu or opencl:N; found cpu, opencl:0 (Example)"
      ),
      (
        .unavailable(device: "gpu", reason: "libOpenCL.so.1 is not installed", found: []),
        "device 'gpu' cannot be used: libOpenCL.so.1 is not installed; found no devices; try --device cpu"
      ),
      (
        .buildFailed(device: "opencl:0", program: "gemm.cl", log: "line 3: error"),
        "opencl:0: the kernels in gemm.cl did not compile; the compiler says:\nline 3: error"
      ),
      (
        .callFailed(device: "opencl:0", function: "clFinish", code: "CL_OUT_OF_RESOURCES"),
        "opencl:0: clFinish failed with CL_OUT_OF_RESOURCES, and the device may be lost; try again, or --device cpu"
      ),
    ])
  func sentences(error: DeviceError, sentence: String) {
    #expect(error.description == sentence)
  }

  @Test("the first failure is kept, later work does nothing, and reading throws it")
  func firstFailureIsKept() throws {
    let backend = try CPUBackend(threads: 1, memoryLimit: 4096)
    let device = Device(backend: backend)
    let before = Tensor.ones([8], on: device)
    let tooMuch = Tensor.ones([100_000], on: device)
    let after = before + before
    let expected = DeviceError.outOfMemory(
      device: backend.name, requested: 400_000, inUse: 256, limit: 4096)
    for tensor in [tooMuch, after, before, tooMuch.squared().sum()] {
      #expect(throws: expected) { _ = try tensor.floats() }
    }
    #expect(throws: expected) { try device.synchronize() }
  }
}
