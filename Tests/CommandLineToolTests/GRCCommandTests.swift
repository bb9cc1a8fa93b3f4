import FileFormats
import Foundation
import Tensors
import Testing

/// `atelier grc` as people use it: fit, look, draw, export, measure.
@Suite struct GRCCommandTests {
  @Test("a fit says where it is, what it lost and how far off it is, and every verb takes it")
  func everyVerb() throws {
    try withProgram { program in
      let fit = try program.run(Program.fit(more: ["--seed", "1", "--json"]))
      try #require(fit.status == 0, "\(fit.errors)")
      let json = try fit.json()
      #expect(json["run"] == "fit" && json["epochs"] == 40)
      for key in ["seconds", "lossG", "lossR", "roundTripRMS"] {
        #expect((json[key]?.number ?? 0) > 0, "\(key): \(fit.output)")
      }
      #expect(json["templateErrors"]?.array?.count == 2)
      #expect(json["checkpoint"] == "fit/checkpoints/000040.safetensors")

      let measures = try program.grc("measure", "fit", "--json").json()
      #expect(measures["roundTripRMS"]?.number == json["roundTripRMS"]?.number)
      #expect(measures["pairs"]?.array?.first?["templates"] == [1, 2])

      let page = try program.grc("explore", "fit", "--html", "petal.html", "--json")
      #expect(try page.json()["page"] == "petal.html", "\(page.errors)")
      #expect(try program.bytes("petal.html").starts(with: Array("<!DOCTYPE html>".utf8)))

      let figures = try program.grc("figures", "fit", "--scale", "0.25", "--json")
      let files = try #require(try figures.json()["files"]?.array).compactMap(\.string)
      #expect(files.count == 12 && files.allSatisfy { $0.hasPrefix("fit/figures/") }, "\(files)")
      #expect(
        try files.map { URL(filePath: $0).lastPathComponent }.sorted()
          == program.names(in: "fit/figures"))

      let export = try program.grc("export", "fit", "--time", "0:1.1:3", "--out", "a.glb", "--json")
      #expect(try export.json()["files"] == ["a.glb"], "\(export.errors)")
    }
  }

  @Test("what a fit prints at its end names what to look at, and the command it names works")
  func lastWords() throws {
    try withProgram { program in
      let fit = try program.run(Program.fit())
      let place = try #require(fit.output.range(of: "atelier grc "), "\(fit.output)")
      let command =
        ["grc"]
        + fit.output[place.upperBound...].split { $0 == " " || $0 == "\n" }
        .map(String.init)
      #expect(command == ["grc", "explore", "fit", "--html", "fit.html"])
      #expect(try program.run(command).status == 0)
      let apart = try program.run(Program.fit(out: "o'er there"))
      let words = "explore 'o'\\''er there' --html 'o'\\''er there.html'"
      #expect(apart.output.contains(words), "\(apart.output)")
      let one = try program.run(Program.fit("petals:3:1", out: "one"))
      #expect(one.output.contains("atelier grc figures one"), "\(one.output)")
      #expect(one.errors.contains("one: 1 template of petals-3"), "\(one.errors)")
      #expect(one.errors.contains("update 60 of at most 60"), "\(one.errors)")
    }
  }

  private static let canRunPages =
    (try? Process.run(URL(filePath: "/bin/sh"), arguments: ["-c", "command -v node >/dev/null"]))
    .map { process in
      process.waitUntilExit()
      return process.terminationStatus == 0
    } ?? false

  @Test(
    "the page's program computes what it should, and saves what the command line makes",
    .enabled(if: canRunPages, "SKIP: there is no node here"),
    arguments: ["petals", "petals:3:3"])
  func page(templates: String) throws {
    try withProgram { program in
      try #require(try program.run(Program.fit(templates)).status == 0)
      try program.grc("explore", "fit", "--html", "page.html")
      try check(program)
    }
  }

  @Test(
    "so does the page of one's own meshes: a grid of triangles wound the other way, and no grid",
    .enabled(if: canRunPages, "SKIP: there is no node here"), arguments: [true, false])
  func pageOfMeshes(isGrid: Bool) throws {
    try withProgram { program in
      for (name, x) in [("a", 1.0), ("b", 2.5)] {
        for time in 0..<3 {
          let height = 0.3 * x * Double(time)
          let points =
            "v 0 0 0\nv \(x) 0 \(height)\nv 2 .5 0\nv 0 1 0\nv 1 1 \(height)\nv 2 1.5 1\n"
          let faces = isGrid ? "f 1 2 4\nf 2 5 4\nf 2 3 5\nf 3 6 5\n" : "f 1 2 5 4\nf 2 3 6\n"
          try FileManager.default.createDirectory(
            atPath: program.path(name), withIntermediateDirectories: true)
          try program.write(points + faces, to: "\(name)/\(time).obj")
        }
      }
      try #require(try program.run(Program.fit("a", "b")).status == 0)
      try program.grc("explore", "fit", "--html", "page.html")
      try check(program)
    }
  }

  /// Runs the page's own program on the page, beside the command line.
  private func check(_ program: Program) throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../scripts/check-explorer").path
    let outcome = try program.run(
      [script], shell: "exec node \"$1\" page.html --against \"$0\" fit")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("makes the page's shape"))
  }

  @Test("the same seed gives the same bytes, another seed others")
  func seeds() throws {
    try withProgram { program in
      for (name, seed) in [("a", "5"), ("b", "5"), ("c", "6")] {
        try program.run(Program.fit(more: ["--seed", seed], out: name))
      }
      let file = "checkpoints/000040.safetensors"
      #expect(try program.bytes("a/\(file)") == program.bytes("b/\(file)"))
      #expect(try program.bytes("a/\(file)") != program.bytes("c/\(file)"))
    }
  }

  @Test("shapes by share, gap, context and sweep come in the order asked, each with its name")
  func shapes() throws {
    try withProgram { program in
      try #require(try program.run(Program.fit()).status == 0)
      let lines = try program.grc("explore", "fit", "--between", "0:1:3", "--time", "-0.1,1.5")
      #expect(
        lines.output.split(separator: "\n").map { $0.prefix { $0 != "c" } } == [
          "between 0  time -0.1  ", "between 0  time 1.5  ", "between 0.5  time -0.1  ",
          "between 0.5  time 1.5  ", "between 1  time -0.1  ", "between 1  time 1.5  ",
        ], "\(lines.output)\(lines.errors)")

      func rows(_ arguments: String...) throws -> [JSONValue?] {
        let outcome = try program.run(
          ["grc", "explore", "fit", "--time", "0.8", "--json"] + arguments)
        return try #require(try outcome.json()["shapes"]?.array, "\(outcome.errors)").map {
          $0["rows"]
        }
      }
      // A negative number is a value, with or without a sign of equality.
      #expect(try rows("--between", "-1") == rows("--between=-1"))
      #expect(try rows("--between", "1") == rows("--between", "0", "--pair", "2,1"))
      #expect(try rows("--beyond", "0") == rows("--between", "1"))
      #expect(try rows("--between", "0.5") == rows())
      #expect(try rows("--affine", "1,0,0,0;0,1,0,0;0,0,1,0") == rows())
      #expect(try rows("--context", "-0.3").first != rows("--context", "0.3").first)
    }
  }

  @Test("a path that was exported as a table is the same path when it is read again")
  func paths() throws {
    try withProgram { program in
      try #require(try program.run(Program.fit()).status == 0)
      for options in [
        ["--between", "0.25", "--time", "0,0.5"], ["--between", "0:1:3", "--time", "1"],
        ["--map", "own", "--between", "0:1:3"],
        ["--affine", "1,0.1,0,0;0,1,0,0.01;0,0,-1,0.2", "--rows", "0,0.123456789,1"],
      ] {
        try program.run(["grc", "export", "fit", "--out", "path.csv"] + options)
        let again = try program.grc("export", "fit", "--path", "path.csv", "--out", "again.csv")
        #expect(again.status == 0, "\(again.errors)")
        #expect(try program.bytes("path.csv") == program.bytes("again.csv"), "\(options)")
      }
    }
  }

  @Test(
    "templates exported in every form, mixed, are the same templates when they are fitted again")
  func exportedTemplates() throws {
    try withProgram { program in
      try #require(try program.run(Program.fit()).status == 0)
      for (name, number) in [("a", "1"), ("b", "2")] {
        for form in [".glb", ".gltf", "/"] {
          let outcome = try program.grc(
            "export", "fit", "--template", number, "--out", "\(name)\(form)")
          #expect(outcome.status == 0, "\(outcome.errors)")
        }
      }
      #expect(try program.names(in: "a").count == 7)
      // OBJ has no times.
      let options = ["--json", "--times", "0,0.1,0.3,0.55,0.8,1,1.1"]
      var losses: [Double?] = []
      for (index, pair) in [["a", "b"], ["a.glb", "b.glb"], ["a.gltf", "b"]].enumerated() {
        let outcome = try program.run(
          ["grc", "fit"] + pair + Program.fit(more: options, out: "\(index)").dropFirst(2))
        losses.append(try outcome.json()["lossG"]?.number)
      }
      // OBJ holds nine digits, glTF the bits.
      let first = try #require(losses[0])
      for loss in losses { #expect(abs(try #require(loss) / first - 1) < 1e-4, "\(losses)") }
    }
  }

  @Test(
    "a template exported as a table has its own places and numbers, also of names that export uses")
  func tables() throws {
    try withProgram { program in
      try program.write(
        """
        diagnosis,severity,day,context,regeneration error
        flu,mild,1,38,1
        flu,hard,1,39,2
        flu,mild,4,38.5,2
        flu,hard,4,40,5
        cold,mild,1,36.5,3
        cold,hard,1,37,6
        cold,mild,4,36.75,4
        cold,hard,4,37.25,8

        """, to: "people.csv")
      let options = ["--map", "severity,day", "--group", "diagnosis"]
      let fit = try program.run(Program.fit("people.csv", more: options))
      try #require(fit.status == 0, "\(fit.errors)")
      #expect(fit.output.contains("atelier grc figures fit"), "\(fit.output)")
      for (number, values) in [("1", [38, 38.5, 39, 40]), ("2", [36.5, 36.75, 37, 37.25])] {
        let outcome = try program.grc("export", "fit", "--template", number, "--out", "t.csv")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let table = try CSV.read(path: program.path("t.csv"))
        #expect(try table.cells(in: "severity") == ["mild", "mild", "hard", "hard"])
        #expect(try table.numbers(in: "day") == [1, 4, 1, 4])
        #expect(try table.numbers(in: "context") == values)
      }
      let figures = try program.grc("figures", "fit", "--scale", "0.25")
      #expect(figures.status == 0 && figures.output.contains("figure5"), "\(figures.errors)")
      #expect(try program.grc("export", "fit", "--out", "all.csv").status == 0)
      #expect(try program.grc("measure", "fit").status == 0)
    }
  }

  @Test(
    "fits of unusual shape are taken by every verb or refused in a sentence",
    arguments: [
      ["petals:2:1"], ["petals:2:3"], ["petals", "--set", "contextSize=0"],
      ["petals", "--set", "contextSize=3"],
      [
        "petals", "--set", "relationalHidden=1", "--set", "generativeHidden=1", "--set",
        "templateHidden=1", "--epochs", "1",
      ],
    ])
  func unusual(arguments: [String]) throws {
    try withProgram { program in
      let fit = try program.run(Program.fit(arguments[0], more: Array(arguments.dropFirst())))
      try #require(fit.status == 0, "\(fit.errors)")
      for verb in [
        ["measure", "--ablations"], ["explore"], ["explore", "--html", "a.html"],
        ["export", "--out", "a.glb"], ["export", "--out", "a.csv"], ["export", "--out", "a/"],
        ["export", "--template", "1", "--out", "t.glb"], ["explore", "--between", "0.5"],
        ["explore", "--beyond", "1"], ["explore", "--between", "1", "--map", "own"],
        ["explore", "--context", "0.1"], ["explore", "--rows", "0.5", "--time", "2"],
      ] {
        let outcome = try program.run(["grc", verb[0], "fit"] + verb.dropFirst())
        #expect(
          outcome.status == 0 || outcome.status == 64 && outcome.errors.hasPrefix("Error: --"),
          "\(verb): \(outcome.errors)")
        #expect(!outcome.output.contains("nan") && !outcome.output.contains("inf"), "\(verb)")
      }
    }
  }

  @Test(
    "fits that lack a second template or a context have the figures that need none",
    arguments: [
      (["petals:2:1"], ["confidence", "figure3-templates", "figure5-context"]),
      (["petals", "--set", "contextSize=0"], ["figure3-templates"]),
    ])
  func fewerFigures(arguments: [String], names: [String]) throws {
    try withProgram { program in
      try program.run(Program.fit(arguments[0], more: Array(arguments.dropFirst())))
      let outcome = try program.grc("figures", "fit", "--scale", "0.25", "--out", "plates")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        try program.names(in: "plates") == names.flatMap { ["\($0).png", "\($0).svg"] })
    }
  }

  @Test("a figure that cannot be written keeps none of the others back, and is told at the end")
  func failingFigure() throws {
    try withProgram { program in
      try #require(try program.run(Program.fit()).status == 0)
      // The first write is figure 3's SVG, the third figure 5's.
      for (write, missing) in [(1, "figure3-templates"), (3, "figure5-context")] {
        let folder = "plates\(write)"
        let outcome = try program.run(
          ["grc", "figures", "fit", "--scale", "0.25", "--out", folder],
          ["ATELIER_FAULT": "fail-at:write:\(write):28"])
        #expect(outcome.status == 74, "\(outcome.errors)")
        #expect(outcome.errors.contains("Error: ") && outcome.errors.contains(missing))
        let names = try program.names(in: folder)
        #expect(names.count == 10 && !names.contains { $0.hasPrefix(missing) }, "\(names)")
        #expect(outcome.output.split(separator: "\n").count == 5, "\(outcome.output)")
      }
    }
  }

  @Test("shapes of a single frame, and those whose faces are no grid, go through every verb")
  func otherMeshes() throws {
    try withProgram { program in
      for (name, x) in [("a", 1), ("b", 2)] {
        // A pyramid: no grid of points.
        try program.write(
          "v 0 0 0\nv \(x) 0 0\nv 1 1 0\nv 0 1 0\nv .5 .5 \(x)\n"
            + "f 1 4 3 2\nf 1 2 5\nf 2 3 5\nf 3 4 5\nf 4 1 5\n", to: "\(name).obj")
      }
      let fit = try program.run(Program.fit("a.obj", "b.obj"))
      try #require(fit.status == 0, "\(fit.errors)")
      for verb in [
        ["measure"], ["explore"], ["explore", "--html", "a.html"], ["figures", "--scale", "0.25"],
        ["export", "--between", "0.5", "--out", "half.obj"],
      ] {
        let outcome = try program.run(["grc", verb[0], "fit"] + verb.dropFirst())
        #expect(outcome.status == 0, "\(verb): \(outcome.errors)")
      }
      let half = try String(decoding: program.bytes("half.obj"), as: UTF8.self)
      #expect(half.split(separator: "\n").count { $0.hasPrefix("f ") } == 5)
      try GRCCase(
        ["export", "fit", "--rows", "0,1", "--out", "c.glb"], 64,
        "--rows '0,1': expected one number"
      ).check(program)
    }
  }

  @Test("an OpenCL device fits to the losses of the CPU within 1e-3")
  func openCL() throws {
    let listing = Device.listings().first { $0.name != "cpu" && $0.reasonForSkipping == nil }
    guard let name = listing?.name else { return print("SKIP: no usable OpenCL device") }
    try withProgram { program in
      let losses = try [("cpu", "a"), (name, "b")].map { device, out in
        let outcome = try program.run(Program.fit(more: ["--device", device, "--json"], out: out))
        let json = try outcome.json()
        return try ["lossG", "lossR"].map { try #require(json[$0]?.number, "\(outcome.errors)") }
      }
      for (cpu, other) in zip(losses[0], losses[1]) {
        #expect(abs(other / cpu - 1) < 1e-3, "\(losses)")
      }
    }
  }

  @Test("help is told within 80 columns of every verb, in the order of use")
  func help() throws {
    try withProgram { program in
      let all = try program.grc("--help").output
      let verbs = ["fit", "explore", "figures", "export", "measure"]
      let places = verbs.compactMap { all.range(of: "\n  \($0) ")?.lowerBound }
      #expect(places.count == 5 && places == places.sorted(), "\(all)")
      for verb in verbs {
        let text = try program.grc(verb, "--help").output
        #expect(text.contains("Examples:") && text.contains("atelier grc \(verb)"), "\(verb)")
        // The usage line and the parser's own are not ours to break.
        let overview = text.prefix(upTo: try #require(text.range(of: "USAGE:")).lowerBound)
        for line in overview.split(separator: "\n") {
          #expect(line.count <= 80, "\(verb): \(line)")
        }
        // Text that was broken by hand and then again leaves words alone on a line.
        let alone = overview.split(separator: "\n").filter {
          !$0.contains(" ") && !$0.hasSuffix(":") && !$0.hasSuffix(".")
        }
        #expect(alone.isEmpty, "\(verb): \(alone)")
      }
    }
  }
}
