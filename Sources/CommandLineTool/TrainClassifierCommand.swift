import ArgumentParser
import Models
import Training

struct TrainClassifierCommand: ModelTrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "classifier",
    abstract: "Train a classifier of labelled pictures, such as judges generators by its features.",
    discussion: """
      Keys of --set:
      \(example.keys)

      Its best checkpoint is the one with the fewest errors on held-out pictures.

      Examples:
        atelier train classifier --data fashion-mnist --epochs 12 --schedule cosine
        atelier train classifier --data my-folders --size 64 --mirror --shift 4
      """)

  @OptionGroup var data: TrainingDataOptions

  @Option(
    help: ArgumentHelp(
      "convolutional, or lenet (LeNet-5). (default: convolutional)", valueName: "preset"),
    transform: { try choice($0, "--preset") })
  var preset = ClassifierConfiguration.Preset.convolutional

  @OptionGroup var training: TrainingOptions
  @OptionGroup var device: DeviceOption

  var example: ModelConfiguration { Self.example }

  func model(of data: TrainingData) throws -> ModelConfiguration {
    guard data.classNames.count > 1 else { throw TrainingError.noClasses(data: self.data.source) }
    let shape = data.pictureShape
    return .classifier(
      ClassifierConfiguration(
        height: shape[0], width: shape[1], channels: shape[2], classes: data.classNames.count,
        preset: preset))
  }

  private static var example: ModelConfiguration {
    .classifier(ClassifierConfiguration(height: 28, width: 28, channels: 1, classes: 10))
  }
}
