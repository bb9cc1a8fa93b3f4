import FileFormats
import Foundation
import Testing

@Suite("atelier evaluate and judge")
struct EvaluateTests {
  private func train(_ program: Program, _ arguments: [String], out: String) throws {
    let outcome = try program.run(
      ["train"] + arguments + ["--data", "shapes", "--size", "14", "--batch", "16", "--out", out])
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("measures runs side by side, by a judge of one's own too, as a table, an object and a page")
  func whole() throws {
    try withProgram { program in
      try train(program, ["vae", "--steps", "3", "--set", "hidden=8"], out: "a")
      try train(program, ["vae", "--steps", "3", "--set", "hidden=8", "--seed", "1"], out: "b")
      try train(program, ["classifier", "--steps", "4", "--set", "filters=4,6"], out: "c")
      let quick = ["--samples", "30", "--metrics", "frechet,manifolds"]

      let table = try program.run(["evaluate", "a", "b", "--html", "page.html"] + quick)
      #expect(table.status == 0, "\(table.errors)")
      let first = table.output.split(separator: "\n")[0]
      #expect(first.contains("a, step 3") && first.contains("b, step 3"))
      #expect(table.output.contains("fd-f: fd-f/v1 judge="))
      #expect(
        try String(contentsOfFile: "\(program.folder)/page.html", encoding: .utf8).contains(
          "<table>"))

      let one = try program.run(["evaluate", "a", "--json"] + quick).json()
      #expect(
        Set(one["metrics"]!.object!.map(\.key)) == [
          "fd-f", "fd-f2", "precision", "recall", "density", "coverage",
        ])
      let again = try program.run(["evaluate", "a", "--json"] + quick).json()
      #expect(one == again)

      try train(program, ["vae", "--steps", "3", "--set", "hidden=8", "--pad", "18"], out: "d")
      let padded = try program.run(["evaluate", "d", "--json"] + quick).json()
      let conditions = padded["metrics"]?["recall"]?["protocol"]?.string ?? ""
      #expect(
        conditions.contains("@14x14x1") && conditions.hasSuffix("crop=14x14"), "\(conditions)")

      // Pictures that something else made are judged alike: those that were sampled one by one.
      let sampled = try program.run(["sample", "a", "--seeds", "0-29", "--out", "made/"])
      #expect(sampled.status == 0, "\(sampled.errors)")
      let others = try program.run(["evaluate", "made", "--data", "shapes", "--json"] + quick)
      for name in ["fd-f", "recall"] {
        let values = try [others.json(), one].map { $0["metrics"]?[name]?["value"]?.number }
        #expect(values[0] != nil && values[0] == values[1], "\(name): \(others.errors)")
      }

      let frozen = try program.run(["judge", "c", "--name", "fd-mine", "--out", "j.safetensors"])
      #expect(frozen.status == 0 && frozen.output.contains("fd-mine"), "\(frozen.errors)")
      let own = try program.run(["evaluate", "a", "--judge", "j.safetensors", "--json"] + quick)
      #expect(
        try own.json()["metrics"]?["fd-mine"]?["protocol"]?.string?.hasPrefix("fd-mine/v1") == true)
    }
  }

  @Test("bad input gets its status and one sentence, and nothing is overwritten")
  func badInput() throws {
    try withProgram { program in
      try train(program, ["vae", "--steps", "2", "--set", "hidden=8"], out: "a")
      try train(program, ["classifier", "--steps", "2", "--set", "filters=4"], out: "c")
      try AtomicFile.write(Array("mine".utf8), to: "\(program.folder)/mine.html")
      let cases: [([String], Int32, String)] = [
        (["evaluate", "c"], 65, "found a classifier"),
        (["sample", "c"], 65, "found a classifier"),
        (["evaluate", "none"], 74, "none"),
        (["evaluate", "a", "--metrics", "frechett"], 64, "did you mean"),
        (["evaluate", "a", "--samples", "0"], 64, "--samples"),
        (["evaluate", "a", "--samples", "3"], 64, "at least 6 pictures"),
        (["evaluate", "a", "--crop", "x"], 64, "--crop"),
        (["evaluate", "a", "--crop", "20x20"], 64, "--crop"),
        (["evaluate", "a", "--reference", "tests"], 64, "--reference"),
        (["evaluate", "a", "--html", "mine.html"], 64, "mine.html"),
        (["evaluate", "a", "--judge", "a/checkpoints/000002.safetensors"], 65, "atelier judge"),
        (["judge", "a", "--name", "x", "--out", "x.safetensors"], 65, "found a vae"),
        (["judge", "c", "--name", "a/b", "--out", "x.safetensors"], 64, "--name"),
        (["judge", "c", "--name", "x", "--out", "mine.html"], 64, "mine.html"),
      ]
      for (arguments, status, part) in cases {
        let outcome = try program.run(arguments)
        #expect(outcome.status == status, "\(arguments): \(outcome.status) \(outcome.errors)")
        #expect(outcome.errors.contains(part), "\(arguments): \(outcome.errors)")
      }
      let kept = try String(contentsOfFile: "\(program.folder)/mine.html", encoding: .utf8)
      #expect(kept == "mine")
    }
  }
}
