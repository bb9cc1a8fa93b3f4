import Testing

@testable import Tensors

/// What a device of bfloat16 rounds, and what it leaves alone.
@Suite("Precision")
struct PrecisionTests {
  private let device: Device

  init() throws {
    device = Device(
      backend: try CPUBackend(instructionSet: .best, threads: 2, precision: .bfloat16))
  }

  /// Bilinear functions whose products round, with the shapes of their two operands.
  static let bilinear: [(name: String, shapes: [[Int]])] = [
    ("linear", [[6, 21], [10, 21]]), ("matmul", [[3, 7, 12], [3, 12, 9]]),
    ("conv2d", [[2, 7, 6, 9], [7, 5, 5, 9]]), ("convTransposed2d", [[2, 3, 4, 9], [9, 2, 3, 7]]),
  ]

  private func apply(_ name: String, _ x: Tensor, _ w: Tensor) -> Tensor {
    switch name {
    case "linear": x.linear(weight: w)
    case "matmul": x.matmul(w)
    case "conv2d": x.conv2d(w, geometry: .init(padding: 2))
    default: x.convTransposed2d(w, geometry: .init(stride: 2))
    }
  }

  /// The value and gradients of the sum of a function's results, each weighted.
  private func differentiate(
    _ name: String, _ shapes: [[Int]], as dtype: DType, on device: Device, absolute: Bool = false
  ) throws -> [[Double]] {
    func numbers(_ shape: [Int], _ stream: UInt32) -> Tensor {
      let x = Tensor.normal(shape, key: RandomKey(seed: 11, stream: stream), on: device)
      return (absolute ? x.abs() : x).cast(to: dtype)
    }
    let point = shapes.enumerated().map { numbers($1, UInt32($0)) }
    let plain = apply(name, point[0], point[1])
    let weights = numbers(plain.shape, 7)
    let (_, gradients) = valueAndGradient(at: point) {
      (apply(name, $0[0], $0[1]) * weights).sum()
    }
    return try ([plain] + gradients).map { try $0.cast(to: .float64).doubles() }
  }

  @Test("results and gradients are those of rounded factors, and no nearer", arguments: bilinear)
  func rounding(name: String, shapes: [[Int]]) throws {
    let found = try differentiate(name, shapes, as: .float32, on: device)
    let truth = try differentiate(name, shapes, as: .float64, on: .cpu)
    let sizes = try differentiate(name, shapes, as: .float64, on: .cpu, absolute: true)
    for result in found.indices {
      var largest = 0.0
      for (i, value) in found[result].enumerated() {
        let share = abs(value - truth[result][i]) / sizes[result][i]
        // Two factors, each within half a unit of 8 bits; float32 sums are a little more.
        #expect(share < 2 * 0x1p-9 * 1.01, "\(name), result \(result), element \(i)")
        largest = max(largest, share)
      }
      #expect(largest > 0x1p-14, "\(name), result \(result) was not rounded")
    }
  }

  @Test("float64 is not rounded", arguments: bilinear)
  func doublePrecision(name: String, shapes: [[Int]]) throws {
    let here = try differentiate(name, shapes, as: .float64, on: device)
    #expect(here == (try differentiate(name, shapes, as: .float64, on: .cpu)))
  }

  @Test("all but products is float32: sums, activations and normalisation have the same bits")
  func others() throws {
    let results = try [device, .cpu].map { device in
      let x = Tensor.normal([37, 41], key: RandomKey(seed: 5), on: device)
      return try (x.gelu() * x + x.sum(axes: [1], keepingDimensions: true)).floats()
    }
    #expect(results[0] == results[1])
  }

  @Test("a device and its other precision are two devices of one processor")
  func siblings() throws {
    let plain = try Device.cpu(instructionSet: .reference, threads: 2)
    let rounding = try plain.multiplying(in: .bfloat16)
    #expect(plain.precision == .float32 && rounding.precision == .bfloat16)
    #expect(rounding.description == "cpu (reference, 2 threads, products in bfloat16)")
    #expect(rounding.instructionSetName == plain.instructionSetName && rounding != plain)
    #expect(try plain.multiplying(in: .float32) == plain)
    #expect(try rounding.multiplying(in: .bfloat16) == rounding)
    #expect(try Device.select("cpu", precision: .bfloat16).device.precision == .bfloat16)
  }

  @Test(
    "an OpenCL device without matrix units says that bfloat16 is not for it",
    .enabled(if: !TestDevices.openCL.isEmpty, TestDevices.skipped))
  func openCL() throws {
    let name = "opencl:\(TestDevices.openCL[0].device.description.index)"
    let error = #expect(throws: DeviceError.self) {
      _ = try Device.select(name, precision: .bfloat16)
    }
    let sentence = "\(error.map { "\($0)" } ?? "")"
    #expect(
      sentence.hasPrefix(
        "device '\(name)' cannot be used: products in bfloat16 need NVIDIA's matrix units;"
      ), "\(sentence)")
  }
}
