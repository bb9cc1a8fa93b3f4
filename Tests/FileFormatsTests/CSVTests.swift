import Testing

@testable import FileFormats

@Suite struct CSVTests {
  private func decode(
    _ text: String, separator: CSV.Separator? = nil
  ) throws(FileFormatError) -> Table {
    try CSV.decode(Array(text.utf8), file: "a.csv", separator: separator)
  }

  @Test(
    "a table by Python's csv module has its cells, whatever the dialect",
    arguments: ["comma.csv", "semicolon.csv", "tab.tsv", "all_quoted.csv"])
  func python(file: String) throws {
    let table = try CSV.read(path: Fixture.path(file))
    let truth = try JSONValue(parsing: try Fixture.bytes("table.json"), file: "table.json")
    let cells = try #require(truth.array).map { $0.array!.map { $0.string! } }
    #expect([table.columns] + table.rows == cells)
    // The second row holds a line break.
    #expect(table.lineNumbers == [2, 3, 5, 6])
  }

  @Test("cells have quotes where they need them, in the way that Python's csv module reads")
  func encode() {
    let table = Table(columns: ["a", "b;c"], rows: [["1", "say \"ha\""], ["two\nlines", ""]])
    for separator in CSV.Separator.allCases {
      let s = separator.rawValue
      let text = "a\(s)\"b;c\"\r\n1\(s)\"say \"\"ha\"\"\"\r\n\"two\nlines\"\(s)\r\n"
      let encoded = CSV.encode(table, separator: separator)
      #expect(String(decoding: encoded, as: UTF8.self) == text)
    }
    #expect(CSV.encode(Table(columns: ["a"], rows: [[""]])) == Array("a\r\n\"\"\r\n".utf8))
  }

  @Test("empty lines and any line break")
  func lines() throws {
    let table = try decode("\u{FEFF}\r\n\na,b\r1,2\r\n\n\"x\ny\",\"\"\"\"\n,")
    #expect(table.columns == ["a", "b"])
    #expect(table.rows == [["1", "2"], ["x\ny", "\""], ["", ""]])
    #expect(table.lineNumbers == [4, 6, 8])
    #expect(try decode("only a header").rows.isEmpty)
  }

  @Test("the separator is what the first line has most of, outside quotes")
  func separators() throws {
    #expect(try decode("\n\"a,b,c\";d\n1;2").columns == ["a,b,c", "d"])
    #expect(try decode("a\tb,c\td\n1\t2\t3").columns == ["a", "b,c", "d"])
    #expect(try decode("a,b;c\n1,2").columns == ["a", "b;c"], "a comma where they are as many")
    #expect(try decode("a,b,c;d\n1,2,3;4", separator: .semicolon).columns == ["a,b,c", "d"])
  }

  @Test("a table comes back", arguments: 0..<40 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let alphabet = ["a", "é", "🌷", ",", ";", "\t", "\"", "\n", "\r", "\r\n", " ", "\u{FEFF}", "0"]
    func cell() -> String {
      (0..<Int.random(in: 0...5, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator)!
      }.joined()
    }
    let width = 1 + Int(seed % 5)
    let columns = (0..<width).map { "\($0)" + cell() }
    let rows = (0..<Int(seed) / 2).map { _ in (0..<width).map { _ in cell() } }
    let table = Table(columns: columns, rows: rows)
    for separator in CSV.Separator.allCases {
      let bytes = CSV.encode(table, separator: separator)
      for given in [separator, nil] {
        let again = try CSV.decode(bytes, file: "again", separator: given)
        #expect(again.columns == columns && again.rows == rows, "seed \(seed), \(separator)")
      }
    }
  }

  @Test(
    "a wrong line is named",
    arguments: [
      (
        "a,b\n1,2\n\n3\n",
        "expected 2 cells, one for each column, found 1 on line 4; correct that line; cells that hold a separator need quotes"
      ),
      (
        "a,b\n\"x\ny\",2,3",
        "expected 2 cells, one for each column, found 3 on line 2; correct that line; cells that hold a separator need quotes"
      ),
      (
        "a,b\n1,\"2\n3,4\n",
        "expected a quote that closes the cell, found the end of the file on line 2; close the quote that opens on that line"
      ),
      (
        "a,b\n1,2\"\n",
        "expected quotes round a whole cell, found one inside a cell on line 2; put the cell in quotes, and double those inside"
      ),
      (
        "a,b\n\"1\"x,2\n",
        "expected a separator after a closed quote, found \"x\" on line 2; double the quotes that belong to the cell"
      ),
      (
        "a,b,a\n",
        "expected every column's name once, found \"a\" again on line 1; rename one of them"
      ),
      (
        "\r\n\n",
        "expected a first line that names the columns, found empty lines; check that this is the file you meant"
      ),
      (
        "",
        "expected a CSV table, found an empty file at byte 0; the file has no content: copy or download it again"
      ),
    ])
  func mistakes(text: String, sentence: String) {
    let error = failure { () throws(FileFormatError) in try decode(text) }
    #expect(error?.description == "a.csv: \(sentence)")
  }

  @Test("bytes that are not UTF-8")
  func encoding() {
    let error = failure { () throws(FileFormatError) in
      try CSV.decode(Array("a,b\n1,".utf8) + [0xE9, 0x0A], file: "a.csv")
    }
    #expect(
      error?.description
        == "a.csv: expected text in UTF-8, found other bytes on line 2; save the table as UTF-8")
  }

  @Test("numbers of a column")
  func numbers() throws {
    let table = try decode("t,x\n0, 1.5\n0.25,-2e3 \n1,\t7")
    #expect(try table.numbers(in: "x") == [1.5, -2000, 7])
    #expect(try table.cells(in: "x") == [" 1.5", "-2e3 ", "\t7"])
    let absent = failure { () throws(FileFormatError) in try table.numbers(in: "y") }
    #expect(
      absent?.description
        == "a.csv: expected a column \"y\", found \"t\", \"x\"; name one of these, as the first line spells it"
    )
    for cell in ["", "nan", "inf", "1e999", "0x10", "1 2", "one", "1,5"] {
      let other = try decode("t,x\n0,1\n2,\"\(cell)\"")
      let error = failure { () throws(FileFormatError) in try other.numbers(in: "x") }
      #expect(
        error?.description
          == "a.csv: expected a finite number in column \"x\", found \"\(cell)\" on line 3; correct that cell, or leave the row out"
      )
    }
  }
}
