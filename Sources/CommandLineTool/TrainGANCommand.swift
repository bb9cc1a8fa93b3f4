import ArgumentParser
import Datasets
import Evaluation
import FileFormats
import Models
import Tensors
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
        hinge    hinge loss, residual blocks, spectral normalisation
        wgan-gp  difference of means, gradient penalty, five updates of the critic to one
        r1       cross-entropy, penalty on the slope at real pictures
        style    a style-based generator: cross-entropy, r1, even paths
        excitation  hinge, small maps weigh large ones, the critic draws pictures again
        small-data  dcgan for 50 to some hundred pictures: the critic draws them again, --augment
                 adaptive
        conditional  hinge, pictures of a class of the data; sample --class NAME
        can      r1 whose pictures are to be of none of the data's classes
        dense    cross-entropy, no convolutions: for small pictures, quick to search

      Keys of --set:
      \(example.keys)

      Examples:
        atelier train gan --data fashion-mnist --steps 4700 --out runs/clothes
        atelier train gan --data my-pictures --size 64 --preset hinge --mirror
        atelier train gan --data my-pictures --augment preview
        atelier train gan --data my-pictures --augment adaptive
        atelier train gan --data shapes --preset dcgan --set r1=1 --set criticNormalization=none
      """)

  @OptionGroup var data: TrainingDataOptions

  @Option(
    help: ArgumentHelp(
      "dcgan, lsgan, hinge, wgan-gp, r1, style, excitation, small-data, conditional, can or dense."
        + " (default: dcgan; of fewer than 1000 training pictures small-data; with --init or --resume that run's)",
      valueName: "preset"),
    transform: { try choice($0, "--preset") })
  var preset: GANConfiguration.Preset?

  @Option(
    help: ArgumentHelp(
      "What the critic sees: none, adaptive (changed as much as it needs, for few pictures), a"
        + " probability of each change such as 0.5, or preview, which writes a sheet of changed"
        + " pictures and trains nothing. (default: none; of small-data adaptive)", valueName: "how"),
    transform: CriticSight.init)
  var augment: CriticSight?

  @OptionGroup var training: TrainingOptions
  @OptionGroup var device: DeviceOption

  /// What was asked for, else what suits so many training pictures.
  private func preset(of pictures: Int) -> GANConfiguration.Preset {
    preset ?? (pictures < 1000 ? .smallData : .dcgan)
  }

  /// That of the run to begin with or to go on with, where no preset is asked for; nil too where there
  /// is no such run, which is told of later.
  private var started: GANConfiguration? {
    let resumed = training.resume == "latest" ? training.out : training.resume
    guard preset == nil, let run = training.start ?? resumed,
      case .gan(let gan) = try? StartingPoint.model(path: run)
    else { return nil }
    return gan
  }

  /// What measured best: docs/models.md has the figures.
  func defaults(of pictures: Int) -> TrainingDefaults {
    let isFew = preset(of: pictures) == .smallData
    let hasStyles = preset == .style || started?.architecture == .style
    return TrainingDefaults(
      batch: isFew ? 32 : 64, rate: hasStyles ? 2e-3 : 5e-4, extent: .pictures(300_000))
  }

  /// With classes, which data may have.
  var example: ModelConfiguration {
    .gan(
      GANConfiguration(
        height: 32, width: 32, channels: 1, classNames: ["a", "b"], preset: preset ?? .dcgan))
  }

  func model(of data: TrainingData) throws -> ModelConfiguration {
    var gan = started ?? usual(of: data)
    (gan.height, gan.width, gan.channels) = data.size
    gan.classNames = data.classNames
    if gan.usesClasses, data.classNames.count < 2 {
      throw TrainingError.noClasses(data: self.data.source)
    }
    switch augment {
    case nil, .preview: break
    case .adaptive: gan.augmentationTarget = 0.6
    case .probability(let value): (gan.augmentation, gan.augmentationTarget) = (value, 0)
    }
    return .gan(gan)
  }

  private func usual(of data: TrainingData) -> GANConfiguration {
    let (size, chosen) = (data.size, preset(of: data.trainingCount))
    if preset == nil, chosen == .smallData {
      Console.note(
        "\(count(data.trainingCount, "training picture", "training pictures")):"
          + " --preset small-data, made for few")
    }
    return GANConfiguration(
      height: size.height, width: size.width, channels: size.channels,
      classNames: data.classNames, preset: chosen)
  }

  func run() throws {
    if augment == .preview { try writePreview() } else { try train() }
  }

  /// What the critic would see, as a picture.
  private func writePreview() throws {
    try training.check()
    let device = try device.select()
    let prepared = try prepare()
    let data = prepared.data
    guard case .gan(let gan) = prepared.settings.model else { return }
    let sheet = try AugmentationPreview.sheet(of: data, gan, on: device)
    let recipe: JSONValue = [
      "format": "atelier-picture/1", "version": .string(atelierVersion), "kind": "augmentation",
      "data": data.identity,
    ]
    let png = PNG.encode(sheet, recipe: recipe, parameters: "\(data.name) as a critic sees it")
    let path = training.out ?? "augment-preview.png"
    try Console.result(try OutputFile.write(png, to: path))
  }

  func judge(of dataset: any Dataset) -> PictureJudge? {
    // Beside the training, so that it takes nothing of the memory that was planned.
    TrainingJudge(of: dataset) { try Judge.builtIn(on: .cpu)[0] }.measure
  }

  private static var example: ModelConfiguration {
    .gan(GANConfiguration(height: 32, width: 32, channels: 1))
  }
}

/// How a critic sees pictures: what `--augment` says.
enum CriticSight: Hashable {
  /// Each change with this probability.
  case probability(Float)
  /// As much changed as keeps the critic from learning pictures by heart.
  case adaptive
  /// Changed, for people to look at.
  case preview

  init(_ text: String) throws(UsageError) {
    switch text {
    case "none": self = .probability(0)
    case "adaptive": self = .adaptive
    case "preview": self = .preview
    default:
      guard let value = Float(text), (0...1).contains(value) else {
        throw .wrongValue(
          text, place: "--augment",
          expected: "none, adaptive, preview, or a probability from 0 to 1")
      }
      self = .probability(value)
    }
  }
}

extension TrainingData {
  fileprivate var size: (height: Int, width: Int, channels: Int) {
    (pictureShape[0], pictureShape[1], pictureShape[2])
  }
}
