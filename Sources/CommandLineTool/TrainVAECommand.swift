import ArgumentParser
import Models
import Training

struct TrainVAECommand: ModelTrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "vae",
    abstract: "Train a variational autoencoder (Kingma and Welling 2014).",
    discussion: """
      Keys of --set:
      \(example.keys)

      A loss that becomes NaN ends the training with status 65 and names the last good
      checkpoint. Ctrl-C saves and leaves with status 130, at once where no step was made;
      --resume latest goes on, bit for bit.

      Examples:
        atelier train vae --data fashion-mnist --epochs 3 --out runs/first
        atelier train vae --data my-pictures --size 64 --preset convolutional
        atelier train vae --data shapes --steps 500 --set latentSize=8 --set clip=1
        atelier train vae --data shapes --steps 500 --out runs/try --resume latest
      """)

  @OptionGroup var data: TrainingDataOptions

  @Option(
    help: ArgumentHelp(
      "dense (small grey pictures) or convolutional (from 32x32 on, and for colour). (default: dense)",
      valueName: "preset"),
    transform: { try choice($0, "--preset") })
  var preset = VAEConfiguration.Preset.dense

  @OptionGroup var training: TrainingOptions
  @OptionGroup var device: DeviceOption

  var example: ModelConfiguration { Self.example }

  func model(of data: TrainingData) -> ModelConfiguration {
    let shape = data.pictureShape
    return .vae(
      VAEConfiguration(height: shape[0], width: shape[1], channels: shape[2], preset: preset))
  }

  private static var example: ModelConfiguration {
    .vae(VAEConfiguration(height: 1, width: 1, channels: 1))
  }
}
