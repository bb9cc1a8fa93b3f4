import ArgumentParser
import FileFormats
import RelationalContext
import Training

struct GRCExploreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Turn a fit's shapes in a page of your browser, or look at them in numbers.",
    discussion: """
      --html writes one page that works without a network: sliders for time,
      morphology and context move the shape, which can be saved as OBJ and GLB.

      Without it, says of each shape that is asked for where its context lies and
      how surely the networks know it: the distance between it and what they make of
      it again, as a multiple of the templates' own. Near 1 they know their way;
      where it is much more, they are guessing.

      Examples:
        atelier grc explore runs/petals --html petals.html
        atelier grc explore runs/petals --between 0:1:5 --time 0.8
        atelier grc explore runs/petals --beyond 0:2:9 --time 0.8 --json
      """)

  @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run"))
  var folder: String

  @OptionGroup var shapes: ShapeOptions

  @Option(
    help: ArgumentHelp("Write the page; all shapes are in it.", valueName: "file"))
  var html: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    if html != nil, let other = shapes.given { throw UsageError.conflict("--html", other) }
    let fit = try FittedContext(RunFolder(path: folder))
    if let html { return try writePage(fit, html) }
    let own = try fit.templateRegenerationError()
    let asked = try shapes.shapes(of: fit)
    if json {
      return try Console.result([
        "unit": .string(fit.templates.distanceUnit.rawValue),
        "templateRegenerationError": .number(own),
        "shapes": .array(asked.map { self.json($0, fit) }),
      ])
    }
    for shape in asked { try Console.result(line(shape, fit, own)) }
  }

  private func writePage(_ fit: FittedContext, _ path: String) throws {
    guard fit.hasPage else {
      let found =
        fit.templates.pointsPerRow == 0
        ? "tables" : fit.templates.templates.count < 2 ? "one template" : "no context"
      throw UsageError.wrongValue(
        path, place: "--html",
        expected: "a fit of at least two meshes with a context, this has \(found);"
          + " see it by 'atelier grc figures \(folder)'")
    }
    if path.isEmpty || RunFolder.isFolder(path) {
      throw UsageError.wrongValue(path, place: "--html", expected: "the name of a file")
    }
    try FitFile.write(Array(ExplorerPage(fit).html.utf8), to: path)
    try Console.result(json ? JSONValue.object(["page": .string(path)]).encoded : path)
  }

  private func json(_ shape: AskedShape, _ fit: FittedContext) -> JSONValue {
    let frame = shape.frame
    var members: [String: JSONValue] = [
      "regenerationError": .number(frame.regenerationError),
      "points": .array(
        frame.path.points.map { .array($0.numbers.map { .number(Double($0)) }) }),
      "rows": .array(frame.rows.map { .number(Double($0)) }),
    ]
    if let share = shape.share { members[share.way] = .number(Double(share.amount)) }
    return fit.templates.timeAxis.json(at: frame.time).merging(members)
  }

  private func line(_ shape: AskedShape, _ fit: FittedContext, _ own: Double) -> String {
    let frame = shape.frame
    let axis = fit.templates.timeAxis
    var parts = shape.share.map { ["\($0.way) \(number($0.amount))"] } ?? []
    let time = ProgressDisplay.number(axis.value(frame.time))
    parts.append("\(axis.name) \(axis.word(at: frame.time) ?? time)")
    let contexts = frame.path.points.flatMap(\.context)
    if let low = contexts.min(), let high = contexts.max() {
      parts.append("context \(number(low))…\(number(high))")
    }
    let ratio = own > 0 ? frame.regenerationError / own : 0
    let unit = fit.templates.distanceUnit
    parts.append(
      "found again within \(ProgressDisplay.number(frame.regenerationError))"
        + (unit == .own ? "," : " (\(unit.rawValue)),")
        + " \(ProgressDisplay.number(ratio)) times the templates' own")
    return parts.joined(separator: "  ")
  }

  private func number(_ value: Float) -> String { ProgressDisplay.number(Double(value)) }
}
