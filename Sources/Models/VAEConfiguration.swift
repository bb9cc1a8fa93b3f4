import Layers
import Tensors

/// Everything that decides a ``VAE``'s parameters and loss.
public struct VAEConfiguration: Sendable, Hashable, Codable {
  /// The family of encoder and decoder.
  public enum Preset: String, Sendable, Hashable, Codable, CaseIterable {
    /// One hidden layer on either side; best for small grey pictures such as 28×28 glyphs.
    case dense
    /// Strided convolutions and their transposes; best from 32×32 on and for colour.
    case convolutional
  }

  /// Size of a picture in pixels, and its channels: 1 for grey, 3 for colour.
  public var height, width, channels: Int
  /// The family of encoder and decoder; it decides which of the sizes below are used.
  public var preset: Preset
  /// Length of a latent vector.
  public var latentSize: Int
  /// Units of each hidden layer of the dense preset, from the picture inwards.
  public var hidden: [Int]
  /// Filters of each convolution, from the picture inwards; each halves the picture.
  public var filters: [Int]
  /// How the decoder's output is read; Bernoulli by default.
  public var likelihood: Likelihood
  /// Weight of the divergence in the loss; 1 is the true bound.
  public var beta: Float

  /// The preset's own sizes: dense 400 hidden units and 20 latents, convolutional 32 and 64 filters
  /// and 32 latents.
  public init(
    height: Int, width: Int, channels: Int, preset: Preset = .dense, latentSize: Int? = nil,
    hidden: [Int] = [400], filters: [Int] = [32, 64], likelihood: Likelihood = .bernoulli,
    beta: Float = 1
  ) {
    (self.height, self.width, self.channels) = (height, width, channels)
    self.preset = preset
    self.latentSize = latentSize ?? (preset == .dense ? 20 : 32)
    self.hidden = hidden
    self.filters = filters
    self.likelihood = likelihood
    self.beta = beta
  }

  /// Height, width, channels.
  public var pictureShape: [Int] { [height, width, channels] }

  /// Why no model can be built from this, or nil.
  ///
  /// Every size is checked before it is multiplied with another, so this answers for any numbers,
  /// those of a hostile file included.
  public var problem: String? { problemOfNumbers ?? problemOfSizes }

  private var problemOfNumbers: String? {
    if pictureShape.contains(where: { $0 < 1 }) { return "pictures of \(pictureShape)" }
    if elementCount(pictureShape) == nil {
      return "pictures of \(pictureShape), expected fewer than 2^31 numbers each"
    }
    if latentSize < 1 { return "latentSize \(latentSize), expected at least 1" }
    if hidden.contains(where: { $0 < 1 }) {
      return "hidden \(hidden), expected sizes of at least 1"
    }
    if filters.contains(where: { $0 < 1 }) { return "filters \(filters), expected at least 1 each" }
    for (name, sizes) in [("latentSize", [latentSize]), ("hidden", hidden), ("filters", filters)] {
      if let size = sizes.first(where: { elementCount([$0]) == nil }) {
        return "\(name) \(size), expected fewer than 2^31"
      }
    }
    if preset == .convolutional {
      if filters.isEmpty { return "no filters, expected at least one convolution" }
      if min(height, width) >> filters.count < 1 {
        return "\(filters.count) convolutions of a \(height)×\(width) picture, each halves it:"
          + " expected at least \(filters.count < 31 ? "\(1 << filters.count)" : "2^31") pixels a side"
      }
    }
    if case .gaussian(let deviation) = likelihood, !(deviation > 0 && deviation.isFinite) {
      return "a Gaussian deviation of \(deviation), expected more than 0"
    }
    if !(beta >= 0 && beta.isFinite) { return "beta \(beta), expected at least 0" }
    return nil
  }

  /// The numbers are fine one by one; what they make together must fit tensors.
  private var problemOfSizes: String? {
    let advice = "expected fewer than 2^31: take fewer hidden units, filters or latents"
    let layers = plan.encoder + plan.decoder
    for shape in layers.flatMap(\.parameters).map(\.shape) where elementCount(shape) == nil {
      return "a layer of \(product(shape)) weights, \(advice)"
    }
    for shape in layers.map(\.outputShape) where elementCount(shape) == nil {
      return "a layer that gives \(product(shape)) numbers a picture, \(advice)"
    }
    return parameterCount <= maximumElementCount ? nil : "\(parameterCount) parameters, \(advice)"
  }

  private func product(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: "×")
  }

  /// Name and shape of every parameter, in the order of ``VAE/parameters``, without making any.
  ///
  /// - Precondition: there is no ``problem``.
  public var parameterShapes: [(name: String, shape: [Int])] {
    (plan.encoder + plan.decoder).flatMap(\.parameters)
  }

  /// Numbers in all parameters together.
  public var parameterCount: Int { parameterShapes.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  /// The most pictures that fit a batch: more would need a tensor of 2^31 numbers, for the pictures
  /// themselves, a layer's output or the latents.
  ///
  /// - Precondition: there is no ``problem``.
  public var largestBatch: Int {
    let outputs = (plan.encoder + plan.decoder).map(\.outputShape) + [pictureShape]
    return maximumElementCount / outputs.map { $0.reduce(1, *) }.max()!
  }

  /// Encoder `[N, H, W, C]` → `[N, 2·latentSize]` (mean, log-variance) and decoder
  /// `[N, latentSize]` → `[N, H, W, C]` (one output a pixel).
  func coders(in scope: ParameterScope) -> (encoder: Sequential, decoder: Sequential) {
    if let problem { preconditionFailure("VAE: \(problem)") }
    let plan = plan
    return (
      Sequential(plan.encoder.map { $0.make(in: scope) }),
      Sequential(plan.decoder.map { $0.make(in: scope) })
    )
  }

  /// The layers of both coders; all that is said of a VAE's sizes is read off them.
  private var plan: (encoder: [LayerPlan], decoder: [LayerPlan]) {
    switch preset {
    case .dense: densePlan
    case .convolutional: convolutionalPlan
    }
  }

  private var densePlan: (encoder: [LayerPlan], decoder: [LayerPlan]) {
    let pixels = pictureShape.reduce(1, *)
    let inwards = [pixels] + hidden + [2 * latentSize]
    let outwards = [latentSize] + hidden.reversed() + [pixels]
    return (
      [.flatten(pixels)] + Self.stack(inwards, "encoder"),
      Self.stack(outwards, "decoder") + [.reshape(pictureShape)]
    )
  }

  /// Dense layers between neighbouring sizes, ReLU after all but the last.
  private static func stack(_ sizes: [Int], _ scope: String) -> [LayerPlan] {
    (1..<sizes.count).map { index in
      .dense(
        sizes[index - 1], sizes[index], activation: index < sizes.count - 1 ? .relu : nil,
        name: "\(scope).\(index - 1)")
    }
  }

  /// 4×4 filters with stride 2 and padding 1 halve (rounding down) any size of at least 2; the
  /// decoder undoes them size by size.
  private var convolutionalPlan: (encoder: [LayerPlan], decoder: [LayerPlan]) {
    let depths = [channels] + filters
    var sizes = [[height, width]]
    for _ in filters { sizes.append(sizes.last!.map { $0 / 2 }) }
    let inner = sizes.last! + [filters.last!]
    let features = inner.reduce(1, *)

    var encoder = filters.indices.map { index in
      LayerPlan.halving(
        depths[index], depths[index + 1], to: sizes[index + 1], activation: .relu,
        name: "encoder.\(index)")
    }
    encoder += [
      .flatten(features), .dense(features, 2 * latentSize, name: "encoder.\(filters.count)"),
    ]
    var decoder = [
      LayerPlan.dense(latentSize, features, activation: .relu, name: "decoder.0"), .reshape(inner),
    ]
    decoder += filters.indices.reversed().map { index in
      .doubling(
        depths[index + 1], depths[index], to: sizes[index], activation: index > 0 ? .relu : nil,
        name: "decoder.\(filters.count - index)")
    }
    return (encoder, decoder)
  }
}
