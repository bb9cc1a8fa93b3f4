import Datasets
import FileFormats
import LinearAlgebra
import Tensors
import Training

/// How an evaluation is made; all of it is in the protocol strings.
public struct EvaluationOptions: Sendable {
  /// Which metrics.
  public var metrics = MetricKind.allCases
  /// Pictures that the model makes.
  public var samples = 10_000
  /// What distances are measured from.
  public var reference = RealPictures.Part.train
  /// Decides the pictures' seeds, which run on from `seed · samples`, and which of the real ones are
  /// taken where not all are.
  public var seed: UInt64 = 0
  /// Scale of the latent vectors.
  public var temperature: Float = 1
  /// Height and width of the middle of every made picture that is judged; nil for all of it.
  public var crop: (height: Int, width: Int)?

  public init() {}
}

/// Measures pictures beside real ones, by judges: the first decides, others are printed beside it.
public struct Evaluation {
  private let judges: [Judge]
  private let real: [RealPictures]
  private let options: EvaluationOptions
  private let lapack: LAPACK
  private let distances: [FrechetDistance]
  /// Nil where nobody asks whether the model copies.
  private let novelty: Novelty?

  /// - Parameters:
  ///   - judges: At least one.
  ///   - real: The real pictures as each judge sees them.
  ///   - options: What, and of how many pictures.
  /// - Throws: ``EvaluationError/tooFew(_:found:needed:)``, `LinearAlgebraError`.
  public init(_ judges: [Judge], beside real: [RealPictures], _ options: EvaluationOptions) throws {
    (self.judges, self.real, self.options) = (judges, real, options)
    lapack = try LAPACK()
    for part in [real[0].training, real[0].heldOut] where part.count < Manifolds.fewest {
      throw EvaluationError.tooFew(
        "\(real[0].dataset.name), which is \(real[0].training.count) to train on and \(real[0].heldOut.count) held out",
        found: part.count, needed: Manifolds.fewest)
    }
    let lapack = lapack
    distances =
      options.metrics.contains(.frechet)
      ? try real.map { try FrechetDistance(to: $0.sides(options.reference).reference, lapack) } : []
    novelty =
      options.metrics.contains(.memorisation)
      ? try Novelty(to: real[0].training, beside: real[0].heldOut) : nil
  }

  /// The real pictures' own metrics: those of the part that is no reference, measured as if a model
  /// had made them.
  ///
  /// Memorisation and novelty have no such thing: they compare with real pictures.
  public func ofRealPictures() throws -> [String: Double] {
    let others = real.map {
      $0.sides(options.reference).other.subset(options.samples, seed: options.seed)
    }
    var asked = options
    asked.metrics.removeAll { $0 == .memorisation }
    let found = try measure(others, asked, [:])
    return Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0.estimate.value) })
  }

  /// The metrics of pictures, as each judge sees them, beside what ``ofRealPictures()`` gave.
  ///
  /// - Throws: ``EvaluationError/tooFew(_:found:needed:)``, `LinearAlgebraError`, the device's failure.
  public func measure(_ made: [Impressions], real floor: [String: Double]) throws -> [Measurement] {
    try measure(made, options, floor)
  }

  private func measure(
    _ made: [Impressions], _ options: EvaluationOptions, _ floor: [String: Double]
  ) throws -> [Measurement] {
    guard made[0].count >= Manifolds.fewest else {
      throw EvaluationError.tooFew(
        "the pictures to be measured", found: made[0].count, needed: Manifolds.fewest)
    }
    var found: [Measurement] = []
    func add(
      _ name: String, _ estimate: Estimate, _ version: String, _ less: Bool?, judge: Int = 0
    ) {
      found.append(
        Measurement(
          name: name, estimate: estimate, real: floor[name], lessIsBetter: less,
          protocolString: "\(version) \(conditions(judge, made[0].count))"))
    }
    let sides = real[0].sides(options.reference)
    if options.metrics.contains(.frechet) {
      for (index, judge) in judges.enumerated() {
        add(
          judge.name, try distances[index].distance(to: made[index]), "\(judge.name)/v1", true,
          judge: index)
      }
    }
    // As many real pictures as made ones: more would make the reference's balls smaller.
    let equal = sides.reference.subset(made[0].count, seed: options.seed)
    if options.metrics.contains(.kernel) {
      add("kd", try KernelDistance(to: equal).distance(to: made[0]), "kd/v1", true)
    }
    if options.metrics.contains(.manifolds) {
      let manifolds = try Manifolds(real: equal, made: made[0])
      add("precision", manifolds.precision, "precision/v1 k=3", false)
      add("recall", manifolds.recall, "recall/v1 k=3", false)
      add("density", manifolds.density, "density/v1 k=5", false)
      add("coverage", manifolds.coverage, "coverage/v1 k=5", false)
    }
    if options.metrics.contains(.diversity) {
      let diversity = Diversity(made[0], lapack)
      add("classifierScore", diversity.classifierScore(), "classifier-score/v1", false)
      add("classEntropy", diversity.classEntropy(), "class-entropy/v1", nil)
      add("vendi", try diversity.vendiScore(), "vendi/v1", false)
      add("pairwise", try diversity.pairwiseDistance(), "pairwise/v1", nil)
    }
    if options.metrics.contains(.memorisation), let novelty {
      let found = try Memorisation(
        made: made[0], training: real[0].training, heldOut: real[0].heldOut, seed: options.seed)
      add("memorisation", found.ratio, "memorisation/v1 beside=\(found.size)", false)
      add("novelty", try novelty.estimate(of: made[0]), "novelty/v1", false)
    }
    return found
  }

  /// Of the first pictures that a model made the likest to training pictures, nearest first; none
  /// where nobody asks whether it copies.
  ///
  /// - Parameters:
  ///   - shown: The pictures.
  ///   - made: What the first judge saw in them, and in any more.
  ///   - count: How many of them are wanted.
  /// - Returns: At most `count` of them.
  /// - Throws: A `FileFormatError` of the training pictures, the device's failure.
  public func likest(
    _ shown: [Picture], _ made: Impressions, count: Int = 32
  ) throws -> [LikestPicture] {
    guard let novelty else { return [] }
    let found = try novelty.nearest(to: made.rows(Array(shown.indices)))
    let order = found.indices.sorted { (found[$0].distance, $0) < (found[$1].distance, $1) }
    return try order.prefix(count).map { index in
      let picture = try real[0].dataset.picture(at: real[0].split.training[found[index].index])
      return LikestPicture(
        made: shown[index], training: picture, distance: found[index].distance)
    }
  }

  private func conditions(_ judge: Int, _ count: Int) -> String {
    let part = options.reference == .train ? "train" : real[0].heldOutName
    let crop = options.crop.map { " crop=\($0.height)x\($0.width)" } ?? ""
    let temperature = options.temperature == 1 ? "" : " temperature=\(options.temperature)"
    let shape = real[0].dataset.shape
    return
      "judge=\(judges[judge].checksum) ref=\(part):\(real[0].sides(options.reference).reference.count)"
      + " data=\(real[0].dataset.name)@\(shape.height)x\(shape.width)x\(shape.channels)"
      + " n=\(count) seed=\(options.seed)\(crop)\(temperature)"
  }
}
