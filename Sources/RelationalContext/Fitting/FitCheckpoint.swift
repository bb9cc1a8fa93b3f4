import FileFormats
import Layers
import Models
import Optimizers
import Tensors
import Training

/// A fit as it stands, in a safetensors file: templates, template models, both networks, and what
/// going on from there takes.
///
/// Arrays: `template.K.places` and `template.K.values`, a template model's parameters as
/// `templateModel.K.NAME`, while it is being fitted those of the attempt as
/// `templateModel.K.attempt.NAME` with its optimiser's, then `relational.NAME` and
/// `generative.NAME`, each with `optimizer.NAME`. Metadata: `format`, `epoch`, `templates`, `model`,
/// `fit`, `progress`, `instructionSet` and the checksum of `FileFormats`. Neither time, path, host
/// nor number of threads is in it, so equal fits give equal bytes.
public struct FitCheckpoint: Sendable {
  /// The value of the metadata key `format`.
  static let format = "atelier-grc/1"

  public let path: String
  /// What was fitted to.
  public let templates: TemplateSet
  public let model: RelationalContextConfiguration
  public let configuration: FitConfiguration
  /// Epochs that were made.
  public let epoch: Int
  /// Means over the last epochs; nil before the first.
  public let losses: FitLosses?
  /// What did the arithmetic, such as `avx512`.
  public let instructionSet: String
  /// How far each template model is.
  let progress: [TemplateProgress]
  private let file: Safetensors

  /// Opens and verifies a checkpoint.
  ///
  /// - Throws: A `FileFormatError` for damage, a `TrainingError` for a file of another kind or one
  ///   whose content no fit could have written.
  public init(path: String) throws {
    let file = try Safetensors(path: path)
    try file.verify()
    let format = file.metadata["format"]
    guard format == Self.format, file.hasChecksum else {
      // Not damage: whoever goes on must not begin anew over what another command made.
      throw TrainingError.wrongContent(
        path, expected: "a checkpoint of 'atelier grc fit' (\(Self.format))",
        found: format.map { "format '\($0)'" } ?? "other metadata")
    }
    func read<Value>(_ key: String, _ expected: String, _ make: (JSONValue) throws -> Value?) throws
      -> Value
    {
      guard let text = file.metadata[key] else {
        throw TrainingError.notACheckpoint(path, found: "no '\(key)'")
      }
      let json = try JSONValue(parsing: Array(text.utf8), file: "\(path) (\(key))")
      if let value = try make(json) { return value }
      throw TrainingError.wrongContent(
        path, expected: "\(expected) as '\(key)'",
        found: text.count > 200 ? "\(text.prefix(200))…" : text)
    }
    self.path = path
    self.file = file
    instructionSet = file.metadata["instructionSet"] ?? "unknown"
    epoch = try read("epoch", "a number of epochs below 2^31") {
      $0.integer.flatMap { (0...Int(Int32.max)).contains($0) ? $0 : nil }
    }
    configuration = try read("fit", "settings of a fit") {
      $0.decoded(as: FitConfiguration.self).flatMap { $0.problem == nil ? $0 : nil }
    }
    model = try read("model", "sizes of networks") {
      $0.decoded(as: RelationalContextConfiguration.self).flatMap { $0.problem == nil ? $0 : nil }
    }
    templates = try read("templates", "templates") { try TemplateSet(json: $0, arrays: file) }
    guard templates.rowSize == model.rowSize else {
      throw TrainingError.wrongContent(
        path, expected: "rows of \(model.rowSize) numbers", found: "of \(templates.rowSize)")
    }
    let (count, hasEpochs) = (templates.templates.count, epoch > 0)
    let steps = configuration.templateSteps
    (progress, losses) = try read("progress", "the progress of \(count) template models") { json in
      guard
        let progress = json["templates"]?.array?.compactMap({
          $0.decoded(as: TemplateProgress.self)
        }), progress.count == count,
        progress.allSatisfy({ (0...steps).contains($0.step) }),
        !hasEpochs || progress.allSatisfy({ !$0.errors.isEmpty })
      else { return nil }
      let losses = json["losses"]?.decoded(as: FitLosses.self)
      return hasEpochs && losses == nil ? nil : (progress, losses)
    }
  }

  /// Fills a fit of the same configuration.
  ///
  /// - Throws: `TrainingError.wrongContent` naming the first array that is missing or of another
  ///   shape.
  func restore(_ fits: [TemplateFitting]) throws {
    for (index, fit) in fits.enumerated() {
      fit.resume(
        errors: progress[index].errors, step: progress[index].step,
        hasBest: !progress[index].errors.isEmpty)
      try fill(Self.state(of: fit, index))
    }
  }

  /// Fills both networks and their optimisers.
  func restore(_ fit: RelationalFitting) throws {
    fit.resume(at: epoch)
    try fill(Self.state(of: fit))
  }

  /// Checks that the arrays of all networks are there, before memory is taken for what a file only
  /// says.
  ///
  /// - Throws: `TrainingError.wrongContent` naming the first array that is missing or of another
  ///   shape.
  func checkNetworks() throws {
    let templateSizes = configuration.templateSizes(rowSize: model.rowSize)
    let networks =
      templates.templates.indices.map { ("templateModel.\($0)", templateSizes) }
      + [("relational", model.relationalSizes), ("generative", model.generativeSizes)]
    for (name, sizes) in networks {
      for (layer, size) in zip(sizes, sizes.dropFirst()).enumerated() {
        _ = try entry("\(name).\(layer).weight", shape: [size.1, size.0])
        _ = try entry("\(name).\(layer).bias", shape: [size.1])
      }
    }
  }

  private func entry(_ name: String, shape: [Int]) throws -> Safetensors.Entry {
    let entry = file[name]
    guard let entry, entry.shape == shape, entry.elementType == .float32 else {
      throw TrainingError.wrongContent(
        path, expected: "array '\(name)' of float32 \(shape)",
        found: entry.map { "\($0.elementType) \($0.shape)" } ?? "none")
    }
    return entry
  }

  /// Fills the networks of a fit that ended, without what going on takes.
  func restore(_ model: RelationalContext, templateModels: [Perceptron]) throws {
    for (index, network) in templateModels.enumerated() {
      try fill(network.parameters.arrays("templateModel.\(index)"))
    }
    try fill(model.relational.parameters.arrays("relational"))
    try fill(model.generative.parameters.arrays("generative"))
  }

  private func fill(_ arrays: [(name: String, tensor: Tensor)]) throws {
    for (name, tensor) in arrays {
      let array = try file.array(entry(name, shape: tensor.shape))
      guard array.isFinite else {
        throw TrainingError.wrongContent(
          path, expected: "finite numbers in array '\(name)'", found: "others")
      }
      let source = array.bytes.withUnsafeBytes {
        Tensor(bytes: $0, shape: array.shape, dtype: .float32, on: tensor.device)
      }
      ParameterUpdate.assign(source, to: tensor)
    }
  }

  /// The bytes of a checkpoint of a fit as it is now.
  ///
  /// - Throws: The device's failure, or `TrainingError.diverged` where a number is not finite.
  static func encode(
    _ templates: TemplateSet, _ configuration: FitConfiguration, _ fits: [TemplateFitting],
    _ relational: RelationalFitting?, losses: FitLosses?, model: RelationalContextConfiguration,
    lastGood: String?, device: Device
  ) throws -> [UInt8] {
    var arrays = templates.arrays
    let live =
      fits.enumerated().flatMap { state(of: $0.element, $0.offset) }
      + (relational.map { state(of: $0) } ?? [])
    for (name, tensor) in live {
      let array = try NumericArray(reading: tensor)
      guard array.isFinite else {
        throw TrainingError.diverged(
          step: relational?.epoch ?? 0,
          what: "array '\(name)' holds numbers that are not finite", lastGood: lastGood)
      }
      arrays[name] = array
    }
    let progress = fits.map { TemplateProgress(errors: $0.errors, step: $0.step) }
    return Safetensors.encode(
      arrays,
      metadata: [
        "format": format, "epoch": String(relational?.epoch ?? 0),
        "templates": templates.json.encoded, "model": JSONValue(encoding: model).encoded,
        "fit": JSONValue(encoding: configuration).encoded,
        "progress": JSONValue.object([
          "templates": .array(progress.map { JSONValue(encoding: $0) }),
          "losses": losses.map { JSONValue(encoding: $0) } ?? .null,
        ]).encoded,
        "instructionSet": device.instructionSetName,
      ])
  }

  private static func state(of fit: TemplateFitting, _ index: Int) -> [(
    name: String, tensor: Tensor
  )] {
    let name = "templateModel.\(index)"
    var arrays = fit.best.map { $0.parameters.arrays(name) } ?? []
    if !fit.isDone {
      arrays += fit.network.parameters.arrays("\(name).attempt")
      arrays += state(of: fit.optimizer, "\(name).attempt")
    }
    return arrays
  }

  private static func state(of fit: RelationalFitting) -> [(name: String, tensor: Tensor)] {
    fit.model.relational.parameters.arrays("relational")
      + state(of: fit.relationalOptimizer, "relational")
      + fit.model.generative.parameters.arrays("generative")
      + state(of: fit.generativeOptimizer, "generative")
  }

  private static func state(of optimizer: Adam, _ name: String) -> [(
    name: String, tensor: Tensor
  )] {
    optimizer.state.map { ("\(name).optimizer.\($0.name)", $0.buffer) }
  }
}

extension ParameterSet {
  /// Every parameter by its name after that of its network.
  fileprivate func arrays(_ network: String) -> [(name: String, tensor: Tensor)] {
    trainable.map { ("\(network).\($0.name)", $0.value.detached()) }
  }
}

/// How far a template model's fit is.
struct TemplateProgress: Sendable, Hashable, Codable {
  /// Of each attempt that has ended.
  var errors: [Float]
  /// Updates of the present one.
  var step: Int
}

/// Losses of epochs, as means over several.
public struct FitLosses: Sendable, Hashable, Codable {
  /// Σ (genOutput − genTarget)² and the masked Σ (relOutput − relTarget)².
  public var generative, relational: Double
}
