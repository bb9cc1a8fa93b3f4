import Layers
import Tensors

/// What decides the networks and losses of a ``RelationalContext``.
public struct RelationalContextConfiguration: Sendable, Hashable, Codable {
  /// Numbers of a row of a shape: 21 for seven points in space.
  public var rowSize: Int
  /// Numbers of a context; 1 in the article.
  public var contextSize: Int = 1
  /// Units of the relational network's hidden layers, from the row inwards.
  public var relationalHidden = [15, 10]
  /// Units of the generative network's hidden layers, from the map outwards.
  public var generativeHidden = [10, 15]
  /// Whether the last layers go without ELU.
  public var isLastLinear = true
  /// The value that the relational loss pulls the context to, the same for every template: it tells
  /// nothing about them, so that what tells them apart emerges.
  public var contextTarget: Float = 0
  /// Factor of the context in the relational loss, on prediction and target alike: its square is
  /// the share of the squared error and of its gradient that is left.
  public var contextShare: Float = 0.05

  /// The article's sizes for rows of this many numbers.
  public init(rowSize: Int) { self.rowSize = rowSize }

  /// Numbers of a place on the relational map: time and morphology.
  public static let mapSize = 2

  /// Sizes of the relational network, as the article writes them: [21, 15, 10, 3].
  public var relationalSizes: [Int] {
    [rowSize] + relationalHidden + [Self.mapSize + contextSize]
  }
  /// Sizes of the generative network: [3, 10, 15, 21].
  public var generativeSizes: [Int] {
    [Self.mapSize + contextSize] + generativeHidden + [rowSize]
  }
}

/// Generative Relational Context: a relational network R that finds where a row of a shape lies on
/// the relational map, and a context beside it, and a generative network G that makes the row again
/// of both.
///
/// ```
/// row [N, 21] ─R→ time, morphology | context [N, 2 + 1] ─G→ row [N, 21]
/// lossG = Σ (G(R(row)) − row)²                       goes back through G and R
/// lossR = Σ (f·R(row) − f·[map, contextTarget])²     goes back through R; f = [1, 1, .05]
/// ```
///
/// Rows are random mixes of templates that share the map. The map cannot tell them apart, so that R
/// has to say it by the context, which nothing else asks for: it emerges.
///
/// Source: Guy Lukes, "Using Machine Learning to Augment Artistic Creativity", 2019; the losses are
/// those of its listing.
public struct RelationalContext {
  /// Its sizes and the weights in its losses.
  public let configuration: RelationalContextConfiguration
  /// R: `[N, rowSize]` → `[N, 2 + contextSize]`.
  public let relational: Perceptron
  /// G: `[N, 2 + contextSize]` → `[N, rowSize]`.
  public let generative: Perceptron
  private let filter: Tensor
  /// Nil where there is no context, as in the comparison that shows what it is good for.
  private let contextTarget: Tensor?

  /// New networks.
  ///
  /// - Parameters:
  ///   - configuration: Sizes and weights.
  ///   - seeds: Decide the initial parameters of R and of G.
  ///   - device: Where they lie.
  ///   - dtype: float32, or float64 on the CPU.
  public init(
    _ configuration: RelationalContextConfiguration,
    seeds: (relational: UInt64, generative: UInt64), on device: Device = .cpu,
    dtype: DType = .float32
  ) {
    self.configuration = configuration
    relational = Perceptron(
      configuration.relationalSizes, isLastLinear: configuration.isLastLinear,
      seed: seeds.relational, on: device, dtype: dtype)
    generative = Perceptron(
      configuration.generativeSizes, isLastLinear: configuration.isLastLinear,
      seed: seeds.generative, on: device, dtype: dtype)
    let map = Tensor.ones([RelationalContextConfiguration.mapSize], dtype: dtype, on: device)
    guard configuration.contextSize > 0 else {
      (filter, contextTarget) = (map, nil)
      return
    }
    func context(_ value: Float) -> Tensor {
      Tensor(filling: [configuration.contextSize], with: value, dtype: dtype, on: device)
    }
    filter = Tensor.concatenated([map, context(configuration.contextShare)])
    contextTarget = context(configuration.contextTarget)
  }

  /// Numbers in all weights and biases of both networks of a configuration.
  public static func parameterCount(_ configuration: RelationalContextConfiguration) -> Int {
    Perceptron.parameterCount(configuration.relationalSizes)
      + Perceptron.parameterCount(configuration.generativeSizes)
  }

  /// Place on the map and context of every row: `[N, rowSize]` → `[N, 2 + contextSize]`.
  public func relate(_ rows: Tensor) -> Tensor { relational(rows) }

  /// The row at every place and context: `[N, 2 + contextSize]` → `[N, rowSize]`.
  public func generate(_ places: Tensor) -> Tensor { generative(places) }

  /// Where rows of this map should lie, as the relational loss sees it: behind the mask, `[N, 2]` →
  /// `[N, 2 + contextSize]`.
  public func maskedTarget(map: Tensor) -> Tensor {
    guard let contextTarget else { return map }
    let size = [map.shape[0], configuration.contextSize]
    return Tensor.concatenated([map, contextTarget.broadcast(to: size)], axis: 1) * filter
  }

  /// Both losses of rows.
  ///
  /// - Parameters:
  ///   - rows: `[N, rowSize]`.
  ///   - maskedTarget: Where they should lie, as ``maskedTarget(map:)`` gives it.
  /// - Returns: Scalars. The gradient of their sum is that of the generative loss alone in G, which
  ///   the relational one does not depend on, and the sum of both in R.
  public func losses(
    rows: Tensor, maskedTarget: Tensor
  ) -> (generative: Tensor, relational: Tensor) {
    let places = relate(rows)
    let generativeLoss = generate(places).squaredError(rows).sum()
    let relationalLoss = (places * filter).squaredError(maskedTarget).sum()
    return (generativeLoss, relationalLoss)
  }
}
