import FileFormats
import Foundation
import Testing

@testable import Datasets

@Suite("Warped pictures")
struct PictureWarpTests {
  /// Columns 0, 2, 4 … of 60 pixels a side, so that a value says where it comes from.
  private let ramp = Picture(
    height: 60, width: 60, channels: 1, pixels: (0..<3600).map { UInt8(60 + $0 % 60 * 2) })

  /// A warp of which one number alone is not 0.
  private func warp(_ place: Int, _ value: Double, amount: Double = 1) -> PictureWarp {
    PictureWarp(amount: amount) { $0 == place ? value : 0 }
  }

  @Test("turns, zooms, shears and shifts as far as it says, worked out by trigonometry")
  func geometry() {
    let angle = 2 * atan(0.08)
    // Where the middle of the pixel (x, y) comes from, both from the middle, in pixels.
    let cases: [(Int, Double, (Double, Double) -> Double)] = [
      (0, 1, { x, y in cos(angle) * x + sin(angle) * y }),
      (0, -1, { x, y in cos(angle) * x - sin(angle) * y }),
      (2, 1, { x, _ in 1.16 * x }), (2, -0.5, { x, _ in 0.92 * x }),
      (3, 1, { x, y in x + 0.12 * y }), (4, -1, { x, _ in x - 0.06 * 60 }),
      (1, 1, { x, _ in x }), (5, 1, { x, _ in x }),
    ]
    for (place, value, source) in cases {
      expect(warp(place, value).applied(to: ramp), columns: 15..<45, "\(place)", source)
    }
  }

  /// Compares a warped ramp of 60 pixels, 2 lighter from each to the next, with where its pixels come
  /// from.
  private func expect(
    _ found: Picture, columns: Range<Int>, _ what: String, _ source: (Double, Double) -> Double
  ) {
    let middle = Double(found.width - 1) / 2
    for row in stride(from: 15, to: 45, by: 7) {
      for column in stride(from: columns.lowerBound, to: columns.upperBound, by: 3) {
        let expected = 60 + 2 * (source(Double(column) - middle, Double(row) - 29.5) + 29.5)
        let pixel = Double(found.pixels[row * found.width + column])
        #expect(abs(pixel - expected) <= 0.51, "\(what): (\(column), \(row))")
      }
    }
  }

  @Test("the same from above to below, and a turn is one in pictures that are no squares")
  func upright() {
    let angle = 2 * atan(0.08)
    // 60 rows and 20 columns, each row 2 lighter than the one above.
    let tall = Picture(
      height: 60, width: 20, channels: 1, pixels: (0..<1200).map { UInt8(60 + $0 / 20 * 2) })
    let cases: [(Int, Double, (Double, Double) -> Double)] = [
      (0, 1, { x, y in cos(angle) * y - sin(angle) * x }), (1, 1, { _, y in 1.16 * y }),
      (5, 1, { _, y in y + 0.06 * 60 }), (3, 1, { _, y in y }), (2, 1, { _, y in y }),
    ]
    for (place, value, source) in cases {
      expect(warp(place, value).applied(to: tall), columns: 5..<15, "\(place)", source)
    }
  }

  @Test("bends by its patch, changes contrast about the border, and leaves transparency its values")
  func others() {
    // All 16 points to the right by 7 % of 60 pixels.
    let bent = PictureWarp(amount: 1) { $0 >= 7 && ($0 - 7) % 2 == 0 ? 1 : 0 }.applied(to: ramp)
    #expect(abs(Int(bent.pixels[30 * 60 + 20]) - Int(60 + 2 * 20 + 8.4)) <= 1)
    let pixels = (0..<400).flatMap { place -> [UInt8] in
      let isEdge = place < 20 || place >= 380 || place % 20 == 0 || place % 20 == 19
      return isEdge ? [100, 50, 200, 255] : [140, 30, 200, 77]
    }
    let lighter = warp(6, 1).applied(
      to: Picture(height: 20, width: 20, channels: 4, pixels: pixels))
    #expect(Array(lighter.pixels[..<4]) == [100, 50, 200, 255])
    #expect(Array(lighter.pixels[4 * 210..<4 * 211]) == [150, 25, 200, 77])
  }

  @Test("does nothing by 0, is another in every epoch, and the same for the same epoch and picture")
  func drawn() {
    #expect(PictureWarp(amount: 0) { _ in 1 }.applied(to: ramp) == ramp)
    let augmentation = Augmentation(warp: 1)
    func picture(_ epoch: Int, _ index: Int, seed: UInt64 = 5) -> Picture {
      augmentation.apply(to: ramp, seed: seed, epoch: epoch, index: index)
    }
    #expect(picture(1, 2) == picture(1, 2))
    #expect(Set([picture(1, 2), picture(2, 2), picture(1, 3), picture(1, 2, seed: 6)]).count == 4)
    let flat = Picture(height: 9, width: 5, channels: 3, pixels: [UInt8](repeating: 7, count: 135))
    for index in 0..<50 {
      #expect(augmentation.apply(to: flat, seed: 1, epoch: 1, index: index) == flat)
    }
    let dot = Picture(height: 1, width: 1, channels: 1, pixels: [9])
    #expect(augmentation.apply(to: dot, seed: 1, epoch: 1, index: 1) == dot)
  }
}
