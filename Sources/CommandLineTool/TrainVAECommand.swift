import ArgumentParser
import FileFormats
import Models
import Tensors
import Training

struct TrainVAECommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vae",
    abstract: "Train a variational autoencoder (Kingma and Welling 2014).",
    discussion: """
      Keys of --set:
      \(keys)

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

  func run() throws {
    try training.check()
    // Settings are checked before anything slow is done; the picture's size plays no part in what
    // is wrong with most of them.
    try Settings(model: .vae(VAEConfiguration(height: 1, width: 1, channels: 1)))
      .applying(training.set)
    Interruption.watch()
    let device = try device.select(training.precision)
    Console.note("reading \(self.data.source)")
    let data = try data.open(batch: training.batch, seed: training.seed)
    let configuration = try configuration(data)
    if training.dryRun {
      let json = configuration.json
      try Console.result(training.json ? json.encoded : String(json.prettyEncoded.dropLast()))
      try TrainingSession(configuration, data, device, training).checkMemory()
      return
    }
    try TrainingSession(configuration, data, device, training).run()
  }

  private func configuration(_ data: TrainingData) throws -> RunConfiguration {
    let shape = data.pictureShape
    let settings = try Settings(
      model: .vae(
        VAEConfiguration(height: shape[0], width: shape[1], channels: shape[2], preset: preset))
    ).applying(training.set)
    let largestBatch = settings.model.largestBatch
    if training.batch > largestBatch {
      throw UsageError.wrongValue(
        "\(training.batch)", place: "--batch",
        expected: "at most \(largestBatch) pictures of this size with this model")
    }
    return RunConfiguration(
      dataSource: self.data.source, dataIdentity: data.identity, model: settings.model,
      optimizer: settings.optimizer, schedule: training.learningRate, batchSize: training.batch,
      steps: try training.total(data), seed: training.seed,
      precision: training.precision, cadence: settings.cadence)
  }

  private static var keys: String {
    let model = ModelConfiguration.vae(VAEConfiguration(height: 1, width: 1, channels: 1))
    return Setting.table(Settings(model: model).all)
  }
}
