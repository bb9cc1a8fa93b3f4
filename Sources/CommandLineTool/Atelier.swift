import ArgumentParser
import Training

/// The `atelier` command: parses, calls the rooms, prints.
@main
struct Atelier: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "atelier",
    abstract: "Make new things with small generative models of your own pictures.",
    discussion: """
      Train a model and look at what it imagines:
        atelier train vae --data fashion-mnist --epochs 3 --out runs/first
        atelier sample runs/first --seeds 0-63 --grid 8x8 --out new.png

      \(ExitStatus.help)
      """,
    version: atelierVersion,
    subcommands: [
      DevicesCommand.self, DataCommand.self, TrainCommand.self, SampleCommand.self,
      EvaluateCommand.self, JudgeCommand.self, BenchCommand.self, TuneCommand.self, GRCCommand.self,
    ])

  static func main() {
    Console.prepare()
    do {
      try Environment.check()
      var command = try parseAsRoot()
      try command.run()
    } catch {
      leave(after: error)
    }
  }

  /// Prints the sentence and exits; a request for help goes to stdout with status 0.
  private static func leave(after error: any Error) -> Never {
    if let status = ExitStatus(error) {
      if !(error is Interrupted) { Console.note("Error: \(error)") }
      exit(withError: ExitCode(status.rawValue))
    }
    guard exitCode(for: error).isSuccess else { exit(withError: error) }
    do {
      try Console.result(fullMessage(for: error))
    } catch {
      leave(after: error)
    }
    exit(withError: ExitCode.success)
  }
}
