import Testing

@testable import FileFormats

@Suite("Animated PNG")
struct AnimatedPNGTests {
  private func frames(_ channels: Int) -> [Picture] {
    (0..<3).map { frame in
      Picture(
        height: 5, width: 7, channels: channels,
        pixels: (0..<35 * channels).map { UInt8(truncatingIfNeeded: $0 * 31 + frame * 77) })
    }
  }

  @Test("every frame's pixels and time are there, in one rising sequence", arguments: [1, 3, 4])
  func frames(channels: Int) throws {
    let pictures = frames(channels)
    let texts = [PNGText(keyword: "who", text: "me")]
    let bytes = AnimatedPNG.encode(pictures, milliseconds: [40, 50, 2000], texts: texts)
    let chunks = try PNG.chunks(in: bytes, file: "a.png")
    for chunk in chunks { #expect(CRC32.of(bytes[chunk.checked]) == chunk.checksum) }
    func number(_ start: Int, _ count: Int) -> Int {
      bytes[start..<start + count].reduce(0) { $0 << 8 | Int($1) }
    }
    let types = chunks.map(\.type)
    #expect(types.first == "IHDR" && types.last == "IEND")
    #expect(types.firstIndex(of: "acTL")! < types.firstIndex(of: "IDAT")!)
    let control = chunks.first { $0.type == "acTL" }!.content
    #expect(number(control.lowerBound, 4) == 3 && number(control.lowerBound + 4, 4) == 0)
    let numbered = chunks.filter { ["fcTL", "fdAT"].contains($0.type) }
    #expect(numbered.map { number($0.content.lowerBound, 4) } == Array(numbered.indices))
    let times = numbered.filter { $0.type == "fcTL" }.map {
      number($0.content.lowerBound + 20, 2)
    }
    #expect(times == [40, 50, 2000])

    // Each frame by itself, its data put back as a still picture's, is what went in.
    var stills: [[UInt8]] = []
    let header = bytes[..<33]
    for chunk in chunks {
      switch chunk.type {
      case "fcTL": stills.append(Array(header))
      case "IDAT": stills[stills.count - 1] += PNG.chunk("IDAT", Array(bytes[chunk.content]))
      case "fdAT":
        stills[stills.count - 1] += PNG.chunk("IDAT", Array(bytes[chunk.content].dropFirst(4)))
      default: break
      }
    }
    for (still, picture) in zip(stills, pictures) {
      #expect(try PNG.decode(still + PNG.chunk("IEND", []), file: "frame") == picture)
    }
    #expect(try PNG.decode(bytes, file: "a.png") == pictures[0], "the first where none moves")
    #expect(try PNG.texts(in: bytes, file: "a.png") == texts)
  }
}
