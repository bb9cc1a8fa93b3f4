import FileFormats
import Foundation
import Testing

@testable import RelationalContext

@Suite("Templates of tables")
struct TableTemplateTests {
  /// The templates of CSV texts, a file each.
  private func read(
    _ texts: String..., map: (String, String) = ("day", "dose"), group: String? = nil
  )
    throws -> TemplateSet
  {
    try withTemporaryFolder { folder in
      let paths = texts.indices.map { "\(folder)/table\($0).csv" }
      for (path, text) in zip(paths, texts) { try AtomicFile.write(text, to: path) }
      return try TemplateSet(tables: paths, TableOptions(map: map, group: group))
    }
  }

  static let plain = """
    day,dose,kind,fever,pulse
    3,10,a,37,60
    1,10,a,39,90
    1,20,b,40,100
    3,20,a,38,61
    1,20,a,38.5,80
    3,20,b,37.5,70
    1,10,b,41,110
    3,10,b,36,65
    """

  @Test("have a template for each value of the group, rows by place however the file has them")
  func groups() throws {
    let set = try read(Self.plain, group: "kind")
    #expect(set.templates.map(\.name) == ["a", "b"])
    #expect(set.times == [0, 1] && set.rows == [0, 1] && set.hasGrid)
    #expect(set.content == .columns(["fever", "pulse"]) && set.pointsPerRow == 0)
    #expect(set.templates[0].values == [39, 90, 38.5, 80, 37, 60, 38, 61])
    #expect(set.templates[1].values == [41, 110, 40, 100, 36, 65, 37.5, 70])
    #expect(set.timeAxis == MapAxis("day", zero: 1, one: 3))
    #expect(set.rowAxis == MapAxis("dose", zero: 10, one: 20))
    // Each column from 0 to 1.
    #expect(set.scale.offsets == [36, 60] && set.scale.factors == [5, 50])
  }

  @Test("may be a file each")
  func files() throws {
    let set = try read("day,dose,x\n0,0,1\n0,4,2\n8,0,3\n", "day,dose,x\n4,2,5\n")
    #expect(set.templates.map(\.name) == ["table0", "table1"])
    #expect(set.templates[1].places == [MapPlace(time: 0.5, row: 0.5)])
    #expect(set.times == [0, 0.5, 1] && !set.hasGrid)
  }

  @Test(
    "with numbers that single precision cannot tell apart are refused, those that it can are not")
  func precision() throws {
    let said = sentence(of: FileFormatError.self) {
      try read("day,dose,x\n0,0,1700000000\n8,4,1700000067\n")
    }
    #expect(said.contains("column \"x\"") && said.contains("subtract the least"), "\(said)")
    _ = try read("day,dose,x\n0,0,101325\n8,4,101330\n")
    _ = try read("day,dose,x\n0,0,1700000000\n8,4,1700000000\n")
  }

  @Test("are not mixed up where files in two folders have one name")
  func equalNames() throws {
    try withTemporaryFolder { folder in
      let paths = ["mon/doses.csv", "tue/doses.csv"].map { "\(folder)/\($0)" }
      for (path, x) in zip(paths, ["1", "2"]) {
        try FileManager.default.createDirectory(
          at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        try AtomicFile.write("day,dose,x\n0,0,\(x)\n8,4,\(x)\n", to: path)
      }
      let options = TableOptions(map: ("day", "dose"))
      let set = try TemplateSet(tables: paths, options)
      #expect(set.templates.map(\.name) == ["mon/doses", "tue/doses"])
      #expect(set.templates.map(\.values) == [[1, 1], [2, 2]])
      let twice = try TemplateSet(tables: [paths[0], paths[0]], options)
      #expect(twice.templates.map(\.name) == ["doses", "doses 2"])
      #expect(
        TemplateSet.names(of: ["doses.csv", "doses.csv", "doses 2.csv"])
          == ["doses", "doses 2", "doses 2 2"])
    }
  }

  @Test("take words as steps in the order in which they come")
  func words() throws {
    let set = try read(
      """
      day,dose,x
      mild,10,1
      severe,10,2
      mild,30,3
      worse,10,4
      """)
    #expect(set.timeAxis == MapAxis("day", words: ["mild", "severe", "worse"]))
    #expect(
      set.templates[0].places == [
        MapPlace(time: 0, row: 0), MapPlace(time: 0, row: 1), MapPlace(time: 0.5, row: 0),
        MapPlace(time: 1, row: 0),
      ])
    #expect(set.templates[0].values == [1, 3, 2, 4])
  }

  @Test("take numbers with spaces round them as numbers, not as words")
  func spaces() throws {
    let set = try read("day,dose,x\n 10, 1, 7\n 9, 2, 8\n")
    #expect(set.timeAxis == MapAxis("day", zero: 9, one: 10))
    #expect(set.templates[0].values == [8, 7])
  }

  @Test("keep places apart that differ by little beside their size, such as seconds since 1970")
  func largeNumbers() throws {
    let set = try read("day,dose,x\n1700000000,1,1\n1700000050,2,2\n1700000100,1,3\n")
    #expect(set.times == [0, 0.5, 1])
    #expect(set.templates[0].values == [1, 2, 3])
    let fit = try TinyFit(templates: set, epochs: 1, templateSteps: 1).fitted()
    let axis = fit.templates.timeAxis
    #expect(set.times.map(axis.value) == [1_700_000_000, 1_700_000_050, 1_700_000_100])
    #expect(axis.share(1_700_000_050) == 0.5)
  }

  @Test("keep their words through a fit")
  func keptWords() throws {
    let set = try read("day,dose,x\nmon, low,1\n tue,low ,2\nmon,high,3\ntue,high,5\n")
    #expect(set.timeAxis.words == ["mon", "tue"] && set.rowAxis.words == ["low", "high"])
    #expect(set.hasGrid)
    #expect(try TinyFit(templates: set, epochs: 1, templateSteps: 1).fitted().templates == set)
  }

  @Test("whose map or group leaves a cell empty are refused, with its line")
  func emptyCells() throws {
    for (text, column, group) in [
      ("day,dose,kind,x\nmon,1,a,1\n,2,a,2\n", "day", nil),
      ("day,dose,kind,x\n1,1,a,1\n2,2, ,2\n", "kind", "kind"),
    ] as [(String, String, String?)] {
      let text = sentence(of: FileFormatError.self) { try read(text, group: group) }
      #expect(text.contains("line 3") && text.contains("\"\(column)\""), "\(text)")
      #expect(text.contains("found an empty cell"), "\(text)")
    }
    let missing = sentence(of: FileFormatError.self) {
      try read("day,dose,x\nmon,1,1\nnan,2,2\n")
    }
    #expect(missing.contains("line 3") && missing.contains("found \"nan\""), "\(missing)")
  }

  @Test("are looked at at seven of their words where they have more than fifteen")
  func wordSteps() throws {
    let rows = (0..<40).map { "day \($0),\($0 % 3),\($0 * $0)" }.joined(separator: "\n")
    let set = try read("day,dose,x\n\(rows)\n")
    // Of 0, 6.5, 13, …, 39 the nearest whole ones.
    #expect(
      set.times.map { set.timeAxis.word(at: $0) }
        == [0, 7, 13, 20, 26, 33, 39].map { "day \($0)" })
  }

  @Test(
    "that do not fit are one sentence each",
    arguments: [
      ("day,hour,x\n1,2,3\n", nil, "expected a column 'dose', found day, hour, x"),
      ("day,dose,x\n1,2,3\n", "kind", "expected a column 'kind', found day, dose, x"),
      (
        "day,dose\n1,2\n", nil,
        "expected columns of numbers beside the map and the group, found none"
      ),
      (
        "day,dose,x\n1,2,3\n1,3,4\n", nil,
        "column 'day' says the same in every row; expected one that orders them"
      ),
      (
        "day,dose,x\nmon,2,3\nmon,3,4\n", nil,
        "column 'day' says the same in every row; expected one that orders them"
      ),
      ("day,dose,x\n", nil, "expected a line for each row below the names, found none"),
    ])
  func wrong(text: String, group: String?, words: String) throws {
    let text = sentence(of: TemplateError.self) { try read(text, group: group) }
    #expect(text.hasSuffix("/table0.csv: \(words)"), "\(text)")
  }

  @Test("name the line and the column of a cell that is no number")
  func cells() throws {
    for (text, line, column) in [
      ("day,dose,x\n1,2,3\n2,3,much\n", 3, "x"), ("day,dose,x\n1,2,3\n2,3,\n", 3, "x"),
      ("day,dose,x\n1,2,nan\n2,3,4\n", 2, "x"), ("day,dose,x\n1,2,3\nlate,3,4\n", 3, "day"),
      ("day,dose,x\n1,2,1e300\n2,3,4\n", 2, "x"), ("day,dose,x\n1,-1e300,0\n2,3,4\n", 2, "dose"),
    ] {
      let text = sentence(of: FileFormatError.self) { try read(text) }
      #expect(
        text.contains("table0.csv") && text.contains("line \(line)")
          && text.contains("\"\(column)\""),
        "\(text)")
    }
  }

  @Test("whose columns differ are refused")
  func differentColumns() throws {
    let text = sentence(of: TemplateError.self) {
      try read("day,dose,x\n1,2,3\n2,3,4\n", "day,dose,y\n1,2,3\n")
    }
    #expect(text.contains("table1.csv: expected the columns of "))
    #expect(text.hasSuffix("/table0.csv (day, dose, x), found day, dose, y"))
  }

  @Test("need three different columns for the map and the group")
  func sameColumn() throws {
    for (map, group) in [(("day", "day"), nil), (("day", "dose"), "dose")]
      as [((String, String), String?)]
    {
      let text = sentence(of: TemplateError.self) { try read(Self.plain, map: map, group: group) }
      #expect(text.contains("'\(map.1)'"), "\(text)")
    }
  }

  @Test("are looked at at seven steps where they have more than fifteen")
  func steps() throws {
    let rows = (0..<40).map { "\($0),\($0 % 15),\($0 * $0)" }.joined(separator: "\n")
    let set = try read("day,dose,x\n\(rows)\n")
    expectClose(set.times, (0..<7).map { Float($0) / 6 }, 0)
    #expect(set.rows.count == 15)
  }

  @Test("are not taken for a grid by rows that stand twice")
  func duplicates() throws {
    // At day 0 dose 0 stands twice and dose 1 not at all.
    let set = try read("day,dose,x\n0,0,1\n0,0,2\n1,0,3\n1,1,4\n")
    #expect(!set.hasGrid)
    let fit = try TinyFit(templates: set, epochs: 1000, templateSteps: 1000).fitted()
    let trace = try fit.trace(ofTemplate: 0, at: 0)
    let model = try fit.rows(
      ofTemplate: 0, at: [MapPlace(time: 0, row: 0), MapPlace(time: 0, row: 1)])
    #expect(trace == (try fit.relate(model)))
  }

  @Test("tell of their template models every few updates where they have thousands of places")
  func manyPlaces() throws {
    let rows = (0..<4000).map { "\($0 % 80),\($0 / 80),\($0 % 7)" }.joined(separator: "\n")
    let fit = TinyFit(
      templates: try read("day,dose,x\n\(rows)\n"), epochs: 1, templateSteps: 1500,
      templateAttempts: 1)
    var told: [Int] = []
    _ = try withTemporaryFolder { folder in
      try fit.fit(in: folder) { if case .templates(let made, _) = $0 { told.append(made) } }
    }
    #expect(told.count > 2 && told.last == 1500, "\(told)")
  }

  @Test("can be fitted, explored and drawn, with their confidence")
  func endToEnd() throws {
    let rows = ["a", "b"].enumerated().flatMap { index, kind in
      (0..<5).flatMap { day in
        (0..<4).map { dose -> String in
          let severity = Double(day) * (index == 0 ? 1 : 0.4) + 0.3 * Double(dose)
          return "\(day),\(10 * dose),\(kind),\(36 + severity),\(60 + 10 * severity * severity),7"
        }
      }
    }
    let set = try read(
      "day,dose,kind,fever,pulse,same\n" + rows.joined(separator: "\n") + "\n", group: "kind")
    #expect(set.hasGrid)
    let fit = try TinyFit(templates: set, epochs: 40_000, templateSteps: 20_000).fitted()
    let measures = try FitMeasures(fit)
    // Of ranges of 5 degrees and some hundred beats.
    let scaled = try set.templates.map { template in
      let again = try fit.generate(fit.relate(template.values))
      return rootMeanSquare(set.scale.normalized(template.values), set.scale.normalized(again))
    }
    #expect(scaled.allSatisfy { $0 < 0.05 }, "\(scaled)")
    #expect(measures.pairs.count == 1)
    for figure in Figure.allCases { #expect(fit.has(figure) == !figure.needsMesh) }
    let frames = try fit.shapes(
      ShapeRequest(.between(first: 0, second: 1, share: 0.5), times: [0, 0.3, 1]))
    #expect(frames.allSatisfy { $0.rows.count == 4 * 3 && $0.regenerationError.isFinite })
    // A column that says the same everywhere is the same everywhere again.
    let again = frames.flatMap { frame in (0..<4).map { frame.rows[3 * $0 + 2] } }
    expectClose(again, again.map { _ in 7 }, 0.2)
    // Between the templates it is known ground, far away it is not.
    let known = frames.map(\.regenerationError).max()!
    let far = try fit.shapes(
      ShapeRequest(.between(first: 0, second: 1, share: 8), times: [0, 0.3, 1]))
    #expect(far.map(\.regenerationError).max()! > 3 * known)
  }
}
