import Foundation
import Layers
import Tensors

/// Everything that decides a ``GAN``'s networks and losses.
///
/// A preset is no more than numbers: every part can be changed, and parts combine freely.
public struct GANConfiguration: Sendable, Hashable, Codable {
  /// Combinations that papers made.
  public enum Preset: String, Sendable, Hashable, Codable, CaseIterable {
    /// Cross-entropy, batch normalisation in both networks (Radford, Metz and Chintala 2016,
    /// arXiv:1511.06434).
    case dcgan
    /// The same with squares (Mao and others 2017, arXiv:1611.04076).
    case leastSquares = "lsgan"
    /// Hinge, residual blocks, the critic's layers spectrally normalised (Miyato and others 2018,
    /// arXiv:1802.05957).
    case hinge
    /// Difference of means with a gradient penalty of 10, layer normalisation and five updates of the
    /// critic to one (Gulrajani and others 2017, arXiv:1704.00028).
    case wganGP = "wgan-gp"
    /// Cross-entropy with a penalty on the critic's gradient at real pictures, no normalisation
    /// (Mescheder, Geiger and Nowozin 2018, arXiv:1801.04406); a hundredth of their weight, for
    /// small pictures, and only in every fourth step (Karras and others 2020, arXiv:1912.04958).
    case r1
    /// Hinge, a generator whose small maps weigh the channels of large ones, a critic that has to draw
    /// real pictures again (Liu and others 2021, arXiv:2101.04775).
    case excitation
    /// For 50 to some hundred pictures: ``dcgan`` whose critic has to draw real pictures again and sees
    /// all pictures changed as much as it needs (Karras and others 2020, arXiv:2006.06676).
    case smallData = "small-data"
    /// Pictures of a class: hinge, residual blocks, a projection critic (Miyato and Koyama 2018,
    /// arXiv:1802.05637).
    case conditional
    /// A style-based generator: cross-entropy, R1 and a penalty on uneven paths (Karras and others 2020,
    /// arXiv:1912.04958).
    case style
    /// A creative adversarial network: ``r1``, its penalty heavier, whose generator also wants pictures
    /// that are of none of the classes (Elgammal and others 2017, arXiv:1706.07068). Theirs has batch
    /// normalisation; with it our critic, by its running statistics, was right on half of unseen
    /// pictures' classes alone.
    case can
    /// Dense layers and cross-entropy, for small pictures: quick to search.
    case dense
  }

  /// What both networks are made of.
  public enum Architecture: String, Sendable, Hashable, Codable, CaseIterable {
    /// Strided convolutions (Radford, Metz and Chintala 2016).
    case convolutional
    /// Residual blocks (Miyato and others 2018).
    case residual
    /// Gated steps with skip-layer excitation in the generator (Liu and others 2021), a residual
    /// critic.
    case excitation
    /// Modulated convolutions in the generator (Karras and others 2020), the critic as of
    /// ``convolutional``: a residual one without normalisation was too sure from the start.
    case style
    /// Dense layers alone.
    case dense
  }

  /// What the critic's layers but the first and last are normalised by.
  public enum CriticNormalization: String, Sendable, Hashable, Codable, CaseIterable {
    case none, batch, layer, spectral
  }

  /// Size of a picture in pixels, and its channels: 1 for grey, 3 for colour.
  public var height, width, channels: Int
  public var architecture = Architecture.convolutional
  /// Length of a latent vector; 128 by default.
  public var latentSize = 128
  /// Filters of the convolutions nearest the picture, doubled at every halving of it; by default 64 of
  /// pictures of about 32×32 pixels, half for every doubling of the side, at least 16; of residual ones
  /// 32 of about 64×64.
  public var filters: Int
  /// Units of the dense architecture's hidden layers, from the latents to the picture.
  public var hidden = [256, 512, 1024]
  /// Dense layers from latents to styles, of the style-based architecture.
  public var mappingDepth = 4
  /// Halvings of the picture; by default as many as leave 4 pixels of the shorter side, at most 6.
  public var depth: Int
  public var loss: AdversarialLoss
  public var criticNormalization: CriticNormalization
  /// Weight of (‖∇D‖ − 1)² between real and made pictures; 0 for none.
  public var gradientPenalty: Float = 0
  /// Weight γ of γ/2·‖∇D‖² at real pictures; 0 for none.
  public var r1: Float = 0
  /// Steps from one such penalty to the next, each then as many times as heavy.
  public var penaltyEvery = 1
  /// Weight, in parts of the paper's (Karras and others 2020, section B), of how unevenly styles move
  /// pictures; 0 for none, as without styles.
  public var pathLength: Float = 0
  /// Updates of the generator from one such penalty to the next, each then as many times as heavy.
  public var pathLengthEvery = 8
  /// Weight of how badly the critic draws real pictures again from its features; 0 for none.
  public var reconstruction: Float = 0
  /// Names of the data's classes, which matter where ``usesClasses``.
  public var classNames: [String] = []
  /// Whether pictures are made to be of a class, which the critic judges them as (Miyato and Koyama
  /// 2018, arXiv:1802.05637).
  public var isConditional = false
  /// Weight of the generator's wish to make pictures of no class; 0 for none.
  public var ambiguity: Float = 0
  public var ambiguityLoss = StyleAmbiguity.uniform
  /// Updates of the critic to one of the generator.
  public var criticSteps = 1
  /// The critic's learning rate over the generator's.
  public var criticRate: Float = 1
  /// Probability of each change to what the critic sees, 0 to 1; where it is adaptive, at first.
  public var augmentation: Float = 0
  /// Mean sign of verdicts on real pictures that the augmentation follows, such as .6; 0 for none.
  public var augmentationTarget: Float = 0

  /// A preset for pictures of this size.
  public init(
    height: Int, width: Int, channels: Int, classNames: [String] = [], preset: Preset = .dcgan
  ) {
    (self.height, self.width, self.channels) = (height, width, channels)
    self.classNames = classNames
    depth = Self.depth(of: min(height, width))
    filters = Self.filters(64, at: 32, of: height * width)
    let fewer = Self.filters(32, at: 64, of: height * width)
    switch preset {
    case .dcgan: (loss, criticNormalization) = (.nonsaturating, .batch)
    case .leastSquares: (loss, criticNormalization) = (.leastSquares, .batch)
    case .can:
      (loss, criticNormalization, ambiguity) = (.nonsaturating, .none, 1)
      // Ten times that of `r1`: here the critic is to stay unsure.
      (r1, penaltyEvery) = (1, 4)
    case .hinge, .conditional:
      isConditional = preset == .conditional
      (loss, criticNormalization) = (.hinge, .spectral)
      (architecture, filters) = (.residual, fewer)
    case .wganGP:
      (loss, criticNormalization) = (.wasserstein, .layer)
      (gradientPenalty, criticSteps) = (10, 5)
    case .r1:
      (loss, criticNormalization) = (.nonsaturating, .none)
      (r1, penaltyEvery) = (0.1, 4)
    case .style:
      (loss, criticNormalization) = (.nonsaturating, .none)
      (architecture, filters) = (.style, fewer)
      (r1, penaltyEvery, pathLength) = (0.1, 4, 1)
      // Of a rate of 2e-3, which the generator's scaled weights need.
      criticRate = 0.25
    case .excitation:
      (loss, criticNormalization) = (.hinge, .spectral)
      (architecture, filters) = (.excitation, fewer)
      reconstruction = 1
    case .smallData:
      (loss, criticNormalization) = (.nonsaturating, .batch)
      (reconstruction, augmentationTarget) = (1, 0.6)
    case .dense: (loss, criticNormalization, architecture) = (.nonsaturating, .none, .dense)
    }
  }

  /// Half of `most` for every doubling of a picture's mean side beyond `limit` pixels, 16 at least:
  /// until then a picture's time grows with its side, and not with its square.
  private static func filters(_ most: Int, at limit: Float, of pixels: Int) -> Int {
    let doublings = Int(max(log2(Float(pixels).squareRoot() / limit), 0).rounded())
    return max(most >> doublings, 16)
  }

  private static func depth(of side: Int) -> Int {
    (1...6).last { side >> $0 >= 4 } ?? 1
  }

  /// ln 2 / (r² (ln r − ln 2)) for pictures of r×r pixels (Karras and others 2020, section B), for those
  /// steps that have the penalty.
  var pathLengthWeight: Float {
    let pixels = Float(height * width)
    // Of fewer than 4×4 pixels the paper's is of no use, and of 2×2 infinite.
    let side = max(pixels.squareRoot(), 4)
    let weight = log(2) / (pixels * (log(side) - log(2)))
    return pathLength * weight * Float(pathLengthEvery)
  }

  /// Whether the classes of pictures play a part.
  public var usesClasses: Bool { isConditional || ambiguity > 0 }

  var classes: Int { classNames.count }

  /// Numbers that the generator is given: a latent vector and, where pictures are of a class, one for
  /// each class, 1 for its own and 0 else.
  public var inputSize: Int { latentSize + (isConditional ? classes : 0) }

  /// Height, width, channels.
  public var pictureShape: [Int] { [height, width, channels] }

  /// Why no model can be built from this, or nil.
  ///
  /// It answers for any numbers, those of a hostile file included.
  public var problem: String? {
    for (name, size) in [("height", height), ("width", width)] where !(2...4096).contains(size) {
      return "\(name) \(size), expected 2 to 4096"
    }
    let counts = [
      ("channels", channels, 64), ("latentSize", latentSize, 65536), ("filters", filters, 4096),
      ("depth", depth, 10), ("penaltyEvery", penaltyEvery, 1024),
      ("criticSteps", criticSteps, 1024), ("mappingDepth", mappingDepth, 32),
      ("pathLengthEvery", pathLengthEvery, 1024),
    ]
    for (name, value, most) in counts where !(1...most).contains(value) {
      return "\(name) \(value), expected 1 to \(most)"
    }
    if usesClasses, !(2...65536).contains(classes) {
      return "data of \(classes) classes, expected 2 to 65536 where classes play a part"
    }
    if let problem = architecture == .dense ? denseProblem : convolutionalProblem { return problem }
    for (name, value) in [
      ("gradientPenalty", gradientPenalty), ("r1", r1), ("reconstruction", reconstruction),
      ("ambiguity", ambiguity), ("pathLength", pathLength),
    ] where !(value >= 0 && value.isFinite) {
      return "\(name) \(value), expected at least 0"
    }
    for (name, value) in [
      ("augmentation", augmentation), ("augmentationTarget", augmentationTarget),
    ] where !(0...1).contains(value) {
      return "\(name) \(value), expected 0 to 1"
    }
    let rhythm = criticSteps * penaltyEvery * (pathLength > 0 ? pathLengthEvery : 1)
    if rhythm > 1 << 20 {
      return "steps of one kind come every \(rhythm), expected at most 2^20"
    }
    if pathLength > 0, architecture != .style {
      return "pathLength \(pathLength) of a generator without styles, expected 0"
    }
    if !(criticRate > 0 && criticRate.isFinite) {
      return "criticRate \(criticRate), expected more than 0"
    }
    return nil
  }

  private var convolutionalProblem: String? {
    if min(height, width) >> depth < 1 {
      return "depth \(depth) of a \(height)×\(width) picture, each halves it:"
        + " expected at least \(1 << depth) pixels a side"
    }
    if filters << (depth - 1) > 16384 {
      return "\(filters) filters at depth \(depth), expected at most 16384 in the innermost layer"
    }
    let (inner, widest) = (sizes.last!.reduce(1, *), depths.last!)
    let isGated = architecture == .excitation || reconstruction > 0
    var layers = [
      (inputSize, (architecture == .excitation ? 2 : 1) * inner * widest),
      // Filters of 3×3 or 4×4, gates among them.
      (16 * widest, (isGated ? 2 : 1) * widest), (inner * widest, widest),
    ]
    if architecture == .style {
      layers += [(latentSize, max(inputSize, latentSize)), (latentSize, widest)]
    }
    if usesClasses { layers.append((inner * widest, classes)) }
    return layers.lazy.compactMap(Self.problem).first
  }

  private var denseProblem: String? {
    if hidden.isEmpty || hidden.count > 32 || hidden.contains(where: { !(1...65536).contains($0) })
    {
      return "hidden \(hidden), expected 1 to 32 layers of 1 to 65536 units"
    }
    if reconstruction > 0 {
      return "reconstruction \(reconstruction) of dense networks, expected 0"
    }
    if criticNormalizationKind != nil {
      return "criticNormalization \(criticNormalization.rawValue) of dense networks,"
        + " expected none or spectral"
    }
    let layers =
      [(inputSize, hidden.first!), (hidden.last!, pictureShape.reduce(1, *))]
      + zip(hidden, hidden.dropFirst()) + (usesClasses ? [(hidden.first!, classes)] : [])
    return layers.lazy.compactMap(Self.problem).first
  }

  private static func problem(ofLayer inputs: Int, _ outputs: Int) -> String? {
    guard elementCount([inputs, outputs]) == nil else { return nil }
    return "a layer of \(inputs)×\(outputs) weights, expected fewer than 2^31"
  }

  /// The normalisation that layers of the critic have as a layer of its own, if any.
  var criticNormalizationKind: NormalizationKind? {
    switch criticNormalization {
    case .none, .spectral: nil
    case .batch: .batch
    // All numbers of a picture, as in the papers; our `layer` is each place by itself.
    case .layer: .group(count: 1)
    }
  }

  /// Whether the critic sees pictures changed.
  public var isAugmented: Bool { augmentation > 0 || augmentationTarget > 0 }

  /// Heights and widths from the picture inwards.
  var sizes: [[Int]] {
    (0...depth).map { [height >> $0, width >> $0] }
  }

  /// Filters of each convolution, from the picture inwards.
  var depths: [Int] { (0..<depth).map { filters << $0 } }

  /// The most pictures that fit a batch: more would need a tensor of 2^31 numbers.
  ///
  /// - Precondition: there is no ``problem``.
  public var largestBatch: Int {
    let picture = height * width * channels
    let widest =
      switch architecture {
      case .convolutional:
        zip(sizes.dropFirst(), depths).map { $0.reduce(1, *) * $1 }.max()!
      // A block works at the larger of its sizes with the larger of its channels.
      case .residual, .style: zip(sizes, depths).map { $0.reduce(1, *) * $1 }.max()!
      // As many again are gates.
      case .excitation: 2 * zip(sizes, depths).map { $0.reduce(1, *) * $1 }.max()!
      case .dense: hidden.max()!
      }
    // The decoder is as wide again, at half the size.
    let most = reconstruction > 0 ? 2 * widest : widest
    let numbers = max(maximumElementCount / max(picture, most), 1)
    // Places of pixels are counted in float32 there.
    return isAugmented ? max(min(numbers, (1 << 24) / (height * width)), 1) : numbers
  }

  /// Names and shapes of the networks' parameters and statistics, without memory for any: the
  /// generator's, then the critic's.
  ///
  /// - Precondition: there is no ``problem``.
  public var arrayShapes:
    (
      generator: [(name: String, shape: [Int])], critic: [(name: String, shape: [Int])]
    )
  {
    let gan = GAN(self, seed: 0, on: Device.cpu.planningMemory())
    func shapes(_ set: ParameterSet) -> [(name: String, shape: [Int])] {
      (set.trainable + set.statistics).map { ($0.name, $0.shape) }
    }
    return (shapes(gan.generator.parameters), shapes(gan.critic.parameters))
  }

  /// Trainable numbers of each network.
  ///
  /// - Precondition: there is no ``problem``.
  public var parameterCounts: (generator: Int, critic: Int) {
    let gan = GAN(self, seed: 0, on: Device.cpu.planningMemory())
    return (gan.generator.parameters.count, gan.critic.parameters.count)
  }
}
