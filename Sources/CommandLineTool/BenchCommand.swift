import ArgumentParser

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time kernels and training steps, alone or beside other programs.",
    subcommands: [BenchKernelsCommand.self, BenchTrainingCommand.self])
}
