import ArgumentParser

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model.",
    discussion: """
      Example:
        atelier train vae --data shapes --steps 500
      """,
    subcommands: [TrainVAECommand.self, TrainGANCommand.self, TrainClassifierCommand.self])
}
