import FileFormats
import Foundation
import Testing

@testable import Datasets

@Suite struct PreparationTests {
  /// A messy folder of 32×32 results: every reason once, and names that are hard.
  static let messy: [String: [UInt8]] = [
    "cat/a.png": PNG.encode(scene(1)),
    "cat/b copy.jpg": JPEG.encode(scene(1, 48, 48), quality: 80),
    "cat/c.png": PNG.encode(scene(1)),
    "dog/line\nbreak.png": PNG.encode(scene(9)),
    "dog/grün 犬.png": PNG.encode(scene(17, 96, 40)),
    "dog/tiny.png": PNG.encode(scene(4, 1, 1)),
    "dog/white.png": PNG.encode(flat(64, 64, 3, 255)),
    "dog/cut.jpg": Array(JPEG.encode(scene(3)).prefix(900)),
    "dog/text.png": Array("hello".utf8),
    "dog/notes.txt": Array("nothing".utf8),
  ]

  static func options(_ change: (inout PreparationOptions) -> Void = { _ in })
    -> PreparationOptions
  {
    var options = PreparationOptions(height: 32, width: 32)
    change(&options)
    return options
  }

  @Test("each picture that is left out is named with its reason, and all others are used")
  func fates() throws {
    try withTemporaryFolder { folder in
      try write(Self.messy, in: folder)
      let preparation = try Preparation(folder, Self.options())
      let fates = preparation.pictures.map { "\($0.name): \(preparation.fate($0.name))" }
      #expect(
        fates == [
          "cat/a.png: used", "cat/b copy.jpg: near-duplicate", "cat/c.png: exact-duplicate",
          "dog/cut.jpg: unreadable", "dog/grün 犬.png: used", "dog/line\nbreak.png: used",
          "dog/text.png: unreadable", "dog/tiny.png: too-small", "dog/white.png: blank",
        ])
      #expect(preparation.pictures[1].finding?.original == "cat/a.png")
      #expect(preparation.pictures[7].finding == .tooSmall(enlargement: 32))
      #expect(preparation.pictures[8].finding == .blank(deviation: 0))
      #expect(preparation.warnings.contains { $0.hasPrefix("1 of 9 pictures are near-duplicates") })
      #expect(
        preparation.classes == [
          ClassCount(name: "cat", pictures: 3, results: 1),
          ClassCount(name: "dog", pictures: 6, results: 2),
        ])
    }
  }

  @Test("the folder is read back as training data without a warning, labels and all")
  func readBack() throws {
    try withTemporaryFolder { folder in
      try write(Self.messy, in: "\(folder)/in")
      let before = try contents("\(folder)/in")
      let preparation = try Preparation("\(folder)/in", Self.options())
      #expect(try PreparedFolder(path: "\(folder)/out").write(preparation))
      let dataset = try DatasetSource.open("\(folder)/out")
      #expect(dataset.count == 3 && dataset.skipped.isEmpty)
      #expect(dataset.classNames == ["cat", "dog"])
      #expect(dataset.shape == PictureShape(height: 32, width: 32, channels: 3))
      #expect(try contents("\(folder)/in") == before)
      let page = String(
        decoding: try #require(try contents("\(folder)/out")["removed.html"]), as: UTF8.self)
      #expect(page.contains("dog/white.png") && page.contains("cat/b copy.jpg"))
    }
  }

  @Test("again, elsewhere, from a link and without memory: the same bytes")
  func deterministic() throws {
    try withTemporaryFolder { folder in
      try write(Self.messy, in: "\(folder)/in")
      let whole = try Preparation("\(folder)/in", Self.options())
      #expect(try PreparedFolder(path: "\(folder)/out").write(whole))
      let truth = try contents("\(folder)/out")
      #expect(try PreparedFolder(path: "\(folder)/out").write(whole))
      #expect(try contents("\(folder)/out") == truth)
      let again = try Preparation("\(folder)/in/", Self.options(), memoryLimit: 0)
      #expect(try PreparedFolder(path: "\(folder)/deep/er/again").write(again))
      #expect(try contents("\(folder)/deep/er/again") == truth)
    }
  }

  @Test("a picture that is asked for comes back, the record says so, and no other changes")
  func keeping() throws {
    try withTemporaryFolder { folder in
      try write(Self.messy, in: "\(folder)/in")
      let out = PreparedFolder(path: "\(folder)/out")
      #expect(try out.write(try Preparation("\(folder)/in", Self.options())))
      let before = try contents(out.path)
      let names: Set = ["cat/c.png", "dog/tiny.png", "dog/white.png"]
      let kept = try Preparation("\(folder)/in", Self.options { $0.kept = names })
      #expect(try out.write(kept))
      let after = try contents(out.path)
      let added = Set(after.keys).subtracting(before.keys)
      #expect(added == ["cat/c.png", "dog/tiny.png", "dog/white.png"])
      for (name, bytes) in before where name.hasSuffix(".png") { #expect(after[name] == bytes) }
      let record = try JSONLinesFile.read(path: "\(out.path)/prepared.jsonl")
      let line = try #require(record.first { $0["picture"] == "cat/c.png" })
      #expect(line["keptByRequest"] == true && line["reason"] == "exact-duplicate")
      #expect(line["of"] == "cat/a.png" && line["results"] == ["cat/c.png"])
      // And they go again.
      #expect(try out.write(try Preparation("\(folder)/in", Self.options())))
      #expect(try contents(out.path) == before)
    }
  }

  @Test("a picture that is asked for and is not there, or cannot be read, is an error that says so")
  func wrongKeeping() throws {
    try withTemporaryFolder { folder in
      try write(Self.messy, in: folder)
      #expect(
        throws: PreparationError.unknownPicture("a.png", source: folder, similar: "cat/a.png")
      ) { try Preparation(folder, Self.options { $0.kept = ["a.png"] }) }
      #expect {
        try Preparation(folder, Self.options { $0.kept = ["dog/cut.jpg"] })
      } throws: { error in
        if case .cannotKeep(let reason)? = error as? PreparationError {
          reason.file.hasSuffix("dog/cut.jpg")
        } else {
          false
        }
      }
    }
  }

  @Test("where nothing is left, the error counts the reasons")
  func nothingLeft() throws {
    try withTemporaryFolder { folder in
      try write(["a.png": [1], "b.png": PNG.encode(flat(64, 64, 1, 9))], in: folder)
      let expected = PreparationError.nothingLeft(
        source: folder, counts: [.unreadable: 1, .blank: 1])
      #expect(throws: expected) { try Preparation(folder, Self.options()) }
      #expect("\(expected)".contains("found 1 unreadable, 1 blank; look by --dry-run"))
    }
  }

  @Test("classes are cut to the smallest by a seed; the cut ones are listed, kept ones stay")
  func balance() throws {
    try withTemporaryFolder { folder in
      var files: [String: [UInt8]] = [:]
      for index in 0..<8 { files["big/\(index).png"] = PNG.encode(scene(index * 3)) }
      for index in 0..<2 { files["small/\(index).png"] = PNG.encode(scene(40 + index * 4)) }
      files["loose.png"] = PNG.encode(scene(61))
      try write(files, in: folder)
      func open(
        _ balance: PreparationOptions.Balance?, seed: UInt64 = 0, kept: Set<String> = []
      ) throws -> Preparation {
        var options = Self.options()
        (options.nearDistance, options.balance) = (nil, balance)
        (options.seed, options.kept) = (seed, kept)
        return try Preparation(folder, options)
      }
      func chosen(_ preparation: Preparation) -> Set<String> {
        Set(preparation.pictures.filter { $0.isUsed && $0.className == "big" }.map(\.name))
      }
      #expect(try open(nil).warnings[0].hasPrefix("the class 'big' has 8 pictures"))
      let even = try open(.smallest)
      #expect(even.classes.map(\.results) == [2, 2, 1])
      #expect(even.counts == [.balance: 6])
      #expect(even.warnings.allSatisfy { !$0.contains("class") })
      #expect(try chosen(open(.smallest)) == chosen(even))
      let others = try (1...8).map { try chosen(open(.smallest, seed: $0)) }
      #expect(Set(others).count > 1)
      let lost = try #require(even.removed.first?.name)
      let back = try open(.smallest, kept: [lost])
      #expect(back.fate(lost) == "used" && back.classes[0].results == 2)
      #expect(try open(.count(5)).classes.map(\.results) == [5, 2, 1])
    }
  }

  @Test("results are named after their pictures, and none takes another's place")
  func names() throws {
    try withTemporaryFolder { folder in
      let long = String(repeating: "ü", count: 120)
      let files = ["x/a.JPG", "x/a.png", "x/A.PNG", "x/b.tar.png", "y/deep/a.png", "\(long).png"]
      for (index, name) in files.enumerated() {
        // Not by the atomic writer, whose hidden file would have too long a name.
        let path = URL(filePath: "\(folder)/in/\(name)")
        try FileManager.default.createDirectory(
          at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(PNG.encode(scene(index * 7))).write(to: path)
      }
      let preparation = try Preparation(
        "\(folder)/in", Self.options { $0.nearDistance = nil })
      let results = Dictionary(
        uniqueKeysWithValues: preparation.pictures.map { ($0.name, $0.results) })
      #expect(results["x/A.PNG"] == ["x/A.png"] && results["x/a.JPG"] == ["x/a~2.png"])
      #expect(results["x/a.png"] == ["x/a~3.png"] && results["x/b.tar.png"] == ["x/b.tar.png"])
      #expect(results["y/deep/a.png"] == ["y/deep/a.png"])
      #expect(results["\(long).png"] == [String(repeating: "ü", count: 90) + ".png"])
      #expect(try PreparedFolder(path: "\(folder)/out").write(preparation))
      #expect(try DatasetSource.open("\(folder)/out").count == 6)
    }
  }

  @Test("a zip's labels become folders, and its paths never lead out of the results")
  func archive() throws {
    try withTemporaryFolder { folder in
      var writer = ZIPWriter()
      writer.add("p/one.png", PNG.encode(scene(3)))
      writer.add("p/two.png", PNG.encode(scene(11)))
      writer.add("/etc/three.png", PNG.encode(scene(19)))
      writer.add("../four.png", PNG.encode(scene(27)))
      let labels = #"{"labels": [["p/one.png", 10], ["p/two.png", 9], ["/etc/three.png", 9]]}"#
      writer.add("dataset.json", Array(labels.utf8))
      try write(["in.zip": writer.finished()], in: folder)
      let preparation = try Preparation("\(folder)/in.zip", Self.options())
      #expect(
        preparation.pictures.flatMap(\.results).sorted() == [
          "10/p_one.png", "9/etc_three.png", "9/p_two.png",
        ])
    }
  }

  @Test("a licence file or a copyright inside is listed, goes along, and silences the warning")
  func rights() throws {
    try withTemporaryFolder { folder in
      let warning = "nothing here says who made these pictures"
      try write(["a.png": PNG.encode(scene(1)), "b.png": PNG.encode(scene(8))], in: folder)
      #expect(try Preparation(folder, Self.options()).warnings.contains { $0.hasPrefix(warning) })
      let named = try Preparation(folder, Self.options { $0.consent = "mine" })
      #expect(named.warnings.isEmpty && named.rights.consent == "mine")

      let text = PNGText(keyword: "Copyright", text: "© 2026\nAda")
      try write(["a.png": PNG.encode(scene(1), texts: [text])], in: folder)
      let one = try Preparation(folder, Self.options())
      #expect(one.warnings.first?.hasPrefix("only 1 of 2 pictures say") == true)
      #expect(one.pictures[0].credits == [PictureCredit(field: "Copyright", text: "© 2026 Ada")])
      try write(
        ["LICENSE.md": Array("\n# CC BY 4.0\nmore".utf8), "readme": Array("hi".utf8)], in: folder)
      let licensed = try Preparation(folder, Self.options())
      #expect(licensed.warnings.isEmpty)
      #expect(licensed.rights.documents.map(\.name) == ["LICENSE.md", "readme"])
      #expect(licensed.rights.documents[0].firstLine == "# CC BY 4.0")
      try withTemporaryFolder { out in
        #expect(try PreparedFolder(path: out).write(licensed))
        let texts = try PNG.texts(in: try #require(try contents(out)["a.png"]), file: "")
        #expect(texts.map(\.text) == ["© 2026 Ada"])
      }
    }
  }

  @Test("links that lead to themselves, pipes and folders named like pictures end nothing")
  func oddFiles() throws {
    try withTemporaryFolder { folder in
      try write(["a.png": PNG.encode(scene(1)), "d.png/b.png": PNG.encode(scene(8))], in: folder)
      let make = FileManager.default.createSymbolicLink(atPath:withDestinationPath:)
      try make("\(folder)/loop.png", "loop.png")
      try make("\(folder)/up", ".")
      try #require(mkfifo("\(folder)/pipe.png", 0o600) == 0)
      let preparation = try Preparation(folder, Self.options())
      #expect(
        preparation.pictures.map { preparation.fate($0.name) } == [
          "used", "unreadable", "used", "unreadable", "unreadable",
        ])
    }
  }
}
