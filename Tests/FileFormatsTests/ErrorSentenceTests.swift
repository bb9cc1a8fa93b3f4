import Foundation
import Testing

@testable import FileFormats

/// The sentences people read, word for word.
@Suite struct ErrorSentenceTests {
  @Test("bad data")
  func badData() {
    let cases: [(FileFormatError, String)] = [
      (
        .wrongFormat("a.png", expected: "a PNG picture", found: .empty),
        "a.png: expected a PNG picture, found an empty file at byte 0; the file has no content: copy or download it again"
      ),
      (
        .wrongFormat("a.npz", expected: "a zip archive", found: .text),
        "a.npz: expected a zip archive, found text at byte 0; check that this is the file you meant"
      ),
      (
        .truncated("a.idx", part: "numbers", expected: 1, found: 0, at: 16),
        "a.idx: expected 1 byte of numbers, found the end of the file at byte 16; the file is cut short: copy or download it again"
      ),
      (
        .tooLarge("a", part: "a header", limit: "16 bytes", found: "17"),
        "a: expected a header of at most 16 bytes, found 17; use a smaller file, or check that its header is not damaged"
      ),
      (
        .mismatch("a", expected: "x", found: "y", at: 3),
        "a: expected x, found y at byte 3; the file is damaged: copy or download it again"
      ),
      (
        .wrongChecksum("a", part: "the record", stored: 0xAB, computed: 0xDEAD_BEEF, at: 3),
        "a: expected checksum 000000ab over the record, found deadbeef at byte 3; the file is damaged: copy or download it again"
      ),
      (
        .wrongLine("a.obj", line: 3, expected: "x", found: "y"),
        "a.obj: expected x, found y on line 3; correct that line"
      ),
      (
        .undecodable("a.jpg", part: "a whole JPEG picture", message: "Premature end"),
        "a.jpg: expected a whole JPEG picture, found \"Premature end\"; the file is damaged: copy or download it again"
      ),
    ]
    for (error, sentence) in cases {
      #expect(error.description == sentence)
      #expect(error.localizedDescription == sentence)
      #expect(error.kind == .badData)
    }
  }

  @Test(
    "what the operating system refuses",
    arguments: [
      (
        ENOENT,
        "no such file or directory; check the spelling of the path"
      ),
      (EACCES, "permission denied; check the permissions, or choose another folder"),
      (EROFS, "read-only file system; this disk is read-only: choose another folder"),
      (
        ENOSPC,
        "no space left on device; free some space or choose another disk; what was there before is untouched"
      ),
      (
        EIO,
        "input/output error; the disk reports a fault: check it, and copy what matters elsewhere"
      ),
      (
        EMFILE,
        "too many open files; too many files are open: close some programs or raise `ulimit -n`"
      ),
      (ENOTTY, "inappropriate ioctl for device; the system's error number is 25"),
    ])
  func system(code: Int32, rest: String) {
    let error = FileFormatError.system("run/a", could: "open the file", code: code)
    #expect(error.description == "run/a: expected to open the file, found \(rest)")
    #expect(error.kind == .inputOutput && error.isMissingFile == (code == ENOENT))
  }

  @Test("a folder or a device in a file's place")
  func notAFile() {
    let folder = failure { () throws(FileFormatError) in try ByteSource(path: Fixture.folder) }
    #expect(
      folder?.description
        == "\(Fixture.folder): expected a file, found a folder; name a file inside it, or the command that takes a folder"
    )
    let device = failure { () throws(FileFormatError) in try ByteSource(path: "/dev/null") }
    #expect(device?.found == "a device or pipe")
    let missing = failure { () throws(FileFormatError) in try Picture(path: "/nowhere/a.png") }
    #expect(missing?.isMissingFile == true)
  }
}
