import FileFormats
import Foundation
import Testing

@testable import Datasets

@Suite struct PreparedFolderTests {
  private func prepare(_ folder: String, _ options: PreparationOptions) throws -> Preparation {
    try write(
      [
        "x/a.png": PNG.encode(scene(1)), "x/b.png": PNG.encode(scene(8)),
        "y/c.png": PNG.encode(scene(15)), "y/d.png": PNG.encode(flat(50, 50, 1, 0)),
      ],
      in: "\(folder)/in")
    return try Preparation("\(folder)/in", options)
  }

  @Test("other options take the old results away, empty folders too, and leave nothing behind")
  func otherOptions() throws {
    try withTemporaryFolder { folder in
      let crop = try prepare(folder, PreparationTests.options())
      let tiles = try prepare(folder, PreparationTests.options { $0.fit = .tiles })
      let (out, fresh) = (
        PreparedFolder(path: "\(folder)/out"), PreparedFolder(path: "\(folder)/fresh")
      )
      #expect(try out.write(crop) && out.write(tiles) && fresh.write(tiles))
      #expect(try contents(out.path) == contents(fresh.path))
      #expect(try contents(out.path)["x/a+2-2.png"] != nil)
    }
  }

  @Test("a folder with foreign files, a file, the source and what lies in it are refused untouched")
  func refused() throws {
    try withTemporaryFolder { folder in
      let preparation = try prepare(folder, PreparationTests.options())
      try write(["out/mine.txt": [1], "file": [2], "page/removed.html": [3]], in: folder)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "in")
      let before = try contents(folder)
      let cases: [(String, String)] = [
        ("out", "found mine.txt in it"), ("file", "found a file"),
        ("page", "found removed.html in it"), ("in", "outside the source"),
        ("in/x/new", "outside the source"), ("link/new", "outside the source"),
        (".", "found file in it"),
      ]
      for (name, words) in cases {
        #expect {
          try PreparedFolder(path: "\(folder)/\(name)").write(preparation)
        } throws: { "\($0)".contains(words) }
      }
      #expect(try contents(folder) == before)
    }
  }

  @Test("a record that leads out of its folder deletes nothing there")
  func hostileRecord() throws {
    try withTemporaryFolder { folder in
      let preparation = try prepare(folder, PreparationTests.options())
      try write(["precious.png": [1]], in: folder)
      let record = """
        {"format":"atelier prepared pictures 1"}
        {"picture":"a","results":["../precious.png","\(folder)/precious.png"]}

        """
      try write(["out/prepared.jsonl": Array(record.utf8)], in: folder)
      #expect(try PreparedFolder(path: "\(folder)/out").write(preparation))
      #expect(FileManager.default.fileExists(atPath: "\(folder)/precious.png"))
    }
  }

  @Test("stopped half-way it is refused as training data; going on ends in the same bytes")
  func stopped() throws {
    try withTemporaryFolder { folder in
      let preparation = try prepare(folder, PreparationTests.options())
      let (out, whole) = (
        PreparedFolder(path: "\(folder)/out"), PreparedFolder(path: "\(folder)/whole")
      )
      #expect(try whole.write(preparation))
      #expect(try !out.write(preparation, shouldStop: { true }))
      let error = failure { () throws(FileFormatError) in try DatasetSource.open(out.path) }
      #expect(error?.found == "one whose preparation was interrupted")
      #expect(try out.write(preparation))
      #expect(try contents(out.path) == contents(whole.path))
    }
  }

  @Test(
    "a finished folder that is written again and stopped is unfinished, and knows all its files")
  func stoppedAgain() throws {
    try withTemporaryFolder { folder in
      let (crop, tiles) = (
        try prepare(folder, PreparationTests.options()),
        try prepare(folder, PreparationTests.options { $0.fit = .tiles })
      )
      let (out, whole) = (
        PreparedFolder(path: "\(folder)/out"), PreparedFolder(path: "\(folder)/whole")
      )
      #expect(try whole.write(crop) && out.write(crop))
      #expect(try !out.write(tiles, shouldStop: { true }))
      #expect(throws: FileFormatError.self) { try DatasetSource.open(out.path) }
      #expect(try out.write(crop))
      #expect(try contents(out.path) == contents(whole.path))
    }
  }
}
