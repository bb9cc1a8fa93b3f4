import FileFormats
import Foundation
import Testing

/// Fits of tables, whose columns have units, words and names of their own.
@Suite struct GRCTableTests {
  /// A table of two groups over a whole map: a line for each time, row and group.
  private func table(
    _ map: (String, String), times: [String], rows: [String], numbers: String = "x"
  ) -> String {
    let count = numbers.split(separator: ",").count
    var lines = ["\(map.0),\(map.1),kind,\(numbers)"]
    for (group, kind) in ["a", "b"].enumerated() {
      for (i, time) in times.enumerated() {
        for (j, row) in rows.enumerated() {
          let values = (0..<count).map { "\((i * i + 2 * j + 3 * $0 + group * (i + $0)) % 11)" }
          lines.append(([time, row, kind] + values).joined(separator: ","))
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Fits a table in the folder `fit`.
  private func fit(
    _ program: Program, _ text: String, map: String = "day,dose", more: [String] = []
  ) throws {
    try program.write(text, to: "t.csv")
    let fit = try program.run(
      Program.fit("t.csv", more: ["--map", map, "--group", "kind"] + more))
    try #require(fit.status == 0, "\(fit.errors)")
  }

  private func exported(_ program: Program, _ options: String...) throws -> Table {
    let outcome = try program.run(["grc", "export", "fit", "--out", "out.csv"] + options)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try CSV.read(path: program.path("out.csv"))
  }

  /// Expects a path that is read again to be written with the same bytes.
  private func expectSamePath(
    _ program: Program, _ options: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for (out, options) in [("path.csv", options), ("again.csv", ["--path", "path.csv"])] {
      let outcome = try program.run(["grc", "export", "fit", "--out", out] + options)
      #expect(
        outcome.status == 0, "\(options): \(outcome.errors)", sourceLocation: sourceLocation)
    }
    let paths = try ["path.csv", "again.csv"].map {
      String(decoding: try program.bytes($0), as: UTF8.self)
    }
    #expect(paths[0] == paths[1], "\(options)", sourceLocation: sourceLocation)
  }

  @Test("seconds since 1970 stay minutes apart: in a table, by --time and on a path")
  func seconds() throws {
    try withProgram { program in
      let times = (0..<4).map { "\(1_700_000_000 + 60 * $0)" }
      try fit(program, table(("at", "dose"), times: times, rows: ["1", "2"]), map: "at,dose")
      let written = try exported(program, "--template", "1")
      #expect(try written.cells(in: "at") == times.flatMap { ["\($0).0", "\($0).0"] })
      let one = try exported(program, "--time", "1700000060")
      #expect(try one.cells(in: "at") == ["1700000060.0", "1700000060.0"])
      let all = try exported(program)
      #expect(one.rows.map { $0[1...] } == all.rows[2..<4].map { $0[1...] })
      let sweep = try exported(program, "--time", "1700000000:1700000180:4")
      #expect(sweep.rows == all.rows)
      try expectSamePath(program)
    }
  }

  @Test("words of a map are told and taken, and a word that is none is told which there are")
  func words() throws {
    try withProgram { program in
      let grades = ["mild", "hard, but", "severe"]
      let quoted = grades.map { "\"\($0)\"" }
      try fit(
        program, table(("day", "grade"), times: ["mon", "tue"], rows: quoted), map: "day,grade")
      let all = try exported(program)
      #expect(try all.cells(in: "day") == ["mon", "mon", "mon", "tue", "tue", "tue"])
      #expect(try all.cells(in: "grade") == grades + grades)
      let tuesday = try exported(program, "--time", "tue", "--rows", "hard, but")
      #expect(tuesday.rows.map { $0[..<3] } == [["1", "tue", "hard, but"]])
      let between = try exported(program, "--time", "mon:tue:3", "--rows", "mild,1.5")
      #expect(try between.cells(in: "day") == ["mon", "mon", "0.5", "0.5", "tue", "tue"])
      #expect(try between.cells(in: "grade")[..<2] == ["mild", "1.5"])
      try expectSamePath(program, "--time", "mon:tue:3")
      #expect(try program.grc("explore", "fit", "--time", "tue").output.contains("  day tue  "))
      let json = try program.grc("explore", "fit", "--time", "tue,0.5", "--json").json()
      let shapes = try #require(json["shapes"]?.array)
      #expect(shapes.map { $0["time"]?.number } == [1, 0.5])
      #expect(shapes.map { $0["timeWord"] } == ["tue", nil])

      for verb in ["explore", "figures"] {
        let words = "--time 'tuee': did you mean 'tue'? Expected mon or tue"
        try GRCCase([verb, "fit", "--time", "tuee"], 64, words).check(program)
      }
      try GRCCase(
        ["explore", "fit", "--rows", "mild,worst"], 64, "--rows 'worst'", "or severe"
      ).check(program)
      try program.write("day,grade,context\nmon,mild,0\nwed,mild,0\n", to: "p.csv")
      try GRCCase(
        ["explore", "fit", "--path", "p.csv"], 65, "line 3", "a word of the axis day", "found 'wed'"
      ).check(program)

      let figures = try program.grc("figures", "fit", "--time", "tue", "--scale", "0.25")
      #expect(figures.status == 0, "\(figures.errors)")
      for (figure, word) in [("figure6-paths", "severe"), ("confidence", "mon")] {
        let svg = try String(decoding: program.bytes("fit/figures/\(figure).svg"), as: UTF8.self)
        #expect(svg.contains(">\(word)</text>"), "\(figure)")
      }
      let paths = try String(
        decoding: program.bytes("fit/figures/figure6-paths.svg"), as: UTF8.self)
      #expect(paths.contains("at day tue"))
    }
  }

  @Test(
    "paths of tables with columns of the names that export uses are read as they were written",
    arguments: [1, 2])
  func names(contextSize: Int) throws {
    try withProgram { program in
      let names = "context,context 1,fitted context,regeneration error,fitted shape,shape"
      let text = table(
        ("day", "context 2"), times: ["1", "2", "3"], rows: ["0", "5"], numbers: names)
      let size = ["--set", "contextSize=\(contextSize)"]
      try fit(program, text, map: "day,context 2", more: size)
      let numbers = try exported(program, "--template", "2").rows.map { $0.suffix(6) }
      let wanted = text.split(separator: "\n").suffix(6).map { $0.split(separator: ",").suffix(6) }
      #expect(numbers.map { $0.map { Double($0) } } == wanted.map { $0.map { Double($0) } })
      try expectSamePath(program)
      try expectSamePath(program, "--map", "own", "--between", "0,1")
    }
  }

  @Test("distances are of columns from 0 to 1, and nothing is said of edges and faces")
  func units() throws {
    try withProgram { program in
      try fit(program, table(("day", "dose"), times: ["1", "2", "3"], rows: ["0", "5"]))
      for arguments in [["measure", "fit", "--json"], ["explore", "fit", "--json"]] {
        let json = try program.run(["grc"] + arguments).json()
        #expect(json["unit"] == "columns from 0 to 1", "\(arguments)")
      }
      let measures = try program.grc("measure", "fit")
      #expect(measures.output.contains("unit: columns from 0 to 1"), "\(measures.output)")
      let json = try program.grc("measure", "fit", "--json").output
      for word in ["edge", "face", "stretch", "compression", "failingRadius"] {
        #expect(!measures.output.contains(word) && !json.lowercased().contains(word), "\(word)")
      }
      let again = try program.run(Program.fit("petals", more: ["--json"], out: "petals"))
      #expect(try again.json()["unit"] == "the templates' own")
      #expect(try program.grc("measure", "petals").output.contains("faces collapsed"))
    }
  }
}
