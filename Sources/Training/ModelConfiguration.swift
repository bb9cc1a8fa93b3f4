import FileFormats
import Models
import Tensors

/// Which model is trained: one case a family.
public enum ModelConfiguration: Sendable, Hashable {
  case vae(VAEConfiguration)

  /// The family's word: in `atelier train KIND`, in names of runs and in checkpoints.
  public var kind: String {
    switch self {
    case .vae: "vae"
    }
  }

  /// Height, width and channels of its pictures.
  public var pictureShape: [Int] {
    switch self {
    case .vae(let vae): vae.pictureShape
    }
  }

  /// Why no model can be built from this, or nil.
  public var problem: String? {
    switch self {
    case .vae(let vae): vae.problem
    }
  }

  /// The most examples that fit a batch.
  ///
  /// - Precondition: there is no ``problem``.
  public var largestBatch: Int {
    switch self {
    case .vae(let vae): vae.largestBatch
    }
  }

  /// How many parts of the model have an optimiser of their own.
  var playerCount: Int {
    switch self {
    case .vae: 1
    }
  }

  /// Name and shape of every array in a checkpoint of this model, trained so; all are float32.
  ///
  /// - Precondition: there is no ``problem``.
  func arrays(_ optimizer: OptimizerConfiguration) -> [(name: String, shape: [Int])] {
    switch self {
    case .vae(let vae):
      vae.parameterShapes + optimizer.stateNames.map { ("optimizer.\($0)", [vae.parameterCount]) }
    }
  }

  /// All that decides the model, as a checkpoint keeps it.
  public var json: JSONValue {
    switch self {
    case .vae(let vae): JSONValue(encoding: vae).merging(["kind": .string(kind)])
    }
  }

  /// The model that a checkpoint describes, or nil for one that this version does not know, that
  /// cannot be built or whose pictures no file could hold.
  public init?(json: JSONValue) {
    switch json["kind"]?.string {
    case "vae":
      guard let vae = json.decoded(as: VAEConfiguration.self),
        (1...Picture.maximumSide).contains(vae.height),
        (1...Picture.maximumSide).contains(vae.width), [1, 3, 4].contains(vae.channels),
        vae.problem == nil
      else { return nil }
      self = .vae(vae)
    default: return nil
    }
  }

  /// A new model with parameters drawn from `seed`, and the optimiser that will train it.
  func makeModel(
    seed: UInt64, optimizer: OptimizerConfiguration, on device: Device
  ) -> any TrainableModel {
    switch self {
    case .vae(let vae):
      TrainableVAE(VAE(vae, seed: seed, on: device), optimizer: optimizer)
    }
  }
}
