import FileFormats
import Foundation
import Testing

@testable import Datasets

@Suite struct FingerprintTests {
  private func distance(_ first: Picture, _ second: Picture, atMost limit: Double = 10) -> Double? {
    Fingerprint(first).distance(to: Fingerprint(second), atMost: limit)
  }

  @Test(
    "a picture has distance 0 to itself, and to itself brighter or with less contrast nearly so")
  func brightness() throws {
    for seed in [1, 9, 30] {
      #expect(distance(scene(seed), scene(seed)) == 0)
      // Rounding to 8 bits is all that differs: half a level of some twenty of deviation.
      #expect(try #require(distance(scene(seed), scene(seed, gain: 0.7))) < 0.06, "seed \(seed)")
    }
  }

  @Test(
    "another size, compression and a slight crop stay within the default; other pictures do not")
  func copies() throws {
    let limit = PreparationOptions.defaultNearDistance
    for seed in stride(from: 0, to: 60, by: 7) {
      let original = scene(seed)
      let jpeg = try Picture(decoding: JPEG.encode(original, quality: 40), file: "")
      let copies = [scene(seed, 40, 40), scene(seed, 200, 150), jpeg, scene(seed, crop: 0.02)]
      for (index, copy) in copies.enumerated() {
        #expect(distance(original, copy, atMost: limit) != nil, "seed \(seed), copy \(index)")
      }
      for other in stride(from: 0, to: 60, by: 7) where other != seed {
        #expect(distance(original, scene(other), atMost: limit) == nil, "\(seed) and \(other)")
      }
    }
  }

  @Test("a small part that differs keeps pictures of a series apart")
  func series() {
    let page = flat(96, 96, 3, 255)
    var (first, second) = (page.pixels, page.pixels)
    for row in 0..<96 {
      for column in 0..<96 {
        // The same frame round both, in one a spot.
        let isFrame = [row, column].contains { $0 < 10 || $0 >= 86 }
        let isSpot = (40..<56).contains(row) && (40..<56).contains(column)
        for channel in 0..<3 {
          let place = (row * 96 + column) * 3 + channel
          if isFrame { (first[place], second[place]) = (0, 0) }
          if isSpot { second[place] = 0 }
        }
      }
    }
    let pictures = [first, second].map { Picture(height: 96, width: 96, channels: 3, pixels: $0) }
    #expect(
      distance(pictures[0], pictures[1], atMost: PreparationOptions.defaultNearDistance) == nil)
  }

  @Test("the alignment finds a known crop, to a fifth of a pixel of 32")
  func alignment() {
    let crop = 0.06
    let (still, moving) = (scene(12, crop: crop), scene(12))
    var alignment = Alignment()
    for (still, moving) in zip(Fingerprint(still).levels, Fingerprint(moving).levels).dropFirst() {
      alignment.improve(still, moving, steps: 8)
    }
    #expect(abs(alignment.scale.x - Float(1 - 2 * crop)) < 0.2 / 32, "\(alignment)")
    #expect(abs(alignment.scale.y - Float(1 - 2 * crop)) < 0.2 / 32, "\(alignment)")
    #expect(abs(alignment.shift.x) < 0.2 / 32 && abs(alignment.shift.y) < 0.2 / 32)
  }

  @Test("the tangent distance is that of the nearest shifted and stretched picture, to first order")
  func tangents() {
    let picture = Fingerprint(scene(12))
    let (moved, other) = (Fingerprint(scene(12, crop: 0.02)), Fingerprint(scene(40)))
    let plain = picture.coarse - moved.coarse
    // Less than half is left: slopes of 8×8 pixels are rough.
    #expect(picture.tangentDistanceSquared(to: moved) < 0.5 * plain.dot(plain))
    #expect(picture.tangentDistanceSquared(to: other) > 0.3 * 0.3)
    for (index, tangent) in picture.tangents.enumerated() {
      for (place, second) in picture.tangents.enumerated() {
        #expect(abs(tangent.dot(second) - (index == place ? 1 : 0)) < 1e-5)
      }
    }
  }

  @Test("flat pictures and single pixels have a distance, and no NaN")
  func flatPictures() {
    for picture in [flat(1, 1, 3, 0), flat(64, 64, 1, 255), flat(1, 500, 3, 7)] {
      #expect(distance(picture, scene(1)).map { $0.isFinite } ?? true)
      let coarse = Fingerprint(picture).coarse
      #expect(coarse.dot(coarse) == 0)
    }
  }

  @Test("a search gives what comparing every pair in order gives, whatever its blocks")
  func search() {
    let seeds = (0..<40).map { [3, 11, 26, 3, 44][$0 % 5] + $0 / 20 * 8 }
    let prints = seeds.enumerated().map { index, seed -> Fingerprint? in
      index % 9 == 4 ? nil : Fingerprint(scene(seed, 60 + index, 60, crop: Double(index % 4) / 100))
    }
    let stays = seeds.indices.map { $0 % 13 == 6 }
    let limit = 0.35
    var expected: [DuplicateSearch.Match?] = []
    for index in prints.indices {
      var best: DuplicateSearch.Match?
      for other in 0..<index where expected[other] == nil || stays[other] {
        guard let own = prints[index], let before = prints[other],
          let distance = before.distance(to: own, atMost: limit)
        else { continue }
        if distance < best?.distance ?? .infinity {
          best = DuplicateSearch.Match(index: other, distance: distance)
        }
      }
      expected.append(best)
    }
    #expect(expected.contains { $0 != nil } && expected.contains { $0 == nil })
    for blockSize in [1, 3, 7, 64] {
      let found = DuplicateSearch(prints, stays: stays, limit: limit, blockSize: blockSize)
      #expect(found.originals == expected, "blocks of \(blockSize)")
    }
  }
}
