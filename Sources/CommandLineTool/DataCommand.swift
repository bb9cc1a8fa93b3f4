import ArgumentParser
import Datasets
import FileFormats

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Look at a source of pictures, or make a clean one.",
    subcommands: [DataInfoCommand.self, DataPrepareCommand.self])
}

struct DataInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Say what is in a source, and show a contact sheet.",
    discussion: """
      Files that cannot be read are counted and named; training leaves them out.

      glyphs:CHARACTERS are characters as every font on the machine draws them, such as
      glyphs:A-Za-z0-9; a - that is first or last stands for itself. Their classes are the
      characters; those of glyph-styles:CHARACTERS are the categories of the fonts. A tenth of the
      font families of each category is held out. glyphs:emoji are the pictures of a colour font.

      Examples:
        atelier data info fashion-mnist --sheet sheet.png
        atelier data info glyph-styles:A-Z --size 48 --variations 4 --sheet sheet.png
        atelier data info my-pictures --size 64 --json
      """)

  @Argument(
    help:
      "fashion-mnist, shapes, glyphs:0-9, glyphs:emoji, a folder of pictures, an IDX file or pair (a,b), an .npz or a .zip."
  )
  var source: String

  @OptionGroup var preparation: DataOptions

  @Option(help: ArgumentHelp("Write up to 64 of the pictures to this PNG.", valueName: "file"))
  var sheet: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let dataset = try preparation.open(source, place: "<source>")
    let summary = try DatasetSummary(dataset)
    if let sheet {
      try OutputFile.write(
        PNG.encode(
          try dataset.contactSheet(),
          recipe: ["kind": "contact-sheet", "data": .string(dataset.name)],
          parameters: "contact sheet of \(dataset.name)"), to: sheet)
    }
    if json {
      try Console.result(
        sheet.map { path in
          .object((summary.json.object ?? [:]).merging(["sheet": .string(path)]) { $1 })
        } ?? summary.json)
    } else {
      try describe(summary)
    }
  }

  private func describe(_ summary: DatasetSummary) throws {
    let shape = summary.shape
    try Console.result(
      "\(summary.name): \(summary.count) pictures of \(shape.height)x\(shape.width)x\(shape.channels)"
    )
    try Console.result("training     \(summary.trainingCount)")
    try Console.result("held out     \(summary.heldOutCount) (\(summary.heldOutName))")
    try Console.result("mean         \(list(summary.mean)) of 1")
    try Console.result("deviation    \(list(summary.standardDeviation))")
    for note in summary.notes { try Console.result("note         \(note)") }
    for label in summary.classes.prefix(50) {
      try Console.result("class        \(label.name): \(label.count)")
    }
    if summary.classes.count > 50 {
      try Console.result("             and \(summary.classes.count - 50) more classes")
    }
    if !summary.skipped.isEmpty {
      try Console.result("left out     \(summary.skipped.count)")
      for error in summary.skipped.prefix(20) { try Console.result("             \(error)") }
    }
    if let sheet { try Console.result("sheet        \(sheet)") }
  }

  private func list(_ numbers: [Double]) -> String {
    numbers.map { ProgressDisplay.number($0) }.joined(separator: ", ")
  }
}
