import FileFormats
import Foundation
import Testing

/// `atelier data prepare`, run as people run it.
@Suite struct DataPrepareTests {
  /// Six pictures in two classes, one of them a copy and one blank.
  private func makePictures(_ program: Program) throws {
    for name in ["cat", "dog"] {
      try FileManager.default.createDirectory(
        atPath: program.path("in/\(name)"), withIntermediateDirectories: true)
    }
    for index in 0..<4 {
      let stripes = (0..<40 * 40 * 3).map { place -> UInt8 in
        let (row, column) = (place / 120, place / 3 % 40)
        return (row * (index + 1) / 9 + column / (4 + index)) % 2 == 0 ? 30 : 220
      }
      let picture = Picture(height: 40, width: 40, channels: 3, pixels: stripes)
      try AtomicFile.write(PNG.encode(picture), to: program.path("in/cat/\(index).png"))
      if index == 0 {
        try AtomicFile.write(PNG.encode(picture), to: program.path("in/dog/same.png"))
      }
    }
    let white = Picture(height: 40, width: 40, channels: 1, filledWith: .white)
    try AtomicFile.write(PNG.encode(white), to: program.path("in/dog/white.png"))
  }

  private func files(_ program: Program, _ folder: String) throws -> [String: [UInt8]] {
    let all = FileManager.default.enumerator(atPath: program.path(folder))
    let names = (all?.compactMap { $0 as? String } ?? []).filter { $0.contains(".") }
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try program.bytes("\(folder)/\($0)")) })
  }

  private func prepare(_ out: String, _ more: String...) -> [String] {
    ["data", "prepare", "in", "--out", out, "--size", "16"] + more
  }

  @Test(
    "killed after any stage of any write, the same command ends in the same bytes",
    arguments: AtomicFile.Stage.allCases)
  func kills(stage: AtomicFile.Stage) throws {
    try withProgram { program in
      try makePictures(program)
      try #require(try program.run(prepare("whole")).status == 0)
      let other = prepare("out", "--fit", "tiles", "--keep", "dog/white.png")
      try #require(try program.run(other).status == 0)
      let truth = try files(program, "whole")
      var kills = 0
      for occurrence in 1... {
        let first = try program.run(
          prepare("out"), ["ATELIER_FAULT": "exit-after:\(stage.rawValue):\(occurrence)"])
        if !first.wasKilled {
          #expect(first.status == 0, "\(first.errors)")
          break
        }
        kills += 1
        if occurrence % 2 == 0 {
          let data = try program.run(["data", "info", "out"])
          let isFinished =
            FileManager.default.fileExists(atPath: program.path("out/prepared.jsonl"))
            && !FileManager.default.fileExists(atPath: program.path("out/unfinished.jsonl"))
          #expect((data.status == 0) == isFinished, "\(stage) \(occurrence): \(data.errors)")
        }
        let second = try program.run(prepare("out"))
        #expect(second.status == 0, "\(stage) \(occurrence): \(second.errors)")
        let same = try files(program, "out") == truth
        #expect(same, "\(stage) \(occurrence)")
        // Back to the other options, so that every kill finds something to take away.
        try program.run(other)
      }
      // The old record aside, the new one, four pictures, the page, the finished record.
      #expect(kills == 8)
    }
  }

  @Test("a full disk is an error of status 74, and the same command goes on")
  func fullDisk() throws {
    try withProgram { program in
      try makePictures(program)
      let failed = try program.run(prepare("out"), ["ATELIER_FAULT": "fail-at:write:3:28"])
      #expect(failed.status == 74 && failed.errors.contains("free some space"), "\(failed.errors)")
      let data = try program.run(["data", "info", "out"])
      #expect(data.status == 65 && data.errors.contains("was interrupted"), "\(data.errors)")
      #expect(try program.run(prepare("out")).status == 0)
      #expect(try program.run(["data", "info", "out", "--json"]).json()["skipped"] == [])
    }
  }

  @Test("--json tells counts, classes and warnings; --dry-run tells the same and writes nothing")
  func object() throws {
    try withProgram { program in
      try makePictures(program)
      let dry = try program.run(prepare("out", "--dry-run", "--json")).json()
      #expect(!FileManager.default.fileExists(atPath: program.path("out")))
      let json = try program.run(prepare("out", "--json")).json()
      #expect(json["pictures"] == 6 && json["results"] == 4)
      #expect(json["removed"] == ["blank": 1, "exact-duplicate": 1])
      #expect(
        json["classes"] == [
          ["name": "cat", "pictures": 4, "results": 4],
          ["name": "dog", "pictures": 2, "results": 0],
        ])
      let warnings = try #require(json["warnings"]?.array).compactMap(\.string)
      #expect(warnings[0] == "no picture of the class 'dog' is left")
      #expect(warnings[1].hasPrefix("1 duplicate lies in another class"))
      #expect(warnings[2].hasPrefix("nothing here says who made these pictures"))
      #expect(dry["removed"] == json["removed"] && dry["isDryRun"] == true)
      let words = try program.run(prepare("out", "--dry-run")).output
      #expect(words.contains("dog/same.png: an exact duplicate: the same file as cat/0.png"))
    }
  }

  @Test("a list of names brings pictures back, and --license is in the record")
  func keepList() throws {
    try withProgram { program in
      try makePictures(program)
      try AtomicFile.write("dog/same.png\r\n\ndog/white.png\n", to: program.path("keep.txt"))
      let json = try program.run(
        prepare("out", "--keep-list", "keep.txt", "--license", "CC0", "--json")
      ).json()
      #expect(json["results"] == 6 && json["keptByRequest"] == 2 && json["removed"] == [:])
      let record = try JSONLinesFile.read(path: program.path("out/prepared.jsonl"))
      #expect(record[0]["license"] == "CC0" && record.count == 7)
    }
  }

  @Test("what cannot be meant is refused with its status and a sentence")
  func refusals() throws {
    try withProgram { program in
      try makePictures(program)
      try AtomicFile.write("x", to: program.path("file"))
      let cases: [(arguments: [String], status: Int32, words: String)] = [
        (prepare("in/new"), 64, "expected a folder outside the source"),
        (prepare("."), 64, "expected a new folder or one that `data prepare` made"),
        (prepare("out", "--keep", "dog/sam.png"), 64, "expected the picture 'dog/sam.png'"),
        (prepare("out", "--keep-list", "none.txt"), 74, "none.txt"),
        (prepare("out", "--size", "0"), 64, "--size '0': expected pixels"),
        (prepare("out", "--fit", "pat"), 64, "did you mean 'pad'?"),
        (prepare("out", "--near", "far"), 64, "--near 'far': expected a distance"),
        (prepare("out", "--balance", "0"), 64, "--balance '0': expected smallest"),
        (prepare("out", "--blank", "256"), 64, "--blank '256.0': expected levels"),
        (prepare("out", "--blank", "255"), 65, "expected at least one picture to stay"),
        (["data", "prepare", "nowhere", "--out", "out"], 74, "name a folder or zip of pictures"),
        (["data", "prepare", "file", "--out", "out"], 65, "expected a folder or zip of pictures"),
      ]
      for (arguments, status, words) in cases {
        let outcome = try program.run(arguments)
        #expect(outcome.status == status && outcome.errors.contains(words), "\(outcome)")
        #expect(!FileManager.default.fileExists(atPath: program.path("out")), "\(arguments)")
      }
    }
  }
}
