import CKernels
import Tensors
import Testing

@testable import Benchmarking

@Suite struct RoofTests {
  private static let available = [
    CK_ROOF_AVX2_FMA, CK_ROOF_AVX512_FMA, CK_ROOF_AVX512_BFLOAT16,
  ].filter { ck_roof_flops_per_round($0) > 0 }

  @Test("each round moves every chain on once, in as many lanes as are counted", arguments: 0..<12)
  func chains(rounds: Int) throws {
    let pool = try RoofPool(threads: 1)
    for roof in Self.available {
      let sums = pool.sums(roof, rounds: rounds)
      // A multiply-add is two operations in a lane; a product of bfloat16 pairs is four.
      let isPairs = roof == CK_ROOF_AVX512_BFLOAT16
      let lanes = Int(ck_roof_flops_per_round(roof)) / (12 * (isPairs ? 4 : 2))
      for (place, sum) in sums.enumerated() {
        guard place < 12 * lanes else {
          #expect(sum.isNaN, "roof \(roof.rawValue): lane \(place) is not counted as work")
          continue
        }
        let chain = Double(place / lanes)
        var expected = chain
        for _ in 0..<rounds { expected = isPairs ? expected + 0.5 : expected / 2 + 1 }
        #expect(Double(sum) == expected, "roof \(roof.rawValue), chain \(chain), \(rounds) rounds")
      }
    }
  }

  @Test("each round moves every tile on once", arguments: 0..<12)
  func tiles(rounds: Int) throws {
    let sums = try RoofPool(threads: 1).sums(CK_ROOF_AMX_BFLOAT16, rounds: rounds)
    #expect(sums.isEmpty == (InstructionSet.processor < .amx))
    for (place, sum) in sums.enumerated() {
      let tile = place / 16
      let isLeft = tile < CK_ROOF_TILES && sum == Float(tile) + Float(rounds) / 2
      #expect(isLeft || (tile >= CK_ROOF_TILES && sum.isNaN), "place \(place), \(rounds) rounds")
    }
  }

  @Test("roofs are positive, one for each instruction set that the processor has")
  func positive() throws {
    let roofs = try Roofs.measure(threads: 2, sizes: [4096, 1 << 16])
    let sets = InstructionSet.available.filter { $0 == .avx2 || $0 == .avx512 }
    #expect(roofs.multiplyAdds.map(\.instructionSet) == sets)
    #expect(roofs.multiplyAdds.allSatisfy { $0.gigaflops > 0 && $0.gigaflops.isFinite })
    #expect(roofs.copies.map(\.bytes) == [4096, 1 << 16])
    #expect(roofs.json["copies"]?.array?.first?["by"]?.string != nil)
    #expect(roofs.copies.allSatisfy { $0.milliseconds > 0 && $0.gigabytesPerSecond > 0 })
    #expect(roofs.gigaflops(.reference) == nil)
    #expect(roofs.gigaflops(.amx) == roofs.gigaflops(.avx512))
    #expect((roofs.bfloat16OnTiles ?? 0 > 0) == (InstructionSet.best == .amx))
    #expect(roofs.line.contains("amx") == (InstructionSet.best == .amx))
  }

  @Test("a copy's roof comes from the nearest size, by its rate")
  func nearest() {
    let roofs = Roofs(
      threads: 1, multiplyAdds: [], bfloat16: nil,
      copies: [.init(bytes: 1000, milliseconds: 1), .init(bytes: 8000, milliseconds: 16)])
    #expect(roofs.copyTime(bytes: 999) == 0.999)
    #expect(roofs.copyTime(bytes: 7000) == 14)
  }

  @Test(
    "a copy takes every byte and no more, wherever it lies",
    arguments: [0, 1, 15, 63, 64, 65, 1000, 70_001], 1...3)
  func copy(bytes: Int, threads: Int) throws {
    let pool = try #require(ck_pool_create(Int32(threads)))
    defer { ck_pool_destroy(pool) }
    let source = (0..<bytes + 64).map { UInt8(truncatingIfNeeded: 7 * $0 + 1) }
    for how in [CK_ROOF_MEMCPY, CK_ROOF_STREAMING] {
      for (from, to) in [(0, 0), (1, 0), (0, 1), (7, 15), (16, 17)] {
        var target = [UInt8](repeating: 0, count: bytes + 64)
        source.withUnsafeBytes { source in
          target.withUnsafeMutableBytes { target in
            ck_roof_copy(
              pool, how, target.baseAddress! + to, source.baseAddress! + from, bytes)
          }
        }
        let expected =
          [UInt8](repeating: 0, count: to) + source[from..<from + bytes]
          + [UInt8](repeating: 0, count: 64 - to)
        let first = target.indices.first { target[$0] != expected[$0] }
        #expect(first == nil, "way \(how.rawValue), from \(from) to \(to)")
      }
    }
  }
}
