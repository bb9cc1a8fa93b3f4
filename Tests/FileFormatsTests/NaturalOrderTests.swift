import Foundation
import Testing

@testable import FileFormats

@Suite struct NaturalOrderTests {
  static let ordered = [
    "", "-1", "0", "00", "001", "01", "1", "2", "9", "010", "10", "11", "A2", "a", "a00", "a0b",
    "frame", "frame1", "frame02", "frame2", "frame2a", "frame2b1", "frame2b02", "frame10",
    "frame99999999999999999999", "frame100000000000000000000", "frames", "ä1",
  ]

  @Test("every pair is ordered, whichever is asked first")
  func pairs() {
    for (i, first) in Self.ordered.enumerated() {
      for (j, second) in Self.ordered.enumerated() {
        #expect(NaturalOrder.precedes(first, second) == (i < j), "\"\(first)\", \"\(second)\"")
      }
    }
  }

  @Test("the files of a folder", arguments: 0..<5 as Range<UInt64>)
  func files(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    try withTemporaryFolder { folder in
      let names = (1...12).map { "frame\($0).obj" }
      for name in (names + [".frame0.obj", "frame3.txt", "obj"]).shuffled(using: &generator) {
        try AtomicFile.write("v 0 0 0", to: "\(folder)/\(name)")
      }
      let paths = try NaturalOrder.files(in: folder, extensions: ["OBJ", "ply"])
      #expect(paths == names.map { "\(folder)/\($0)" }, "seed \(seed)")
      #expect(try NaturalOrder.files(in: folder + "/", extensions: ["obj"]) == paths)
      let missing = failure { () throws(FileFormatError) in
        try NaturalOrder.files(in: "\(folder)/nowhere", extensions: ["obj"])
      }
      #expect(missing?.isMissingFile == true)
    }
  }
}
