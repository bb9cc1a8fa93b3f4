import FileFormats
import Models
import Tensors

/// Which model is trained: one case a family.
public enum ModelConfiguration: Sendable, Hashable {
  case vae(VAEConfiguration)
  case classifier(ClassifierConfiguration)
  case gan(GANConfiguration)

  /// The family's word: in `atelier train KIND`, in names of runs and in checkpoints.
  public var kind: String {
    switch self {
    case .vae: "vae"
    case .classifier: "classifier"
    case .gan: "gan"
    }
  }

  /// Height, width and channels of its pictures.
  public var pictureShape: [Int] {
    switch self {
    case .vae(let vae): vae.pictureShape
    case .classifier(let classifier): classifier.pictureShape
    case .gan(let gan): gan.pictureShape
    }
  }

  /// Why no model can be built from this, or nil.
  public var problem: String? {
    switch self {
    case .vae(let vae): vae.problem
    case .classifier(let classifier): classifier.problem
    case .gan(let gan): gan.problem
    }
  }

  /// The most examples that fit a batch.
  ///
  /// - Precondition: there is no ``problem``.
  public var largestBatch: Int {
    switch self {
    case .vae(let vae): vae.largestBatch
    case .classifier(let classifier): classifier.largestBatch
    case .gan(let gan): gan.largestBatch
    }
  }

  /// Names of the classes that pictures can be asked to be of; empty where they cannot.
  public var classNames: [String] {
    if case .gan(let gan) = self, gan.isConditional { gan.classNames } else { [] }
  }

  /// The same without names of classes that play no part.
  public var withoutIdleClasses: ModelConfiguration {
    guard case .gan(var gan) = self, !gan.usesClasses else { return self }
    gan.classNames = []
    return .gan(gan)
  }

  /// How the family is trained unless told otherwise.
  public var defaultOptimizer: OptimizerConfiguration {
    var optimizer = OptimizerConfiguration()
    if case .gan(let gan) = self {
      // The papers': half the usual memory of gradients, none for critics of bounded slope.
      (optimizer.beta1, optimizer.beta2) =
        [.hinge, .wasserstein].contains(gan.loss) || gan.r1 > 0 ? (0, 0.9) : (0.5, 0.999)
      optimizer.averageDecay = 0.999
      if gan.architecture == .style {
        // Its scaled weights move so far in a thousand steps that their mean is no model: an average
        // of about 10 thousand pictures, as in the paper, and its memory of squares.
        (optimizer.beta2, optimizer.averageDecay) = (0.99, 0.995)
      }
    }
    return optimizer
  }

  /// How many parts of the model have an optimiser of their own.
  var playerCount: Int {
    switch self {
    case .vae, .classifier: 1
    case .gan: 2
    }
  }

  /// Name and shape of every array in a checkpoint of this model, trained so; all are float32.
  ///
  /// - Precondition: there is no ``problem``.
  func arrays(_ optimizer: OptimizerConfiguration) -> [(name: String, shape: [Int])] {
    switch self {
    case .vae(let vae):
      vae.parameterShapes + optimizer.arrays(of: vae.parameterCount)
    case .classifier(let classifier):
      classifier.arrayShapes + optimizer.arrays(of: classifier.parameterCount)
    case .gan(let gan): arrays(of: gan, optimizer)
    }
  }

  private func arrays(
    of gan: GANConfiguration, _ optimizer: OptimizerConfiguration
  ) -> [(name: String, shape: [Int])] {
    let (shapes, counts) = (gan.arrayShapes, gan.parameterCounts)
    let generator = shapes.generator + optimizer.arrays(of: counts.generator)
    let critic = shapes.critic + optimizer.ofCritic.arrays(of: counts.critic)
    return generator.map { ("generator.\($0)", $1) } + critic.map { ("critic.\($0)", $1) }
  }

  /// All that decides the model, as a checkpoint keeps it.
  public var json: JSONValue {
    switch self {
    case .vae(let vae): JSONValue(encoding: vae).merging(["kind": .string(kind)])
    case .classifier(let classifier):
      JSONValue(encoding: classifier).merging(["kind": .string(kind)])
    case .gan(let gan): JSONValue(encoding: gan).merging(["kind": .string(kind)])
    }
  }

  /// The model that a checkpoint describes, or nil for one that this version does not know, that
  /// cannot be built or whose pictures no file could hold.
  public init?(json: JSONValue) {
    switch json["kind"]?.string {
    case "vae":
      guard let vae = json.decoded(as: VAEConfiguration.self) else { return nil }
      self = .vae(vae)
    case "classifier":
      guard
        let classifier = Self.laterClassifierKeys.merging(json.object ?? [:]).decoded(
          as: ClassifierConfiguration.self)
      else { return nil }
      self = .classifier(classifier)
    case "gan":
      guard
        let gan = Self.laterGANKeys.merging(json.object ?? [:]).decoded(
          as: GANConfiguration.self)
      else { return nil }
      self = .gan(gan)
    default: return nil
    }
    let (sides, channels) = (pictureShape.prefix(2), pictureShape[2])
    guard sides.allSatisfy((1...Picture.maximumSide).contains), [1, 3, 4].contains(channels),
      problem == nil
    else { return nil }
  }

  /// What the first classifiers did without saying so.
  private static let laterClassifierKeys: JSONValue = ["noise": 0]
  /// What the first GANs did without saying so.
  private static let laterGANKeys: JSONValue = [
    "architecture": "convolutional", "hidden": [256, 512, 1024], "augmentation": 0,
    "augmentationTarget": 0, "reconstruction": 0, "classNames": [], "isConditional": false,
    "ambiguity": 0, "ambiguityLoss": "uniform",
    "mappingDepth": 4, "pathLength": 0, "pathLengthEvery": 8,
  ]

  /// A new model with parameters drawn from `seed`, and the optimiser that will train it.
  func makeModel(
    seed: UInt64, optimizer: OptimizerConfiguration, on device: Device
  ) -> any TrainableModel {
    switch self {
    case .vae(let vae):
      TrainableVAE(VAE(vae, seed: seed, on: device), optimizer: optimizer)
    case .classifier(let classifier):
      TrainableClassifier(
        Classifier(classifier, seed: seed, on: device), optimizer: optimizer)
    case .gan(let gan):
      TrainableGAN(GAN(gan, seed: seed, on: device), optimizer: optimizer)
    }
  }
}

extension OptimizerConfiguration {
  /// What it keeps of that many parameters.
  fileprivate func arrays(of count: Int) -> [(name: String, shape: [Int])] {
    stateNames.map { ("optimizer.\($0)", [count]) }
  }
}
