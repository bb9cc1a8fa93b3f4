import ArgumentParser

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time kernels and training steps, alone or beside other programs; check a device.",
    subcommands: [
      BenchKernelsCommand.self, BenchTrainingCommand.self, BenchAgreementCommand.self,
    ])
}
