import ArgumentParser
import Datasets
import FileFormats

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Look at a source of pictures.",
    subcommands: [DataInfoCommand.self])
}

struct DataInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Say what is in a source, and show a contact sheet.",
    discussion: """
      Files that cannot be read are counted and named; training leaves them out.

      Examples:
        atelier data info fashion-mnist --sheet sheet.png
        atelier data info my-pictures --size 64 --json
      """)

  @Argument(
    help:
      "fashion-mnist, shapes, a folder of pictures, an IDX file or pair (a,b), an .npz or a .zip.")
  var source: String

  @OptionGroup var preparation: DataOptions

  @Option(help: ArgumentHelp("Write up to 64 of the pictures to this PNG.", valueName: "file"))
  var sheet: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let dataset = try preparation.open(source)
    let summary = try DatasetSummary(dataset)
    if let sheet {
      try OutputFile.write(
        PNG.encode(
          try dataset.contactSheet(),
          recipe: ["kind": "contact-sheet", "data": .string(dataset.name)],
          parameters: "contact sheet of \(dataset.name)"), to: sheet)
    }
    if json {
      Console.result(
        sheet.map { path in
          .object((summary.json.object ?? [:]).merging(["sheet": .string(path)]) { $1 })
        } ?? summary.json)
    } else {
      describe(summary)
    }
  }

  private func describe(_ summary: DatasetSummary) {
    let shape = summary.shape
    Console.result(
      "\(summary.name): \(summary.count) pictures of \(shape.height)x\(shape.width)x\(shape.channels)"
    )
    Console.result("training     \(summary.trainingCount)")
    Console.result("held out     \(summary.heldOutCount) (\(summary.heldOutName))")
    Console.result("mean         \(list(summary.mean)) of 1")
    Console.result("deviation    \(list(summary.standardDeviation))")
    for label in summary.classes.prefix(50) {
      Console.result("class        \(label.name): \(label.count)")
    }
    if summary.classes.count > 50 {
      Console.result("             and \(summary.classes.count - 50) more classes")
    }
    if !summary.skipped.isEmpty {
      Console.result("left out     \(summary.skipped.count)")
      for error in summary.skipped.prefix(20) { Console.result("             \(error)") }
    }
    if let sheet { Console.result("sheet        \(sheet)") }
  }

  private func list(_ numbers: [Double]) -> String {
    numbers.map { ProgressDisplay.number($0) }.joined(separator: ", ")
  }
}
