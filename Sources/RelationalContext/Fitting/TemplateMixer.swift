import Models
import Tensors

/// Draws the rows of an epoch: a random mix of the template models at places of the map.
struct TemplateMixer {
  private let templateModels: [Perceptron]
  private let configuration: FitConfiguration
  private let places: Tensor
  private let low, extent: Tensor
  /// The corners of all mixes at the places of the grid, where rows lie there alone: worked out
  /// once.
  private let onGrid: [Tensor]?
  /// What the first of two corners has more than the second there.
  private let difference: Tensor?
  private var device: Device { places.device }

  /// Mixes `templateModels`, which were fitted to the templates of `set`, in order.
  init(
    _ set: TemplateSet, templateModels: [Perceptron], _ configuration: FitConfiguration,
    on device: Device
  ) {
    precondition(
      templateModels.count == set.templates.count, "\(templateModels.count) template models")
    (self.templateModels, self.configuration) = (templateModels, configuration)
    let places = Tensor(set.grid, on: device)
    self.places = places
    let (first, last) = ([set.times[0], set.rows[0]], [set.times.last!, set.rows.last!])
    low = Tensor(first, shape: [2], on: device)
    extent = Tensor(zip(last, first).map { $0 - $1 }, shape: [2], on: device)
    let isOnGrid = configuration.sampling == .grid
    let onGrid =
      isOnGrid ? Self.corners(of: templateModels, places, margin: configuration.mixingMargin) : nil
    difference = onGrid.flatMap { $0.count == 2 ? $0[0] - $0[1] : nil }
    self.onGrid = onGrid
  }

  /// The places of every epoch's rows, where they are the same in all.
  var fixedPlaces: Tensor? { onGrid == nil ? nil : places }

  /// The rows of an epoch, `[N, rowSize]`, and their places, `[N, 2]`.
  func draw(epoch: Int) -> (rows: Tensor, map: Tensor) {
    if let onGrid { return (mix(onGrid, epoch), places) }
    let key = RandomKey(seed: configuration.seed, stream: RandomStream.data, step: UInt32(epoch))
    let map = Tensor.uniform([configuration.rowsPerEpoch, 2], key: key, on: device) * extent + low
    let corners = Self.corners(of: templateModels, map, margin: configuration.mixingMargin)
    return (mix(corners, epoch), map)
  }

  /// What an epoch's rows are mixed of at these places: the rows of every template, each moved away
  /// from all others by a margin.
  ///
  /// Mixing these by weights from 0 to 1 is mixing the templates by weights that add up to 1 and go
  /// from −margin on: templates do not lie at the edge of what is learnt, where a network does worst.
  private static func corners(
    of templateModels: [Perceptron], _ places: Tensor, margin: Float
  ) -> [Tensor] {
    let rows = templateModels.map { network in network.parameters.frozen { network(places) } }
    if margin == 0 || rows.count == 1 { return rows }
    let sum = rows.dropFirst().reduce(rows[0], +)
    return rows.map { $0 * (1 + Float(rows.count) * margin) - sum * margin }
  }

  /// These corners by random weights that add up to 1.
  ///
  /// Weights that are uniform on the simplex (of two templates one uniform number, of more
  /// exponential numbers; Devroye 1986, chapter XI, theorem 4.1) are each taken to a power and
  /// divided by their sum. Without it mixes near one template would hardly ever be seen; with
  /// the number of templates as the power they are common however many there are.
  private func mix(_ rows: [Tensor], _ epoch: Int) -> Tensor {
    if rows.count == 1 { return rows[0] }
    let key = RandomKey(seed: configuration.seed, stream: RandomStream.noise, step: UInt32(epoch))
    let count = configuration.mixing == .row ? rows[0].shape[0] : 1
    if rows.count == 2 {
      let share = Tensor.uniform([count, 1], key: key, on: device)
      let largest = Tensor.maximum(share, 1 - share)
      let (first, second) = (powered(share, largest), powered(1 - share, largest))
      return rows[1] + first / (first + second) * (difference ?? rows[0] - rows[1])
    }
    // Uniform numbers are below 1 and may be 0, so 1 less them has a logarithm.
    let uniform = Tensor.uniform([count, rows.count], key: key, on: device)
    let exponential = -(1 - uniform).log()
    let powers = powered(exponential, exponential.max(axes: [1], keepingDimensions: true))
    let weights = powers / powers.sum(axes: [1], keepingDimensions: true)
    return rows.enumerated().map { weights.sliced($0..<$0 + 1, axis: 1) * $1 }
      .reduce(rows[0].zerosLike(), +)
  }

  /// Shares to the power of the configuration, or of the number of templates.
  ///
  /// High powers are of shares of the largest one, which then neither overflow nor all vanish.
  private func powered(_ shares: Tensor, _ largest: Tensor) -> Tensor {
    switch configuration.mixingPower ?? Float(templateModels.count) {
    case 1: return shares
    case 2: return shares.squared()
    case let power:
      let smallest = Float.leastNormalMagnitude
      return (((shares + smallest) / (largest + smallest)).log() * power).exp()
    }
  }
}
