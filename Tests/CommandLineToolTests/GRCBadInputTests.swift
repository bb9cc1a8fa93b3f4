import Foundation
import Testing

/// What people get from `atelier grc` for what cannot be done: one sentence, the right status,
/// nothing lost.
@Suite struct GRCBadInputTests {
  private static let quick = [
    "--epochs", "4", "--set", "templateSteps=4", "--set", "templateAttempts=1", "--out", "new",
  ]

  @Test(
    "a fit that cannot be meant, and templates that are none",
    arguments: [
      GRCCase(["petal"], 64, "templates 'petal': did you mean 'petals'?"),
      GRCCase(["petals:x"], 64, "petals:SEED", "'petals:x'"),
      GRCCase(["petals:1:7"], 64, "with 1 to 6 petals"),
      GRCCase(["petals", "petals:1"], 64, "exclude one another"),
      GRCCase(["petals", "--map", "a,b"], 64, "the petals have no use for it"),
      GRCCase(["nothing.glb"], 74, "nothing.glb: expected to open the file"),
      GRCCase(["/dev/null"], 74, "/dev/null: expected a file, found a device or pipe"),
      GRCCase(["empty"], 65, "empty: expected a folder of OBJ files, found none"),
      GRCCase(["noise.glb"], 65, "noise.glb: "),
      GRCCase(["a.obj", "t.csv"], 64, "templates 't.csv': expected a mesh as the others are"),
      GRCCase(["a.obj", "other.obj"], 65, "other.obj: expected 4 points, as a.obj has, found 3"),
      GRCCase(["a.obj", "series"], 65, "series: expected 1 frames, as a.obj has, found 2"),
      GRCCase(["a.obj", "--times", "0,1"], 64, "--times: expected 1 numbers"),
      GRCCase(["series", "--times", "1,0"], 64, "--times: expected numbers that rise"),
      GRCCase(["series", "--times", "-1,x"], 64, "--times '-1,x': expected numbers"),
      GRCCase(["t.csv"], 64, "--map '': expected the two columns"),
      GRCCase(["t.csv", "--map", "u"], 64, "--map 'u'"),
      GRCCase(["t.csv", "--map", "u,u"], 64, "--map 'u,u'"),
      GRCCase(["t.csv", "--map", "u,w"], 65, "t.csv: expected a column 'w'"),
      GRCCase(["t.csv", "--map", "u,v", "--group", "v"], 64, "--group 'v'"),
      GRCCase(["t.csv", "--map", "u,v", "--rows", "1"], 64, "tables have no use for it"),
      GRCCase(["t.csv", "--map", "u,same"], 65, "column 'same' says the same in every row"),
      GRCCase(["words.csv", "--map", "u,v"], 65, "found \"hello\" on line 3"),
      GRCCase(["--set", "contextsize=1"], 64, "did you mean 'contextSize'?"),
      GRCCase(["--set", "contextSize=-1"], 64, "expected a whole number from 0 on, found '-1'"),
      GRCCase(["--set", "contextSize=1025"], 64, "contextSize 1025"),
      GRCCase(["--set", "relationalHidden="], 64, "relationalHidden"),
      GRCCase(["--set", "relationalRate=nan"], 64, "relationalRate"),
      GRCCase(["--set", "sampling=girl"], 64, "sampling"),
      GRCCase(["--set", "mixingPower=0"], 64, "mixingPower"),
      GRCCase(["--epochs", "0"], 64, "--epochs '0'"),
      GRCCase(["--epochs", "99999999999"], 64, "--epochs '99999999999'"),
      GRCCase(["--device", "opencl:99"], 69, "opencl:99", "found cpu"),
      GRCCase(["--device", "banana"], 69, "unknown device 'banana'", "found cpu"),
      GRCCase(["latest", "--resume"], 64, "--resume 'latest': expected no value"),
      GRCCase(["--out", ""], 64, "--out ''"),
      GRCCase(["--out", "a.obj"], 74, "a.obj: expected to make the folder"),
      GRCCase(["--out", "/proc/new"], 74, "/proc/new: expected to make the folder"),
      GRCCase(
        ["--out", "series"], 64, "--out 'series': expected a new or empty folder", "--resume"),
      GRCCase(["--out", "series", "--resume"], 64, "series: expected a run of this program"),
      GRCCase(
        ["--set", "relationalRate=1e30", "--epochs", "200"], 65, "a loss became",
        "try a lower --set relationalRate"),
    ])
  func fits(test: GRCCase) throws {
    try withProgram { program in
      for folder in ["empty", "series"] {
        try FileManager.default.createDirectory(
          atPath: program.path(folder), withIntermediateDirectories: true)
      }
      let square = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 1 1 0\nf 1 2 4 3\n"
      for name in ["a.obj", "series/1.obj", "series/2.obj"] { try program.write(square, to: name) }
      try program.write("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", to: "other.obj")
      try program.write("glTF\u{1}\u{2}noise", to: "noise.glb")
      try program.write("u,v,same,x\n0,0,1,1\n0,1,1,2\n1,0,1,3\n1,1,1,4\n", to: "t.csv")
      try program.write("u,v,x\n0,0,1\n0,1,hello\n1,0,2\n", to: "words.csv")
      // Options given later win.
      try GRCCase(["fit"] + Self.quick + test.arguments, test.status, test.words).check(program)
      #expect(try program.names(in: "series") == ["1.obj", "2.obj"])
    }
  }

  private static let looks: [GRCCase] = [
    GRCCase(["explore", "nothing"], 64, "nothing: expected a run of this program"),
    GRCCase(["measure", "other.glb"], 64, "other.glb: expected a run of this program"),
    GRCCase(["figures", ""], 64, "expected a run of this program"),
    GRCCase(["explore", "fit", "--between", "1,,2"], 64, "--between '1,,2': expected numbers"),
    GRCCase(["explore", "fit", "--between", ""], 64, "--between"),
    GRCCase(["explore", "fit", "--between", "nan"], 64, "--between 'nan'"),
    GRCCase(["explore", "fit", "--between", "1e39"], 64, "--between '1e39'"),
    GRCCase(["explore", "fit", "--between", "1e38"], 64, "numbers overflow so far beyond"),
    GRCCase(["explore", "fit", "--time", "-1e38"], 64, "--time '-1e38'"),
    GRCCase(["explore", "fit", "--between", "0:1"], 64, "--between '0:1'"),
    GRCCase(["explore", "fit", "--between", "0:1:0"], 64, "--between '0:1:0'"),
    GRCCase(["explore", "fit", "--between", "0:1:-3"], 64, "--between '0:1:-3'"),
    GRCCase(["explore", "fit", "--time", "0:1:10001"], 64, "expected at most 10000 numbers"),
    GRCCase(
      ["explore", "fit", "--time", "0:1:200", "--between", "0:1:200"], 64, "these are 40000"),
    GRCCase(["explore", "fit", "--rows", "1,0"], 64, "--rows '1,0': expected numbers that rise"),
    GRCCase(["explore", "fit", "--context", "1,2"], 64, "expected 1 number,"),
    GRCCase(["explore", "fit", "--context", "1", "--between", "1"], 64, "exclude one another"),
    GRCCase(["explore", "fit", "--context", "1", "--pair", "1,2"], 64, "--context and --pair"),
    GRCCase(["explore", "fit", "--path", "p.csv", "--time", "1"], 64, "--path and --time"),
    GRCCase(["explore", "fit", "--html", "a.html", "--time", "1"], 64, "--html and --time"),
    GRCCase(["explore", "fit", "--html", ""], 64, "--html '': expected the name of a file"),
    GRCCase(["explore", "fit", "--html", "no/a.html"], 74, "no/a.html: expected to create"),
    GRCCase(["explore", "fit", "--pair", "0,1"], 64, "--pair '0,1'", "from 1 to 2"),
    GRCCase(["explore", "fit", "--pair", "1,1"], 64, "two different templates"),
    GRCCase(["explore", "fit", "--pair", "3,1"], 64, "--pair '3,1'"),
    GRCCase(["explore", "fit", "--pair", "1"], 64, "--pair '1'"),
    GRCCase(["explore", "fit", "--map", "exac"], 64, "did you mean 'exact'?"),
    GRCCase(["explore", "fit", "--affine", "1,0;0,1"], 64, "expected 3 rows of 4 numbers"),
    GRCCase(["explore", "fit", "--affine", "1,0,0,0;0,1,0,0;0,0,x,0"], 64, "3 rows of 4 numbers"),
    GRCCase(["explore", "fit", "--path", "none.csv"], 74, "none.csv: expected to open the file"),
    GRCCase(["explore", "fit", "--path", "columns.csv"], 65, "expected a column \"context\""),
    GRCCase(["explore", "fit", "--path", "names.csv"], 64, "expected a line for each row"),
    GRCCase(
      ["explore", "fit", "--path", "uneven.csv"], 64, "found 2 for 0.0 and 1 for 1.0"),
    GRCCase(
      ["explore", "fit", "--path", "counted.csv"], 64, "lines for every shape, found 2 for 1"),
    GRCCase(["figures", "fit", "--time", "nan"], 64, "--time 'nan'"),
    GRCCase(["figures", "fit", "--time", "1e30"], 64, "expected a number from -1.0 to 2.0"),
    GRCCase(["figures", "fit", "--scale", "nan"], 64, "--scale 'nan'"),
    GRCCase(["figures", "fit", "--pair", "2,2"], 64, "--pair '2,2'"),
    GRCCase(["figures", "fit", "--out", ""], 64, "--out ''"),
    GRCCase(["figures", "fit", "--out", "p.csv"], 74, "p.csv: expected to make the folder"),
    GRCCase(["export", "fit", "--out", ""], 64, "--out '': expected a name that ends in"),
    GRCCase(
      ["export", "fit", "--out", "a.stl"], 64, "--out 'a.stl': expected a name that ends in"),
    GRCCase(["export", "fit", "--out", "a.obj"], 64, "for 7 shapes, or one --time"),
    GRCCase(["export", "fit", "--out", "no/a.glb"], 74, "no/a.glb: expected to create"),
    GRCCase(["export", "fit", "--out", "/proc/a.glb"], 74, "/proc/a.glb"),
    GRCCase(["export", "fit", "--out", "/proc/a/"], 74, "/proc/a"),
    GRCCase(["export", "fit", "--rows", "0", "--out", "a.glb"], 64, "a mesh needs two or more"),
    GRCCase(["export", "fit", "--template", "0", "--out", "a.glb"], 64, "from 1 to 2"),
    GRCCase(["export", "fit", "--template", "-1", "--out", "a.glb"], 64, "--template '-1'"),
    GRCCase(["export", "fit", "--template", "3", "--out", "a.glb"], 64, "--template '3'"),
    GRCCase(
      ["export", "fit", "--template", "1", "--time", "1", "--out", "a.glb"], 64,
      "--template and --time exclude one another"),
    GRCCase(
      ["export", "table", "--out", "a.glb"], 64, "expected a .csv: these templates are tables"),
    GRCCase(["explore", "table", "--html", "a.html"], 64, "this has tables", "grc figures table"),
    GRCCase(["explore", "one", "--between", "0.5"], 64, "this has one, ask for its --context"),
    GRCCase(["figures", "one", "--pair", "1,2"], 64, "this fit has one template"),
    GRCCase(["explore", "none", "--between", "0.5"], 64, "this has none (contextSize=0)"),
    GRCCase(["explore", "none", "--context", "1"], 64, "this fit has no context"),
    // Other programs' files stay: they are checked below.
    GRCCase(["export", "fit", "--out", "other.glb"], 64, "other.glb: expected a new name or an"),
    GRCCase(["export", "fit", "--out", "other.gltf"], 64, "other.gltf: expected a new name or an"),
    GRCCase(
      ["export", "fit", "--out", "p.csv"], 64, "p.csv: expected a new name or an older file"),
    GRCCase(["explore", "fit", "--html", "p.csv"], 64, "p.csv: expected a new name or an older"),
    GRCCase(
      ["export", "fit", "--time", "1", "--out", "other.obj"], 64, "other.obj: expected a new name"),
    GRCCase(
      ["export", "fit", "--out", "theirs/"], 64, "theirs/shape0003.obj: expected a new name"),
    GRCCase(["export", "fit", "--out", "theirs.csv"], 64, "theirs.csv: expected a new name"),
    GRCCase(
      ["figures", "fit", "--out", "plates"], 64, "plates/figure8-beyond.svg: expected a new name"),
    GRCCase(
      ["figures", "fit", "--out", "prints"], 64, "prints/figure6-paths.png: expected a new name"),
  ]

  @Test("shapes, figures and files that cannot be meant are a sentence, and files of others stay")
  func fitted() throws {
    try withProgram { program in
      try program.write("u,v,x\n0,0,1\n0,1,2\n1,0,3\n1,1,4\n", to: "t.csv")
      for arguments in [
        Program.fit(epochs: 4), Program.fit("petals:1:1", epochs: 4, out: "one"),
        Program.fit(more: ["--set", "contextSize=0"], epochs: 4, out: "none"),
        Program.fit("t.csv", more: ["--map", "u,v"], epochs: 4, out: "table"),
      ] {
        let fit = try program.run(arguments)
        try #require(fit.status == 0, "\(fit.errors)")
      }
      let head = "time,morphology,context\n"
      let files = [
        "p.csv": head + "0,0,0\n0,1,0\n", "columns.csv": "time,morphology\n0,0\n",
        "names.csv": head, "uneven.csv": head + "0,0,0\n0,1,0\n1,0,1\n", "other.glb": "mine",
        "other.gltf": "{\"asset\": {\"version\": \"2.0\"}}", "other.obj": "v 0 0 0\n",
        "theirs/shape0003.obj": "v 1 1 1\n",
        "theirs.csv": "time,morphology,context,regeneration error,x1\n0,0,0,0,0\n",
        "plates/figure8-beyond.svg": "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n",
        "prints/figure6-paths.png": "\u{1}PNG",
        "counted.csv": "shape,time,morphology,context\n1,0,0,0\n1,0,1,0\n2,0,0,0\n",
      ]
      for folder in ["theirs", "plates", "prints"] {
        try FileManager.default.createDirectory(
          atPath: program.path(folder), withIntermediateDirectories: true)
      }
      for (name, text) in files { try program.write(text, to: name) }
      for test in Self.looks { try test.check(program) }
      for (name, text) in files {
        #expect(try String(decoding: program.bytes(name), as: UTF8.self) == text, "\(name)")
      }
      #expect(try program.names(in: "theirs") == ["shape0003.obj"])
      #expect(try program.names(in: "plates") == ["figure8-beyond.svg"])
      #expect(try program.names(in: "prints") == ["figure6-paths.png"])
    }
  }
}

extension GRCCase {
  init(_ arguments: [String], _ status: Int32, _ words: [String]) {
    (self.arguments, self.status, self.words) = (arguments, status, words)
  }
}
