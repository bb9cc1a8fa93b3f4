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
        "opencl:0: clFinish failed with CL_OUT_OF_RESOURCES; the last checkpoint is safe, --resume latest goes on from it (also with --device cpu)"
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
