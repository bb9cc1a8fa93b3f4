import Foundation
import Testing

@testable import FileFormats

@Suite struct EventFileTests {
  static let losses: [Float] = [1, 0.5, 1 / 3, 0.25]

  @Test("a file of another program: scalars, a picture, steps and times")
  func foreign() throws {
    let events = try EventFile.read(path: Fixture.path("events.tfevents"))
    #expect(events.first?.fileVersion == "brain.Event:2")
    let scalars = events.flatMap { event in
      event.values.compactMap { value -> (Int, Double, Float)? in
        guard value.tag == "loss", case .scalar(let number) = value.content else { return nil }
        return (event.step, event.wallTime, number)
      }
    }
    #expect(scalars.map(\.0) == [0, 1, 2, 3])
    #expect(scalars.map(\.1) == [1000, 1001, 1002, 1003])
    #expect(scalars.map(\.2) == Self.losses)
    let picture = try #require(events.last?.values.first)
    guard case .image(let height, let width, let channels, let encoded) = picture.content else {
      Issue.record("no picture")
      return
    }
    #expect([height, width, channels] == [7, 5, 3] && events.last?.step == 3)
    #expect(try PNG.decode(encoded, file: "sample") == Fixture.pattern(7, 5, 3))
  }

  static func write(to path: String, steps: Range<Int>) throws {
    let file = try EventFile(path: path, wallTime: 1000)
    for step in steps {
      try file.append(
        TensorBoardEvent(
          wallTime: 1000 + Double(step), step: step,
          values: [.init(tag: "loss", content: .scalar(Float(step)))]))
    }
    try file.synchronize()
  }

  @Test("events are appended over several openings, with one version record")
  func appending() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/events.out.tfevents.1"
      try Self.write(to: path, steps: 0..<3)
      try Self.write(to: path, steps: 3..<5)
      let events = try EventFile.read(path: path)
      #expect(events.map(\.step) == [0, 0, 1, 2, 3, 4])
      #expect(events.filter { $0.fileVersion != nil }.count == 1)
    }
  }

  @Test("a file cut anywhere keeps its whole records, and goes on after being cut back")
  func torn() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/events"
      try Self.write(to: path, steps: 0..<4)
      let whole = try ByteSource(path: path).readAll(limit: 1 << 20)
      let boundaries = TFRecord.decode(whole, file: path).boundaries
      for length in 0...whole.count {
        let cut = Array(whole[..<length])
        let records = boundaries.filter { $0 <= length }.count - 1
        #expect(try EventFile.decode(cut, file: path).count == records, "\(length) bytes")
      }
      try AtomicFile.write(Array(whole.dropLast(3)), to: path)
      try EventFile.truncate(path: path, afterStep: 9)
      try Self.write(to: path, steps: 3..<4)
      #expect(try ByteSource(path: path).readAll(limit: 1 << 20) == whole)
    }
  }

  @Test(
    "cutting back to a step and going on gives the bytes of an uninterrupted run", arguments: -1...6
  )
  func truncating(step: Int) throws {
    try withTemporaryFolder { folder in
      let (path, truth) = ("\(folder)/events", "\(folder)/truth")
      try Self.write(to: path, steps: 0..<6)
      try EventFile.truncate(path: path, afterStep: step)
      try Self.write(to: truth, steps: 0..<min(6, step + 1))
      if step >= 0 {
        #expect(
          try ByteSource(path: path).readAll(limit: 1 << 20)
            == ByteSource(path: truth).readAll(limit: 1 << 20))
      } else {
        #expect(try ByteSource(path: path).count == 0)
      }
    }
  }

  @Test("a changed byte inside a whole record is an error, not a torn end")
  func damaged() throws {
    var bytes = try Fixture.bytes("events.tfevents")
    let records = TFRecord.decode(bytes, file: "events")
    bytes[records.boundaries[2] + 14] ^= 1
    let error = failure { () throws(FileFormatError) in try EventFile.decode(bytes, file: "events")
    }
    #expect(error?.offset == records.boundaries[2])
    #expect(error?.expected.hasSuffix("over the record") == true)
  }

  @Test("cutting back a file that was never begun leaves it so")
  func missing() throws {
    try withTemporaryFolder { folder in
      try EventFile.truncate(path: "\(folder)/events", afterStep: 1)
      try JSONLinesFile.truncate(path: "\(folder)/stats.jsonl", afterStep: 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
  }
}

@Suite struct JSONLinesFileTests {
  static func write(to path: String, steps: Range<Int>) throws {
    let file = try JSONLinesFile(path: path)
    for step in steps {
      try file.append(["step": .integer(step), "loss": .number(1 / Double(step + 1))])
    }
  }

  @Test(
    "cutting back to a step and going on gives the bytes of an uninterrupted run", arguments: -1...6
  )
  func truncating(step: Int) throws {
    try withTemporaryFolder { folder in
      let (path, truth) = ("\(folder)/stats.jsonl", "\(folder)/truth")
      try Self.write(to: path, steps: 0..<6)
      try JSONLinesFile.truncate(path: path, afterStep: step)
      try Self.write(to: path, steps: min(6, step + 1)..<6)
      try Self.write(to: truth, steps: 0..<6)
      #expect(
        try ByteSource(path: path).readAll(limit: 1 << 20)
          == ByteSource(path: truth).readAll(limit: 1 << 20))
    }
  }

  @Test("a file cut anywhere keeps its whole lines")
  func torn() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/stats.jsonl"
      try Self.write(to: path, steps: 0..<4)
      let whole = try ByteSource(path: path).readAll(limit: 1 << 20)
      for length in 0...whole.count {
        let lines = whole[..<length].filter { $0 == 0x0A }.count
        try AtomicFile.write(Array(whole[..<length]), to: path)
        #expect(try JSONLinesFile.read(path: path).count == lines, "\(length) bytes")
        try JSONLinesFile.truncate(path: path, afterStep: 99)
        let kept = try ByteSource(path: path).readAll(limit: 1 << 20)
        #expect(
          whole.starts(with: kept) && kept.filter { $0 == 0x0A }.count == lines
            && (kept.last ?? 0x0A) == 0x0A)
      }
    }
  }

  @Test("a line that is no JSON is an error with its place; cutting back drops it and what follows")
  func damaged() throws {
    let bytes = Array("{\"step\":1}\nxyz\n{\"step\":2}\n".utf8)
    let error = failure { () throws(FileFormatError) in try JSONLinesFile.decode(bytes, file: "a") }
    #expect(error?.offset == 11)
    try withTemporaryFolder { folder in
      try AtomicFile.write(bytes, to: "\(folder)/a")
      try JSONLinesFile.truncate(path: "\(folder)/a", afterStep: 9)
      #expect(try JSONLinesFile.read(path: "\(folder)/a") == [["step": 1]])
    }
  }
}
