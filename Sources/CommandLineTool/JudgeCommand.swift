import ArgumentParser
import Evaluation
import FileFormats
import Foundation
import Training

struct JudgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "judge",
    abstract:
      "Freeze a trained classifier as a judge, by whose features 'atelier evaluate' measures.",
    discussion: """
      Numbers compare only where one judge gave them, so freeze it once and keep the file.

      Examples:
        atelier train classifier --data my-folders --size 64 --epochs 20 --out runs/judge
        atelier judge runs/judge --name fd-mine --out my-judge.safetensors
        atelier evaluate runs/mine --judge my-judge.safetensors
      """)

  @Argument(help: ArgumentHelp("Run of 'atelier train classifier'.", valueName: "run"))
  var folder: String

  @Option(
    help: ArgumentHelp("What its Fréchet distance is called, such as fd-mine.", valueName: "word"))
  var name: String

  @Option(help: ArgumentHelp("The judge's file.", valueName: "file"))
  var out: String

  @Option(
    help: ArgumentHelp("latest, best, a step, or a file. (default: latest)", valueName: "which"))
  var checkpoint: String?

  func run() throws {
    let isWord = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    guard isWord, (1...32).contains(name.count) else {
      throw UsageError.wrongValue(
        name, place: "--name", expected: "letters, digits and hyphens, such as fd-mine")
    }
    guard !FileManager.default.fileExists(atPath: out) else { throw UsageError.wouldOverwrite(out) }
    let bytes = try Judge.frozen(
      RunFolder(path: folder), CheckpointChoice(argument: checkpoint), name: name)
    let judge = try Judge(Safetensors(ByteSource(bytes, name: out)))
    try AtomicFile.write(bytes, to: out)
    try Console.result(
      "\(out): \(judge), \(judge.featureCount) features, \(judge.classCount) classes")
  }
}
