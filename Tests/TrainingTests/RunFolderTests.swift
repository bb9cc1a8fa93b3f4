import FileFormats
import Foundation
import Synchronization
import Tensors
import Testing

@testable import Training

@Suite struct RunFolderTests {
  @Test("a folder with anything in it is left alone unless resuming is asked for")
  func notEmpty() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write("mine", to: "\(folder)/notes.txt")
      #expect(trainingError { try TinyRun().train(in: folder) } == .folderNotEmpty(folder))
      #expect(
        trainingError { try TinyRun().train(in: folder, resume: .latest) } == .notARun(folder))
      #expect(RunFolder.entries(folder) == ["notes.txt"])
    }
  }

  @Test(
    "a folder of another program's is no run, whatever its files are called, and nothing is touched",
    arguments: [
      ["config.json": "{\"architectures\":[\"Bert\"]}", "weights.bin": "w"],
      ["config.json": "not JSON", "stats.jsonl": "{\"theirs\":1}\n"],
      ["config.json": "{\"format\":\"other/1\"}", "checkpoints/000001.safetensors": "theirs"],
      ["stats.jsonl": "theirs", "checkpoints/theirs.bin": "theirs"],
      ["stats.jsonl": "theirs", "checkpoints/000001.safetensors": "theirs"],
    ])
  func strangers(files: [String: String]) throws {
    try withTemporaryFolder { folder in
      try RunFolder.make("\(folder)/checkpoints")
      for (name, text) in files { try AtomicFile.write(text, to: "\(folder)/\(name)") }
      let before = try snapshot(folder)
      for resume in [ResumePoint.latest, .path(folder)] {
        let error = trainingError { try TinyRun().train(in: folder, resume: resume) }
        #expect(error == .notARun(folder) && error?.kind == .usage)
      }
      #expect(trainingError { try TinyRun().train(in: folder) } == .folderNotEmpty(folder))
      #expect(trainingError { try RunFolder(path: folder).choose(.latest) } == .notARun(folder))
      #expect(try snapshot(folder) == before)
      #expect(
        Set(RunFolder.entries(folder))
          == Set(files.keys.map { $0.prefix { $0 != "/" } }.map(String.init) + ["checkpoints"]))
    }
  }

  @Test("an empty folder called checkpoints makes no run to go on with, and is in no one's way")
  func vacant() throws {
    try withTemporaryFolder { folder in
      try RunFolder.make("\(folder)/checkpoints")
      #expect(
        trainingError { try TinyRun().train(in: folder, resume: .latest) } == .notARun(folder))
      #expect(RunFolder.entries(folder) == ["checkpoints"])
      try TinyRun(steps: 1).train(in: folder)
      #expect(RunFolder(path: folder).isRun)
    }
  }

  @Test("a resumed run clears its own leftovers, and not what others are writing in its folders")
  func leftovers() throws {
    try withTemporaryFolder { path in
      try TinyRun(steps: 2).train(in: path)
      let kept = [
        "samples/.000002-seeds-0-63.png.77-1.partial", "samples/.seed00001.png.77-2.partial",
        "checkpoints/.mine.safetensors.77-1.partial", ".notes.txt.77-1.partial",
      ]
      let own = [
        ".config.json.77-1.partial", "samples/.000004.png.77-1.partial",
        "reconstructions/.000004.png.77-1.partial",
        "checkpoints/.000004.safetensors.77-1.partial",
      ]
      for name in kept + own { try Data("half".utf8).write(to: URL(filePath: "\(path)/\(name)")) }
      try TinyRun(steps: 3).train(in: path, resume: .latest)
      for name in kept {
        #expect(FileManager.default.fileExists(atPath: "\(path)/\(name)"), "\(name)")
      }
      for name in own {
        #expect(!FileManager.default.fileExists(atPath: "\(path)/\(name)"), "\(name)")
      }
    }
  }

  @Test("a run holds exactly the files that it should")
  func files() throws {
    try withTemporaryFolder { folder in
      try TinyRun(assignments: ["sampleEvery=4"]).train(in: folder)
      let names = FileManager.default.enumerator(atPath: folder)!.compactMap { $0 as? String }
      #expect(
        names.sorted() == [
          "checkpoints", "checkpoints/000002.safetensors", "checkpoints/000003.safetensors",
          "checkpoints/000004.safetensors", "checkpoints/000006.safetensors", "config.json",
          "events.out.tfevents.run", "log.txt", "reconstructions", "reconstructions/000004.png",
          "reconstructions/000006.png", "samples", "samples/000004.png", "samples/000006.png",
          "stats.jsonl",
        ])
    }
  }

  @Test("two processes cannot train in one folder")
  func locking() throws {
    try withTemporaryFolder { path in
      let lock = try RunLock(RunFolder(path: path))
      #expect(trainingError { try TinyRun().train(in: path) } == .folderInUse(path))
      withExtendedLifetime(lock) {}
    }
    try withTemporaryFolder { _ = try TinyRun(steps: 1).train(in: $0) }
  }

  @Test("a lock that is refused closes nothing of others")
  func refusedLock() throws {
    try withTemporaryFolder { path in
      let folder = RunFolder(path: path)
      let lock = try RunLock(folder)
      let closed = Atomic<Int>(0)
      DispatchQueue.concurrentPerform(iterations: 2) { thread in
        for _ in 0..<100_000 {
          if thread == 0 {
            _ = try? RunLock(folder)
          } else if close(open("/dev/null", O_RDONLY | O_CLOEXEC)) == 0 {
            closed.add(1, ordering: .relaxed)
          }
        }
      }
      #expect(closed.load(ordering: .relaxed) == 100_000)
      withExtendedLifetime(lock) {}
    }
  }

  @Test("the folder is locked before it is looked at: what is in it may be another's half-made run")
  func lockingFirst() throws {
    try withTemporaryFolder { path in
      try TinyRun().train(in: path)
      let folder = RunFolder(path: path)
      let lock = try RunLock(folder)
      for resume in [nil, .latest, .path(path), .path(folder.checkpoint(2))] as [ResumePoint?] {
        #expect(
          trainingError { try TinyRun().train(in: path, resume: resume) } == .folderInUse(path),
          "\(resume as Any)")
      }
      withExtendedLifetime(lock) {}
    }
    try withTemporaryFolder { path in
      try AtomicFile.write("half-made", to: "\(path)/something")
      let lock = try RunLock(RunFolder(path: path))
      #expect(
        trainingError { try TinyRun().train(in: path, resume: .latest) } == .folderInUse(path))
      withExtendedLifetime(lock) {}
    }
  }

  @Test("a link that leads nowhere is no folder to make a run in")
  func danglingLink() throws {
    try withTemporaryFolder { folder in
      let link = "\(folder)/link"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "nowhere")
      do {
        try TinyRun().train(in: link)
        Issue.record("no error")
      } catch let error as FileFormatError {
        #expect(error.file == link && error.expected == "to make the folder")
      }
      #expect(RunFolder.entries(folder) == ["link"])
    }
  }

  @Test("a folder that cannot be made says which and why")
  func unmakeable() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write("a file", to: "\(folder)/file")
      do {
        try TinyRun().train(in: "\(folder)/file/run")
        Issue.record("no error")
      } catch let error as FileFormatError {
        #expect(error.kind == .inputOutput && error.systemCode == ENOTDIR)
        #expect(error.file == "\(folder)/file")
      }
    }
  }

  @Test("names are numbered by six digits or more")
  func names() {
    let folder = RunFolder(path: "runs/a/")
    #expect(folder.path == "runs/a" && folder.name == "a")
    #expect(folder.checkpoint(500) == "runs/a/checkpoints/000500.safetensors")
    #expect(folder.checkpoint(1_234_567) == "runs/a/checkpoints/1234567.safetensors")
    #expect(folder.sheet(.samples, 0) == "runs/a/samples/000000.png")
  }
}
