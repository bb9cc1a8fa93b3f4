import Models
import Optimizers
import Tensors

/// A template model being fitted: a network from the map to the rows of one template, by plain
/// back-propagation, from several first parameters where the first do not lead near enough.
final class TemplateFitting {
  private let template: Template
  private let index: Int
  private let configuration: FitConfiguration
  private let places, rows: Tensor
  private let scale: RowScale
  private let pointsPerRow: Int
  private var recorded: RecordedStep?

  /// The network of the present attempt, and its optimiser.
  private(set) var network: Perceptron
  private(set) var optimizer: Adam
  /// The network of the best attempt that has ended.
  private(set) var best: Perceptron?
  /// Updates of the present attempt.
  private(set) var step = 0
  /// The error of every attempt that has ended: see ``error(of:)``.
  private(set) var errors: [Float] = []

  init(
    _ set: TemplateSet, _ index: Int, _ configuration: FitConfiguration, on device: Device
  ) {
    (template, self.index) = (set.templates[index], index)
    (self.configuration, scale, pointsPerRow) = (configuration, set.scale, set.pointsPerRow)
    places = Tensor(template.places, on: device)
    rows = Tensor(
      scale.normalized(template.values), shape: [template.places.count, template.rowSize],
      on: device)
    (network, optimizer) = Self.start(template, index, 0, configuration, device)
  }

  private static func start(
    _ template: Template, _ index: Int, _ attempt: Int, _ configuration: FitConfiguration,
    _ device: Device
  ) -> (Perceptron, Adam) {
    let network = Perceptron(
      configuration.templateSizes(rowSize: template.rowSize),
      seed: FitSeeds.template(configuration.seed, index, attempt: attempt), on: device)
    return (network, Adam(network.parameters))
  }

  /// Whether an attempt came within the bound, or all were made.
  var isDone: Bool {
    errors.contains { $0 <= configuration.templateBound }
      || errors.count >= configuration.templateAttempts
  }

  /// Updates between looks at the clock: as of epochs, but each is cheaper.
  var stride: Int {
    let parameters = network.parameters.trainable.reduce(0) { $0 + $1.shape.reduce(1, *) }
    return 5 * FitRun.stride(rows: template.places.count, parameters: parameters)
  }

  /// Updates made in all attempts so far.
  var stepsMade: Int { errors.count * configuration.templateSteps + (isDone ? 0 : step) }

  /// Makes at most this many updates; ends the attempt after its last one, and begins another
  /// where one is needed.
  func advance(_ count: Int) throws(DeviceError) {
    let schedule = LearningRateSchedule(.cosine, peak: Double(configuration.templateRate))
    for _ in 0..<count where !isDone {
      step += 1
      let rate = Float(schedule.rate(step: step, of: configuration.templateSteps))
      if let recorded {
        recorded.replay(UInt32(step), rates: [rate])
      } else {
        recorded = RecordedStep(UInt32(step), on: places.device) { _ in
          update(rate)
          return []
        }
      }
      if step == configuration.templateSteps { try endAttempt() }
    }
  }

  private func update(_ rate: Float) {
    let loss = network(places).squaredError(rows).sum()
    optimizer.step(
      gradients(of: loss, withRespectTo: network.parameters.trainable.map(\.value)), rate: rate)
  }

  private func endAttempt() throws(DeviceError) {
    let error = try error(of: network)
    if errors.allSatisfy({ error < $0 }) || best == nil { best = network }
    errors.append(error)
    if !isDone {
      (network, optimizer) = Self.start(
        template, index, errors.count, configuration, places.device)
      (step, recorded) = (0, nil)
    }
  }

  /// The largest distance of a point, or of a number of a table, from the template's, in the
  /// networks' unit.
  private func error(of network: Perceptron) throws(DeviceError) -> Float {
    let found = try network.parameters.frozen { network(places) }.floats()
    let wanted = try rows.floats()
    let rowSize = template.rowSize
    var largest: Float = 0
    for row in template.places.indices {
      for number in 0..<(pointsPerRow > 0 ? pointsPerRow : rowSize) {
        var square: Float = 0
        for axis in 0..<(pointsPerRow > 0 ? 3 : 1) {
          let place = row * rowSize + axis * pointsPerRow + number
          square += (found[place] - wanted[place]) * (found[place] - wanted[place])
        }
        // A NaN is the largest of all.
        if !(square.squareRoot() <= largest) { largest = square.squareRoot() }
      }
    }
    return largest
  }

  /// Takes up a state: the errors of attempts that have ended and the updates of the present one,
  /// whose arrays, and the best network's, the caller then fills.
  func resume(errors: [Float], step: Int, hasBest: Bool) {
    (self.errors, self.step, recorded) = (errors, step, nil)
    let device = places.device
    let attempt = isDone ? errors.count - 1 : errors.count
    (network, optimizer) = Self.start(template, index, attempt, configuration, device)
    optimizer.resume(at: step)
    best = hasBest ? Self.start(template, index, 0, configuration, device).0 : nil
  }
}

extension Tensor {
  /// Places as rows, `[N, 2]`.
  init(_ places: [MapPlace], on device: Device) {
    self.init(
      places.flatMap { [$0.time, $0.row] }, shape: [places.count, 2], on: device)
  }
}
