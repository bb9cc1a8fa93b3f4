import FileFormats
import Foundation
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
