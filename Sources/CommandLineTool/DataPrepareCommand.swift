import ArgumentParser
import Datasets
import FileFormats

struct DataPrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Make a clean folder of training pictures out of messy ones.",
    discussion: """
      Pictures are brought to one size. Unreadable, too small and blank ones, exact duplicates
      and near-duplicates are left out, each with its reason in prepared.jsonl and on the page
      removed.html. Your own files are only read. The same command gives the same bytes, and goes
      on with a folder that was interrupted.

      Examples:
        atelier data prepare photos --out clean --size 64
        atelier data prepare photos --out clean --dry-run
        atelier data prepare photos --out clean --keep 'cats/IMG 2.jpg' --balance smallest
        atelier data prepare scans --out clean --size 48x64 --fit pad --background black
        atelier data prepare photos --out clean --license CC-BY-4.0 --consent 'all are my own'
        atelier train vae --data clean
      """)

  @Argument(help: "A folder or .zip of PNG and JPEG; sub-folders are labels.")
  var source: String

  @Option(
    help: ArgumentHelp("The folder for the results, new or of this command.", valueName: "folder"))
  var out: String

  @OptionGroup var options: PreparationArguments

  @Flag(help: "Say what would be done, and write nothing.")
  var dryRun = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    if source.isEmpty || out.isEmpty {
      throw UsageError.wrongValue(
        "", place: source.isEmpty ? "<source>" : "--out", expected: "the path of a folder")
    }
    let asked = try options.preparationOptions()
    let folder = PreparedFolder(path: out)
    try folder.check(source: source)
    Interruption.watch()
    let reading = ReadingDisplay()
    defer { reading.close() }
    let preparation = try Preparation(source, asked, progress: reading.receive)
    reading.close()
    if !dryRun { try write(preparation, to: folder) }
    let report = PreparationReport(preparation, folder: out, isDryRun: dryRun)
    if json { try Console.result(report.json) } else { try report.print() }
  }

  private func write(_ preparation: Preparation, to folder: PreparedFolder) throws {
    let writing = ReadingDisplay("writing")
    defer { writing.close() }
    Interruption.noteStep()
    let isWhole = try folder.write(
      preparation, progress: writing.receive, shouldStop: { Interruption.isRequested })
    guard isWhole else {
      writing.close()
      Console.note("\(out) is unfinished; the same command goes on with it")
      throw Interrupted()
    }
  }
}
