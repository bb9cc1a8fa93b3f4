import ArgumentParser
import Models
import Training

struct TrainGANCommand: ModelTrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "gan",
    abstract: "Train a generator against a critic (Goodfellow and others 2014).",
    discussion: """
      A step shows one batch to the critic; every criticSteps the generator learns too. Sheets
      and samples are made by the average of the generator (averageDecay).

      Presets are combinations of settings, all of which can be changed:
        dcgan    cross-entropy, batch normalisation
        lsgan    squares in its place
        hinge    hinge loss, spectral normalisation
        wgan-gp  difference of means, gradient penalty, five updates of the critic to one
        r1       cross-entropy, penalty on the slope at real pictures

      Keys of --set:
      \(example.keys)

      Examples:
        atelier train gan --data fashion-mnist --steps 4700 --out runs/clothes
        atelier train gan --data my-pictures --size 64 --preset hinge --mirror
        atelier train gan --data shapes --preset dcgan --set r1=1 --set criticNormalization=none
      """)

  @OptionGroup var data: TrainingDataOptions

  @Option(
    help: ArgumentHelp(
      "dcgan, lsgan, hinge, wgan-gp or r1. (default: dcgan)", valueName: "preset"),
    transform: { try choice($0, "--preset") })
  var preset = GANConfiguration.Preset.dcgan

  @OptionGroup var training: TrainingOptions
  @OptionGroup var device: DeviceOption

  var defaults: (batch: Int, rate: Double) { (64, 2e-4) }

  var example: ModelConfiguration { Self.example }

  func model(of data: TrainingData) -> ModelConfiguration {
    let shape = data.pictureShape
    return .gan(
      GANConfiguration(height: shape[0], width: shape[1], channels: shape[2], preset: preset))
  }

  private static var example: ModelConfiguration {
    .gan(GANConfiguration(height: 32, width: 32, channels: 1))
  }
}
