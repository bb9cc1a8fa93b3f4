import ArgumentParser

struct GRCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grc",
    abstract: "Find the space between shapes, and beyond them (Generative Relational Context).",
    discussion: """
      Two or more shapes that change over time are fitted by two small networks; what
      tells the shapes apart emerges as a context. Between the shapes' contexts, and
      beyond them, lie shapes that no one made.

      Examples:
        atelier grc fit --out runs/petals
        atelier grc explore runs/petals --html petals.html
        atelier grc figures runs/petals
        atelier grc export runs/petals --between 0.5 --out half.glb
      """,
    subcommands: [
      GRCFitCommand.self, GRCExploreCommand.self, GRCFiguresCommand.self, GRCExportCommand.self,
      GRCMeasureCommand.self,
    ])
}
