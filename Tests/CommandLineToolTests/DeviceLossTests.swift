import FileFormats
import Foundation
import Tensors
import Testing
import Training

/// The first usable OpenCL device.
private let openCLName = Device.listings().first {
  $0.name != "cpu" && $0.reasonForSkipping == nil
}?.name

/// A device that is lost, and one that is too small, under the whole program.
@Suite(.enabled(if: openCLName != nil, "SKIP: no usable OpenCL device on this machine"))
struct DeviceLossTests {
  private let device = openCLName ?? ""
  private static let steps = 30

  private func training(_ more: String..., device: String? = nil, out: String) -> [String] {
    var arguments = Program.training(steps: Self.steps, out: out)
    arguments[arguments.firstIndex(of: "cpu")!] = device ?? self.device
    return arguments + ["--set", "checkpointEvery=3", "--set", "keep=0"] + more
  }

  /// Trains on a device that is lost after a checkpoint was made; its outcome and last checkpoint.
  private func lose(
    _ program: Program, _ code: Int
  ) throws -> (outcome: Program.Outcome, step: Int) {
    // How many calls come before depends on the device and its kernels.
    var calls = 300
    while true {
      let outcome = try program.run(
        training(out: "run"), ["ATELIER_OPENCL_FAULT": "lost-at:any:\(calls):\(code)"])
      try #require(outcome.status == 69 && !outcome.wasKilled, "\(outcome.errors)")
      if let step = RunFolder(path: program.path("run")).checkpointSteps().last {
        return (outcome, step)
      }
      try? FileManager.default.removeItem(atPath: program.path("run"))
      calls += calls / 4
    }
  }

  @Test(
    "a lost device leaves the last checkpoint and says how to go on: there or on the CPU, to the same bytes",
    arguments: [-5, -9999])
  func lost(code: Int) throws {
    try withProgram { program in
      let (outcome, step) = try lose(program, code)
      let name = String(format: "checkpoints/%06d.safetensors", step)
      let last = String(format: "checkpoints/%06d.safetensors", Self.steps)
      #expect(
        outcome.errors.contains(
          "run/\(name) is safe: the same command with --resume latest goes on"), "\(outcome.errors)"
      )
      #expect(outcome.errors.contains("Error: \(device) ("), "\(outcome.errors)")
      try FileManager.default.copyItem(
        atPath: program.path("run"), toPath: program.path("run-cpu"))

      let resumed = try program.run(training("--resume", "latest", out: "run"))
      #expect(resumed.status == 0, "\(resumed.errors)")
      try #require(try program.run(training(out: "whole")).status == 0)
      for file in [name, last] {
        #expect(try program.bytes("run/\(file)") == program.bytes("whole/\(file)"), "\(file)")
      }

      let onCPU = try program.run(
        training("--resume", "latest", device: "cpu", out: "run-cpu"))
      #expect(onCPU.status == 0, "\(onCPU.errors)")
      let reference = try program.run(
        training("--resume", "whole/\(name)", device: "cpu", out: "whole-cpu"))
      try #require(reference.status == 0, "\(reference.errors)")
      #expect(try program.bytes("run-cpu/\(last)") == program.bytes("whole-cpu/\(last)"))
    }
  }

  @Test("a device that is lost before the first checkpoint is told of so")
  func lostAtOnce() throws {
    try withProgram { program in
      let outcome = try program.run(
        training("--set", "checkpointEvery=1000", "--set", "evaluateEvery=1000", out: "run"),
        ["ATELIER_OPENCL_FAULT": "lost-at:clEnqueueNDRangeKernel:30:-5"])
      #expect(outcome.status == 69)
      #expect(
        outcome.errors.contains("no checkpoint was made yet: --resume latest begins at step 1")
          || outcome.errors.contains("cannot be used: "), "\(outcome.errors)")
    }
  }

  @Test("what auto finds when a platform fails is named, and the command goes on without it")
  func platformFails() throws {
    try withProgram { program in
      let fault = ["ATELIER_OPENCL_FAULT": "fail-at:clGetDeviceIDs:1:-6"]
      let listed = try program.run(["devices"], fault)
      #expect(listed.status == 0)
      #expect(listed.output.contains("its devices cannot be listed: clGetDeviceIDs failed with"))
      let json = try program.run(["devices", "--json"], fault).json()
      guard case .array(let failed)? = json["failedPlatforms"] else {
        Issue.record("no failedPlatforms")
        return
      }
      #expect(failed.count == 1)
      #expect(failed.first?["reason"]?.string == "clGetDeviceIDs failed with OUT_OF_HOST_MEMORY")
    }
  }

  @Test("ATELIER_OPENCL_FAULT that cannot be read is refused")
  func wrongFault() throws {
    try withProgram { program in
      let outcome = try program.run(["devices"], ["ATELIER_OPENCL_FAULT": "lost-at:clFinish"])
      #expect(outcome.status == 64 && outcome.errors.contains("ATELIER_OPENCL_FAULT"))
    }
  }

  @Test(
    "a training that does not fit ends with 69 and names the largest batch that does",
    arguments: ["cpu", openCLName ?? "cpu"])
  func doesNotFit(device: String) throws {
    try withProgram { program in
      func train(_ batch: Int, _ out: String) throws -> Program.Outcome {
        try program.run(
          [
            "train", "vae", "--data", "shapes", "--size", "16", "--batch", "\(batch)", "--device",
            device, "--steps", "2", "--set", "hidden=64", "--out", out,
          ], ["ATELIER_DEVICE_MEMORY": "4"])
      }
      let refused = try train(4000, "refused")
      #expect(refused.status == 69)
      let found = try #require(
        refused.errors.firstMatch(
          of:
            /needs \d+ MiB of memory and the limit is 4 MiB \(ATELIER_DEVICE_MEMORY\); --batch (\d+) fits\n/
        ), "\(refused.errors)")
      #expect(!FileManager.default.fileExists(atPath: program.path("refused")))
      let batch = try #require(Int(found.1))
      let fits = try train(batch, "fits")
      #expect(fits.status == 0, "\(batch): \(fits.errors)")
      // Blocks come in sizes a quarter apart at most.
      #expect(try train(batch * 5 / 4 + 1, "more").status == 69, "\(batch)")
    }
  }

  @Test("the memory of every device is told, with what limits it")
  func memory() throws {
    try withProgram { program in
      let listed = try program.run(["devices", "--memory"], ["ATELIER_DEVICE_MEMORY": "100"])
      #expect(listed.status == 0)
      let lines = listed.output.split(separator: "\n").filter {
        $0.contains("tensors may take 100 MiB: ATELIER_DEVICE_MEMORY")
      }
      #expect(lines.count == Device.listings().count, "\(listed.output)")
    }
  }
}
