import FileFormats
import Foundation
import Locks
import Testing

@testable import Datasets

@Suite struct PictureFilesTests {
  static let files: [String: [UInt8]] = [
    "cat/b.jpg": JPEG.encode(flat(40, 20, 3, 200)),
    "cat/a.png": PNG.encode(flat(16, 30, 1, 10)),
    "dog/deep/c.PNG": PNG.encode(flat(9, 9, 4, 99)),
    "dog/broken.png": Array(PNG.encode(flat(9, 9, 1, 0)).prefix(50)),
    "dog/empty.jpg": [],
    "dog/really_webp.png": Array("RIFF0000WEBPVP8 ".utf8),
    "top.png": PNG.encode(flat(8, 8, 1, 7)),
    ".hidden/d.png": PNG.encode(flat(8, 8, 1, 7)),
    "notes.txt": Array("hello".utf8),
  ]

  @Test("mixed sizes become one, sub-folders become labels, broken files are named and left out")
  func folder() throws {
    try withTemporaryFolder { folder in
      try write(Self.files, in: folder)
      let dataset = try DatasetSource.open(folder)
      #expect(dataset.shape == PictureShape(height: 64, width: 64, channels: 3))
      #expect(dataset.classNames == ["cat", "dog"])
      #expect((0..<dataset.count).map { dataset.label(at: $0) } == [0, 0, 1, nil])
      #expect(try (0..<4).map { try dataset.picture(at: $0).pixels[0] } == [10, 200, 99, 7])
      #expect(
        dataset.skipped.map(\.file) == [
          "\(folder)/dog/broken.png", "\(folder)/dog/empty.jpg", "\(folder)/dog/really_webp.png",
        ])
      #expect(dataset.skipped.map(\.kind) == [.badData, .badData, .badData])
      #expect(dataset.skipped[2].advice == "convert it to PNG or JPEG first")
    }
  }

  @Test("reading tells of every file, once for its header and once for its pixels, in order")
  func progress() throws {
    try withTemporaryFolder { folder in
      try write(Self.files, in: folder)
      let told = Locked<[[Int]]>([])
      _ = try DatasetSource.open(folder) { done, total in
        told.withLock { $0.append([done, total]) }
      }
      // Seven files are named like pictures.
      #expect(told.withLock { $0 } == (1...14).map { [$0, 14] })
    }
  }

  @Test("a size that all pictures share is kept; grey stays grey; a link to the folder will do")
  func sameSize() throws {
    try withTemporaryFolder { folder in
      try write(
        ["p/a.png": PNG.encode(flat(12, 7, 1, 1)), "p/b.png": PNG.encode(flat(12, 7, 1, 2))],
        in: folder)
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "p")
      for name in ["p", "link"] {
        let dataset = try DatasetSource.open("\(folder)/\(name)")
        #expect(dataset.shape == PictureShape(height: 12, width: 7, channels: 1))
        #expect(dataset.classNames == [] && dataset.label(at: 0) == nil && dataset.count == 2)
      }
    }
  }

  @Test("pictures that do not stay in memory are the same pictures")
  func decodedAgain() throws {
    try withTemporaryFolder { folder in
      try write(Self.files, in: folder)
      let options = DatasetOptions(size: (10, 12), channels: 3)
      let files = try EncodedPictures.folder(folder)
      let kept = try PictureFiles(files, name: "a", at: folder, options)
      let again = try PictureFiles(files, name: "a", at: folder, options, memoryLimit: 0)
      #expect(kept.count == again.count && kept.identity == again.identity)
      for index in 0..<kept.count {
        #expect(try kept.picture(at: index) == again.picture(at: index), "example \(index)")
      }
    }
  }

  @Test("alpha lies on the colour that is named")
  func background() throws {
    try withTemporaryFolder { folder in
      let clear = Picture(height: 1, width: 1, channels: 4, pixels: [1, 2, 3, 0])
      try write(["a.png": PNG.encode(clear)], in: folder)
      let onWhite = try DatasetSource.open(folder)
      #expect(try onWhite.picture(at: 0).pixels == [255, 255, 255])
      let onBlack = try DatasetSource.open(
        folder, options: DatasetOptions(channels: 1, background: .black))
      #expect(try onBlack.picture(at: 0).pixels == [0])
    }
  }

  @Test("classes are in order of their numbers, then of their bytes, whatever order they come in")
  func classOrder() throws {
    let sorted = ["-1", "09", "9", "10", "B", "a10", "a9", "b"]
    for rotation in 0..<sorted.count {
      var writer = ZIPWriter()
      for index in sorted.indices {
        let name = sorted[(index + rotation) % sorted.count]
        writer.add("\(name)/x.png", PNG.encode(flat(4, 4, 1, UInt8(index))))
      }
      try withTemporaryFolder { folder in
        try write(["a.zip": writer.finished()], in: folder)
        let dataset = try DatasetSource.open("\(folder)/a.zip")
        #expect(dataset.classNames == sorted, "rotated by \(rotation)")
      }
    }
  }

  @Test("a pipe that nobody writes to is named and left out, in a folder and as the source")
  func pipes() throws {
    try withTemporaryFolder { folder in
      try write(["a.png": PNG.encode(flat(8, 8, 1, 7))], in: folder)
      let pipe = "\(folder)/pipe.png"
      try #require(mkfifo(pipe, 0o600) == 0)
      let dataset = try DatasetSource.open(folder)
      #expect(dataset.count == 1 && dataset.skipped.map(\.file) == [pipe])
      let error = failure { () throws(FileFormatError) in try DatasetSource.open(pipe) }
      #expect(error?.file == pipe && error?.found == "a device or pipe")
    }
  }

  @Test("a name that is not UTF-8 is left out with its reason, and crashes nothing")
  func nameInOtherBytes() throws {
    try withTemporaryFolder { folder in
      try write(["a.png": PNG.encode(flat(8, 8, 1, 7))], in: folder)
      let name = Array("\(folder)/b".utf8) + [0xFF] + Array(".png\0".utf8)
      let descriptor = name.withUnsafeBytes {
        open($0.bindMemory(to: CChar.self).baseAddress!, O_WRONLY | O_CREAT, 0o600)
      }
      try #require(descriptor >= 0)
      close(descriptor)
      let dataset = try DatasetSource.open(folder)
      #expect(dataset.count == 1)
      #expect(
        dataset.skipped.map(\.description) == [
          "\(folder)/b\u{FFFD}.png: expected a file name in UTF-8, found other bytes; rename the file"
        ])
    }
  }

  @Test("a folder without pictures, or with none that can be read, is an error")
  func nothing() throws {
    try withTemporaryFolder { folder in
      let empty = failure { () throws(FileFormatError) in try DatasetSource.open(folder) }
      #expect(
        empty?.description
          == "\(folder): expected PNG or JPEG pictures, found none; name the folder that holds the "
          + "pictures or their sub-folders")
      try write(["a.png": [], "b.png": [1, 2]], in: folder)
      let broken = failure { () throws(FileFormatError) in try DatasetSource.open(folder) }
      #expect(
        broken?.found.hasPrefix("2 files that cannot be read, the first being: \(folder)/a.png")
          == true)
    }
  }

  @Test("a zip with dataset.json, as StyleGAN writes it; one without takes folders as labels")
  func archive() throws {
    try withTemporaryFolder { folder in
      var writer = ZIPWriter()
      for index in [2, 0, 1, 10] {
        let name = "0000\(index % 2)/img\(index).png"
        writer.add(name, PNG.encode(flat(4, 4, 1, UInt8(index))), compression: .stored)
      }
      try write(["folders.zip": writer.finished()], in: folder)
      let json =
        #"{"labels": [["00000/img0.png", 10], ["00000/img2.png", 9], ["00001/img1.png", 10], ["00000/img10.png", 9]]}"#
      writer.add("dataset.json", Array(json.utf8))
      try write(["labels.zip": writer.finished()], in: folder)

      let labelled = try DatasetSource.open("\(folder)/labels.zip")
      #expect(labelled.name == "labels" && labelled.classNames == ["9", "10"])
      #expect(try (0..<4).map { try labelled.picture(at: $0).pixels[0] } == [0, 10, 2, 1])
      #expect((0..<4).map { labelled.label(at: $0) } == [1, 0, 0, 1])
      let folders = try DatasetSource.open("\(folder)/folders.zip")
      #expect(folders.classNames == ["00000", "00001"] && folders.label(at: 3) == 1)
    }
  }

  @Test("labels that are no numbers are refused with their place")
  func wrongLabels() throws {
    try withTemporaryFolder { folder in
      var writer = ZIPWriter()
      writer.add("a.png", PNG.encode(flat(4, 4, 1, 1)))
      writer.add("dataset.json", Array(#"{"labels": [["a.png", [0.5, 0.5]]]}"#.utf8))
      try write(["a.zip": writer.finished()], in: folder)
      let error = failure { () throws(FileFormatError) in try DatasetSource.open("\(folder)/a.zip")
      }
      #expect(
        error?.file == "\(folder)/a.zip/dataset.json" && error?.found == #"["a.png",[0.5,0.5]]"#)
    }
  }
}
