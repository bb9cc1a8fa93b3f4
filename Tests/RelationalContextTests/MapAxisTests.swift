import FileFormats
import Foundation
import Testing

@testable import RelationalContext

@Suite("An axis of the map")
struct MapAxisTests {
  /// Axes that are hard for single precision, or for rounding.
  static let axes = [
    MapAxis("time"), MapAxis("seconds", zero: 1_700_000_000, one: 1_700_000_180),
    MapAxis("small", zero: 1e-9, one: 4e-9), MapAxis("falling below", zero: -3, one: -2.9),
    MapAxis("thirds", zero: 1.0 / 3, one: 7), MapAxis("huge", zero: -1e30, one: 2e30),
  ]

  @Test("gives each value back that was within it, as near as shares lie", arguments: axes)
  func values(axis: MapAxis) {
    for step in 0...60 {
      let value = axis.zero + (axis.one - axis.zero) * Double(step) / 60
      let again = axis.value(axis.share(value))
      // Shares near 1 are 6e-8 apart.
      #expect(abs(again - value) <= (axis.one - axis.zero) * 6.2e-8, "\(value) became \(again)")
      #expect(axis.share(again) == axis.share(value), "\(value)")
    }
    #expect(axis.share(axis.zero) == 0 && axis.share(axis.one) == 1)
  }

  @Test("writes shares so that they are read again as themselves", arguments: axes)
  func shares(axis: MapAxis) {
    for share in [-1, 0, 0.1, 1 / 3, 0.7, 0.99999994, 1, 1.1, 2] as [Float] {
      #expect(axis.share(axis.value(of: axis.text(share))!) == share, "\(axis.text(share))")
    }
  }

  @Test("has the numbers of a table, not those that single precision makes of them")
  func numbers() {
    let axis = MapAxis("seconds", zero: 1_700_000_000, one: 1_700_000_180)
    let minutes = [0, 60, 120, 180].map { 1_700_000_000 + Double($0) }
    #expect(minutes.map { axis.value(axis.share($0)) } == minutes)
    #expect(
      MapAxis("time").text(0.1) == "0.1" && MapAxis("day", zero: 9, one: 10).text(1) == "10.0")
  }

  @Test("of words knows each by its place, and numbers between them")
  func words() {
    let axis = MapAxis("grade", words: ["mild", "a, b", "severe"])
    #expect(axis.zero == 0 && axis.one == 2)
    #expect(["mild", "a, b", "severe", "0.5"].map { axis.value(of: $0) } == [0, 1, 2, 0.5])
    #expect(axis.value(of: "Mild") == nil && axis.value(of: "") == nil)
    #expect([0, 0.5, 1].map { axis.text($0) } == ["mild", "a, b", "severe"])
    #expect([0.25, -0.5, 1.5].map { axis.text($0) } == ["0.5", "-1.0", "3.0"])
    #expect(axis.label(0.5) == "a, b" && axis.label(0.25) == "0.5")
    let long = MapAxis("week", words: ["week one of the year", "week two of the year"])
    #expect(long.label(1) == "week two …e year" && long.text(1) == "week two of the year")
  }

  @Test("is labelled to a hundredth of itself, however small or far from 0 it is")
  func labels() {
    #expect([0.1, 0.55, 1].map { MapAxis("time").label($0) } == ["0.1", "0.55", "1"])
    let small = MapAxis("small", zero: 0.001, one: 0.009)
    #expect([0, 0.5, 0.123].map { small.label($0) } == ["0.001", "0.005", "0.00198"])
    let seconds = MapAxis("seconds", zero: 1_700_000_000, one: 1_700_000_180)
    #expect(seconds.label(1 / 3) == "1700000060")
  }

  @Test("is read from older files, which had no words, and is not read where it orders nothing")
  func files() throws {
    let json = try JSONValue(
      parsing: Array("{\"name\": \"day\", \"zero\": 0.5, \"one\": 2}".utf8), file: "axis")
    #expect(json.decoded(as: MapAxis.self) == MapAxis("day", zero: 0.5, one: 2))
    let words = MapAxis("day", words: ["mon", "tue"])
    #expect(JSONValue(encoding: words).decoded(as: MapAxis.self) == words)
    for (text, isSound) in [
      ("\"zero\": 0, \"one\": 1, \"words\": [\"a\", \"b\"]", true),
      ("\"zero\": 1, \"one\": 1", false), ("\"zero\": 2, \"one\": 1", false),
      ("\"zero\": -1e308, \"one\": 1e308", false),
      ("\"zero\": 0, \"one\": 2, \"words\": [\"a\", \"b\"]", false),
      ("\"zero\": 0, \"one\": 1, \"words\": [\"a\", \"a\"]", false),
      ("\"zero\": 0, \"one\": 1, \"words\": []", false),
    ] {
      let json = try JSONValue(parsing: Array("{\"name\": \"x\", \(text)}".utf8), file: "axis")
      #expect(json.decoded(as: MapAxis.self)?.isSound == isSound, "\(text)")
    }
  }
}
