import Testing

@testable import FileFormats

@Suite struct ZIPTests {
  static let text = DeflateTests.text

  @Test(
    "an archive of another program: stored, deflated, zip64 fields, UTF-8 names, folders left out")
  func foreign() throws {
    let archive = try ZIPArchive(path: Fixture.path("archive.zip"))
    #expect(
      archive.entries.map(\.name) == [
        "folder/stored.txt", "folder/deflated.txt", "größe.txt", "zip64.txt", "nothing",
      ])
    for name in ["folder/stored.txt", "folder/deflated.txt", "zip64.txt"] {
      #expect(try archive.read(archive[name]!) == Self.text, "\(name)")
    }
    #expect(try archive.read(archive["größe.txt"]!) == Array("utf-8 name".utf8))
    #expect(try archive.read(archive["nothing"]!) == [])
    #expect(archive["absent"] == nil)
  }

  @Test("sizes that follow the data, as pipes write them")
  func streamed() throws {
    let archive = try ZIPArchive(try Fixture.source("streamed.zip"))
    #expect(try archive.read(archive["streamed.txt"]!) == Self.text)
  }

  @Test("a zip64 directory")
  func zip64() throws {
    let archive = try ZIPArchive(try Fixture.source("zip64_directory.zip"))
    #expect(archive.entries.map(\.name) == ["a", "b", "c"])
    #expect(try archive.entries.map { try archive.read($0) } == [[97], [98], [99]])
  }

  @Test("what is written is read back, and the same entries give the same bytes")
  func roundTrip() throws {
    func build() -> [UInt8] {
      var writer = ZIPWriter()
      writer.add("a/b", Self.text)
      writer.add("ß", [1, 2, 3], compression: .stored)
      writer.add("empty", [])
      return writer.finished()
    }
    let archive = try ZIPArchive(ByteSource(build(), name: "memory"))
    #expect(archive.entries.map(\.name) == ["a/b", "ß", "empty"])
    #expect(try archive.entries.map { try archive.read($0) } == [Self.text, [1, 2, 3], []])
    #expect(build() == build())
    #expect(try ZIPArchive(ByteSource(ZIPWriter().finished(), name: "none")).entries == [])
  }

  @Test("other compression methods are refused with advice")
  func bzip2() throws {
    let archive = try ZIPArchive(try Fixture.source("bzip2.zip"))
    let error = failure { () throws(FileFormatError) in try archive.read(archive.entries[0]) }
    #expect(error?.found == "compression method 12")
  }

  @Test("damage inside an entry is found by its checksum")
  func damaged() throws {
    var writer = ZIPWriter()
    writer.add("x", [1, 2, 3], compression: .stored)
    var bytes = writer.finished()
    bytes[31] ^= 1
    let archive = try ZIPArchive(ByteSource(bytes, name: "a.zip"))
    let error = failure { () throws(FileFormatError) in try archive.read(archive.entries[0]) }
    #expect(error?.file == "a.zip/x" && error?.expected.hasPrefix("checksum") == true)
  }

  @Test("entries that share bytes are refused")
  func overlapping() throws {
    var writer = ZIPWriter()
    writer.add("x", [1, 2, 3], compression: .stored)
    writer.add("y", [1, 2, 3], compression: .stored)
    var bytes = writer.finished()
    // The second directory record (46 bytes and a name each) points at the first entry.
    let directory = 2 * (30 + 1 + 3)
    bytes.replaceSubrange(directory + 47 + 42..<directory + 47 + 46, with: [0, 0, 0, 0])
    let error = failure { () throws(FileFormatError) in
      try ZIPArchive(ByteSource(bytes, name: "a.zip"))
    }
    #expect(error?.expected == "zip entries that do not overlap")
  }

  @Test("an entry that unpacks to more than it says, or less, is refused", arguments: [-1, 1])
  func lyingSize(change: Int) throws {
    var writer = ZIPWriter()
    writer.add("x", Self.text)
    var bytes = writer.finished()
    let directory = try #require(
      bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
    bytes.replaceSubrange(
      directory + 24..<directory + 28, with: UInt32(Self.text.count + change).littleEndianBytes)
    let archive = try ZIPArchive(ByteSource(bytes, name: "a.zip"))
    #expect(failure { () throws(FileFormatError) in try archive.read(archive.entries[0]) } != nil)
  }

  @Test("an entry larger than the caller allows is refused unread")
  func limit() throws {
    let archive = try ZIPArchive(path: Fixture.path("archive.zip"))
    let error = failure { () throws(FileFormatError) in
      try archive.read(archive.entries[0], limit: 10)
    }
    #expect(error?.expected == "an entry of at most 10 bytes" && error?.found == "400")
  }
}
