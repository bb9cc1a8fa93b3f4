import ArgumentParser
import FileFormats
import RelationalContext
import Training

struct GRCExploreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Turn a fit's shapes in a page of your browser, or look at them in numbers.",
    discussion: """
      --html writes one page that works without a network: sliders for time, morphology and
      context move the shape, which can be saved as OBJ and GLB.

      Without it, says of each shape that is asked for where its context lies and how surely
      the networks know it: the distance between it and what they make of it again, as a multiple
      of the templates' own.

      Examples:
        atelier grc explore runs/petals --html petals.html
        atelier grc explore runs/petals --between 0:1:5 --time 0.8
        atelier grc explore runs/petals --beyond 0:2:9 --time 0.8 --json
      """)

  @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run"))
  var folder: String

  @OptionGroup var shapes: ShapeOptions

  @Option(help: ArgumentHelp("Write the page.", valueName: "file"))
  var html: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let fit = try FittedContext(RunFolder(path: folder))
    if let html { return try writePage(fit, html) }
    let own = try fit.templateRegenerationError()
    let frames = try shapes.frames(of: fit)
    if json {
      return try Console.result([
        "templateRegenerationError": .number(own),
        "shapes": .array(frames.map { self.json($0, fit) }),
      ])
    }
    for frame in frames { try Console.result(line(frame, fit, own)) }
  }

  private func writePage(_ fit: FittedContext, _ path: String) throws {
    guard fit.hasPage else {
      throw UsageError.wrongValue(
        path, place: "--html",
        expected: "a fit of at least two meshes with a context; look at tables by 'grc figures'")
    }
    if path.isEmpty || RunFolder.isFolder(path) {
      throw UsageError.wrongValue(path, place: "--html", expected: "the name of a file")
    }
    try ExplorerPage(fit).write(to: path)
    try Console.result(json ? JSONValue.object(["page": .string(path)]).encoded : path)
  }

  private func json(_ frame: ShapeFrame, _ fit: FittedContext) -> JSONValue {
    [
      "time": .number(Double(fit.templates.timeAxis.value(frame.time))),
      "regenerationError": .number(frame.regenerationError),
      "points": .array(
        frame.path.points.map { .array($0.numbers.map { .number(Double($0)) }) }),
      "rows": .array(frame.rows.map { .number(Double($0)) }),
    ]
  }

  private func line(_ frame: ShapeFrame, _ fit: FittedContext, _ own: Double) -> String {
    let contexts = frame.path.points.flatMap(\.context)
    let axis = fit.templates.timeAxis
    let range =
      contexts.isEmpty
      ? ""
      : "context \(ProgressDisplay.number(Double(contexts.min()!)))…\(ProgressDisplay.number(Double(contexts.max()!)))  "
    let ratio = own > 0 ? frame.regenerationError / own : 0
    return "\(axis.name) \(ProgressDisplay.number(Double(axis.value(frame.time))))  \(range)"
      + "found again within \(ProgressDisplay.number(frame.regenerationError)),"
      + " \(ProgressDisplay.number(ratio)) times the templates' own"
  }
}
