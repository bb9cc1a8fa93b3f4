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
  public var problem: String? {
    if pictureShape.contains(where: { $0 < 1 }) { return "pictures of \(pictureShape)" }
    if latentSize < 1 { return "latentSize \(latentSize), expected at least 1" }
    if hidden.contains(where: { $0 < 1 }) {
      return "hidden \(hidden), expected sizes of at least 1"
    }
    if filters.contains(where: { $0 < 1 }) { return "filters \(filters), expected at least 1 each" }
    if preset == .convolutional {
      if filters.isEmpty { return "no filters, expected at least one convolution" }
      if min(height, width) >> filters.count < 1 {
        return "\(filters.count) convolutions of a \(height)×\(width) picture, each halves it:"
          + " expected at least \(1 << filters.count) pixels a side"
      }
    }
    if case .gaussian(let deviation) = likelihood, !(deviation > 0) {
      return "a Gaussian deviation of \(deviation), expected more than 0"
    }
    if !(beta >= 0) { return "beta \(beta), expected at least 0" }
    if largestWeight >= 0x1p31 {
      return "a layer of \(Int(exactly: largestWeight.rounded()).map(String.init) ?? "too many")"
        + " weights, expected fewer than 2^31: take fewer hidden units, filters or latents"
    }
    return nil
  }

  /// Weights of the largest layer; a `Double`, since sizes that cannot be are to be refused, not to overflow.
  private var largestWeight: Double {
    let outer: [Double]
    switch preset {
    case .dense:
      outer = [pictureShape.reduce(1) { $0 * Double($1) }] + hidden.map(Double.init)
    case .convolutional:
      let depths = ([channels] + filters).map(Double.init)
      let side = { (size: Int) in Double(size >> self.filters.count) }
      let products = zip(depths, depths.dropFirst()).map { 16 * $0 * $1 }
      return max(
        products.max() ?? 0, side(height) * side(width) * depths.last! * 2 * Double(latentSize))
    }
    let sizes = outer + [2 * Double(latentSize)]
    return zip(sizes, sizes.dropFirst()).map { $0 * $1 }.max() ?? 0
  }

  /// Numbers that an example has in the widest layer: a batch of them must fit a tensor.
  public var widestLayer: Double {
    let pixels = pictureShape.reduce(1) { $0 * Double($1) }
    switch preset {
    case .dense: return max(pixels, hidden.map(Double.init).max() ?? 0)
    case .convolutional:
      let depths = filters.enumerated().map { index, depth in
        Double(height >> (index + 1)) * Double(width >> (index + 1)) * Double(depth)
      }
      return max(pixels, depths.max() ?? 0)
    }
  }

  /// Encoder `[N, H, W, C]` → `[N, 2·latentSize]` (mean, log-variance) and decoder
  /// `[N, latentSize]` → `[N, H, W, C]` (one output a pixel).
  func coders(in scope: ParameterScope) -> (encoder: Sequential, decoder: Sequential) {
    if let problem { preconditionFailure("VAE: \(problem)") }
    switch preset {
    case .dense: return denseCoders(scope.scope("encoder"), scope.scope("decoder"))
    case .convolutional:
      return convolutionalCoders(scope.scope("encoder"), scope.scope("decoder"))
    }
  }

  private func denseCoders(_ encoder: ParameterScope, _ decoder: ParameterScope) -> (
    Sequential, Sequential
  ) {
    let pixels = pictureShape.reduce(1, *)
    let inwards = [pixels] + hidden + [2 * latentSize]
    let outwards = [latentSize] + hidden.reversed() + [pixels]
    return (
      Sequential([Flatten()] + stack(inwards, encoder)),
      Sequential(stack(outwards, decoder) + [Reshape(pictureShape)])
    )
  }

  /// Dense layers between neighbouring sizes, ReLU after all but the last.
  private func stack(_ sizes: [Int], _ scope: ParameterScope) -> [any Layer] {
    (1..<sizes.count).map { index in
      Dense(
        sizes[index - 1], sizes[index], activation: index < sizes.count - 1 ? .relu : nil,
        in: scope.scope("\(index - 1)"))
    }
  }

  /// 4×4 filters with stride 2 and padding 1 halve (rounding down) any size of at least 2; the
  /// decoder undoes them size by size.
  private func convolutionalCoders(_ encoder: ParameterScope, _ decoder: ParameterScope) -> (
    Sequential, Sequential
  ) {
    let geometry = Convolution2DGeometry(stride: 2, padding: 1)
    let depths = [channels] + filters
    var sizes = [[height, width]]
    for _ in filters { sizes.append(geometry.outputSize(sizes.last!, kernel: [4, 4])) }
    let inner = sizes.last! + [filters.last!]
    let features = inner.reduce(1, *)

    var encoding: [any Layer] = filters.indices.map { index in
      Conv2D(
        depths[index], depths[index + 1], kernel: [4, 4], geometry: geometry, activation: .relu,
        in: encoder.scope("\(index)"))
    }
    encoding += [
      Flatten(), Dense(features, 2 * latentSize, in: encoder.scope("\(filters.count)")),
    ]

    var decoding: [any Layer] = [
      Dense(latentSize, features, activation: .relu, in: decoder.scope("0")), Reshape(inner),
    ]
    for index in filters.indices.reversed() {
      decoding.append(
        ConvTransposed2D(
          depths[index + 1], depths[index], kernel: [4, 4], geometry: geometry,
          outputSize: sizes[index], activation: index > 0 ? .relu : nil,
          in: decoder.scope("\(filters.count - index)")))
    }
    return (Sequential(encoding), Sequential(decoding))
  }
}
