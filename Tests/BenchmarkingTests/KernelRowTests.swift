import Tensors
import Testing

@testable import Benchmarking

@Suite struct KernelRowTests {
  private static let convolutions: [KernelRow.Convolution] = [
    .init(batch: 2, side: 5, channels: 3, filters: 2, kernel: 3, stride: 1),
    .init(batch: 3, side: 6, channels: 2, filters: 5, kernel: 4, stride: 2),
    .init(batch: 2, side: 7, channels: 1, filters: 3, kernel: 4, stride: 2),
    .init(batch: 2, side: 3, channels: 4, filters: 2, kernel: 4, stride: 2, isTransposed: true),
    .init(batch: 1, side: 4, channels: 2, filters: 1, kernel: 4, stride: 2, isTransposed: true),
  ]

  @Test("a convolution's operations are those of the loops that define it", arguments: convolutions)
  func convolutionFlops(sizes: KernelRow.Convolution) {
    // The picture with fewer pixels is what the filter is laid on once a pixel.
    let pixels = min(sizes.input[1] * sizes.input[2], sizes.output[1] * sizes.output[2])
    var flops = 0
    for _ in 0..<sizes.batch * pixels {
      for _ in 0..<sizes.kernel * sizes.kernel {
        for _ in 0..<sizes.channels { for _ in 0..<sizes.filters { flops += 2 } }
      }
    }
    for pass in KernelRow.Pass.allCases {
      #expect(KernelRow.convolution("row", sizes, pass).cost == .flops(flops))
    }
  }

  @Test("a product's operations are those of three loops")
  func productFlops() {
    let size = KernelRow.Product(m: 3, n: 5, k: 7, transposingA: true)
    var flops = 0
    for _ in 0..<3 { for _ in 0..<5 { for _ in 0..<7 { flops += 2 } } }
    #expect(KernelRow.product("row", size).cost == .flops(flops))
  }

  @Test("the three passes are one bilinear form, seen from each side", arguments: convolutions)
  func passesAreAdjoint(sizes: KernelRow.Convolution) throws {
    func tensor(_ shape: [Int], _ seed: UInt32) -> Tensor {
      Tensor(noise(count: shape.reduce(1, *), seed: seed), shape: shape)
    }
    func run(_ pass: KernelRow.Pass, _ a: Tensor, _ b: Tensor) throws -> Tensor {
      let row = KernelRow.convolution("row", sizes, pass)
      #expect(row.operands.map(\.shape) == [a.shape, b.shape])
      return try #require(row.compute([a, b]).first)
    }
    func dot(_ a: Tensor, _ b: Tensor) throws -> Double {
      #expect(a.shape == b.shape)
      return try zip(a.floats(), b.floats()).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let (x, filter, dy) = (
      tensor(sizes.input, 1), tensor(sizes.filter, 2), tensor(sizes.output, 3)
    )
    let form = try dot(run(.forward, x, filter), dy)
    let byInput = try dot(run(.inputGradient, dy, filter), x)
    let byFilter = try dot(run(.filterGradient, x, dy), filter)
    // float32 sums of some hundred terms below 1/8.
    #expect(abs(form - byInput) < 1e-4 && abs(form - byFilter) < 1e-4, "\(form)")
  }

  @Test("every row has a name of its own, and a row of memory moves the bytes it is named by")
  func names() throws {
    let rows = KernelRow.all
    #expect(Set(rows.map(\.name)).count == rows.count)
    for row in rows {
      switch row.cost {
      case .flops(let flops): #expect(flops > 0)
      case .bytes(let bytes):
        let size = try #require(row.name.split(separator: "-").last?.dropLast(3))
        let named = try #require(Int(size)) << 20
        #expect(bytes <= named && bytes > named - named / 20, "\(row.name) moves \(bytes)")
      }
    }
  }

  @Test("noise is the stated formula, differs between streams, and fills its range")
  func formula() {
    // (1 + 0x9E3779B9)·0x85EBCA6B and on, worked out in 64 bits.
    func element(_ i: UInt64, _ seed: UInt64) -> Float {
      var h = ((i + seed * 0x9E37_79B9) % (1 << 32)) * 0x85EB_CA6B % (1 << 32)
      h = (h ^ (h / (1 << 13))) * 0xC2B2_AE35 % (1 << 32)
      h ^= h / (1 << 16)
      return (Float(h / 256) / 16_777_216 - 0.5) * 8
    }
    let values = noise(count: 10_000, seed: 3, scale: 8)
    #expect(values.indices.allSatisfy { values[$0] == element(UInt64($0), 3) })
    #expect(values != noise(count: 10_000, seed: 4, scale: 8))
    #expect(values.min()! < -3.99 && values.max()! > 3.99 && values.allSatisfy { abs($0) <= 4 })
    #expect(noise(count: 3, seed: 1, scale: 0) == [0, 0, 0])
  }
}
