import Models
import Tensors
import Training

/// A place in design space: on the relational map, and in the context beside it.
public struct DesignPoint: Sendable, Hashable {
  public var place: MapPlace
  /// The emergent context's numbers.
  public var context: [Float]

  public init(_ place: MapPlace, context: [Float]) { (self.place, self.context) = (place, context) }

  /// Time, row, then the context: what the generative network takes.
  public var numbers: [Float] { [place.time, place.row] + context }

  /// - Precondition: at least two numbers.
  public init(numbers: [Float]) {
    self.init(MapPlace(time: numbers[0], row: numbers[1]), context: Array(numbers[2...]))
  }
}

/// A fit to be explored: rows are found in design space, and points of it made into rows.
///
/// Rows are in the templates' own unit.
public struct FittedContext {
  public let templates: TemplateSet
  public let configuration: FitConfiguration
  public let model: RelationalContextConfiguration
  /// Epochs that were made.
  public let epoch: Int
  /// Means over the last of them.
  public let losses: FitLosses?
  /// The least error of each template model: the largest distance of a point, or of a number of a
  /// table, in the templates' unit of distances.
  public let templateErrors: [Float]
  /// How often each template model was fitted, from other first parameters, until one came within
  /// the bound.
  public let templateAttempts: [Int]
  /// The checkpoint that it is from.
  public let checkpoint: String

  let networks: RelationalContext
  let templateModels: [Perceptron]
  private let device: Device

  /// The newest state of a run.
  ///
  /// - Throws: `TrainingError.notARun` or `.noCheckpoint`, a `FileFormatError` for damage.
  public init(_ folder: RunFolder, on device: Device = .cpu) throws {
    guard folder.isRun else { throw TrainingError.notARun(folder.path) }
    let (newest, damaged) = try folder.newestFitCheckpoint()
    guard let newest else { throw TrainingError.noCheckpoint(run: folder.path, damaged: damaged) }
    try self.init(newest, on: device)
  }

  /// - Throws: `TrainingError.wrongContent` where template models or networks are missing, as they
  ///   are before the first epoch.
  public init(_ checkpoint: FitCheckpoint, on device: Device = .cpu) throws {
    guard checkpoint.epoch > 0 else {
      throw TrainingError.wrongContent(
        checkpoint.path, expected: "a fit of at least one epoch",
        found: "one that has just begun; go on with 'atelier grc fit --resume'")
    }
    try checkpoint.checkNetworks()
    (templates, configuration) = (checkpoint.templates, checkpoint.configuration)
    (model, epoch, losses) = (checkpoint.model, checkpoint.epoch, checkpoint.losses)
    let factor = checkpoint.templates.distanceFactor
    templateErrors = checkpoint.progress.map { ($0.errors.min() ?? .infinity) * factor }
    templateAttempts = checkpoint.progress.map(\.errors.count)
    self.checkpoint = checkpoint.path
    self.device = device
    networks = RelationalContext(model, seeds: (0, 0), on: device)
    templateModels = templates.templates.map { [configuration] template in
      Perceptron(configuration.templateSizes(rowSize: template.rowSize), seed: 0, on: device)
    }
    try checkpoint.restore(networks, templateModels: templateModels)
  }

  /// The same templates and template models with other networks.
  init(
    _ fit: FittedContext, _ model: RelationalContextConfiguration, _ networks: RelationalContext
  ) {
    (templates, configuration, epoch) = (fit.templates, fit.configuration, fit.epoch)
    (templateErrors, templateAttempts) = (fit.templateErrors, fit.templateAttempts)
    (checkpoint, templateModels) = (fit.checkpoint, fit.templateModels)
    (self.model, self.networks, losses, device) = (model, networks, nil, .cpu)
  }

  /// The error with which a template model was taken at once, in the same unit.
  public var templateBound: Float { configuration.templateBound * templates.distanceFactor }

  /// Where each of these rows lies in design space, as the relational network finds it.
  public func relate(_ rows: [Float]) throws(DeviceError) -> [DesignPoint] {
    let count = rows.count / templates.rowSize
    precondition(rows.count == count * templates.rowSize, "\(rows.count) numbers are no rows")
    if count == 0 { return [] }
    let input = Tensor(
      templates.scale.normalized(rows), shape: [count, templates.rowSize], on: device)
    let found = try networks.relational.parameters.frozen { networks.relate(input) }.floats()
    let size = found.count / count
    return (0..<count).map { DesignPoint(numbers: Array(found[$0 * size..<($0 + 1) * size])) }
  }

  /// The row at each of these points, one after another.
  public func generate(_ points: [DesignPoint]) throws(DeviceError) -> [Float] {
    if points.isEmpty { return [] }
    let input = Tensor(
      points.flatMap(\.numbers), shape: [points.count, 2 + model.contextSize], on: device)
    let made = try networks.generative.parameters.frozen { networks.generate(input) }.floats()
    return templates.scale.restored(made)
  }

  /// The rows of a template anywhere on the map, by its template model.
  public func rows(ofTemplate index: Int, at places: [MapPlace]) throws(DeviceError) -> [Float] {
    if places.isEmpty { return [] }
    let network = templateModels[index]
    let made = try network.parameters.frozen { network(Tensor(places, on: device)) }.floats()
    return templates.scale.restored(made)
  }

  /// Where a template lies in design space at a time: its own rows where it has that time, those of
  /// its model else.
  public func trace(
    ofTemplate index: Int, at time: Float, rows: [Float]? = nil
  ) throws(DeviceError) -> [DesignPoint] {
    let template = templates.templates[index]
    let places = (rows ?? templates.rows).map { MapPlace(time: time, row: $0) }
    if template.rowPlaces(at: time) == places { return try relate(template.rows(at: time)) }
    return try relate(self.rows(ofTemplate: index, at: places))
  }

  /// The distance of every row at these points from what the networks make of it again, in the
  /// templates' ``TemplateSet/distanceUnit``: near the templates' own where the fit knows its way,
  /// more beyond.
  ///
  /// The article suggests it as the density of training at a place.
  public func regenerationError(_ points: [DesignPoint]) throws(DeviceError) -> [Double] {
    let source = try generate(points)
    let again = try generate(relate(source))
    let size = templates.rowSize
    return points.indices.map { index in
      let row = index * size..<(index + 1) * size
      return templates.distance(source[row], again[row])
    }
  }

  /// The same of the templates' own rows: what to compare with.
  public func templateRegenerationError() throws(DeviceError) -> Double {
    let rows = templates.templates.flatMap(\.values)
    return templates.distance(rows, try generate(relate(rows)))
  }
}
