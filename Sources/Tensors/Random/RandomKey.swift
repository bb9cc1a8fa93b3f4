internal import CKernels

/// What a random number depends on, apart from its place in the tensor: this page is the whole law.
///
/// Numbers are Philox 4x32-10 (Salmon et al. 2011). The 64-bit key is `seed`. The 128-bit counter
/// is, from its first word, (column / 4, example, step, stream); word column mod 4 of the block is
/// the element's. Row r of a tensor belongs to `examples[r]`, its columns are the elements of that
/// row. So a number depends neither on the batch it is drawn in, nor on the device, nor on threads.
///
/// A uniform number is (word >> 8)·2⁻²⁴; a Bernoulli one is 1 where that is below the probability;
/// a normal one is an inverse cumulative distribution by a table of cubics in fused multiply-adds
/// alone. The bits are the same everywhere.
public struct RandomKey: Sendable, Hashable, Codable {
  /// The user's seed.
  public var seed: UInt64
  /// What the numbers are for: each consumer (a layer, the sampler, the shuffle) has its own.
  public var stream: UInt32
  /// The training step, or 0.
  public var step: UInt32

  /// A key of its parts; see ``RandomStream`` for the streams in use.
  public init(seed: UInt64, stream: UInt32 = 0, step: UInt32 = 0) {
    self.seed = seed
    self.stream = stream
    self.step = step
  }
}

/// The streams in use, so that no two consumers draw the same numbers.
///
/// Layers take theirs from ``layers`` on.
public enum RandomStream {
  /// Initial parameter values; one example a parameter.
  public static let initialization: UInt32 = 1
  /// The order of examples in an epoch.
  public static let shuffle: UInt32 = 2
  /// Augmentation of examples.
  public static let augmentation: UInt32 = 3
  /// Noise of a model in training, such as a VAE's latent samples.
  public static let noise: UInt32 = 4
  /// Noise in evaluation.
  public static let evaluation: UInt32 = 5
  /// Latents of pictures to be sampled; the picture's seed is the example.
  public static let sampling: UInt32 = 6
  /// Generated data sets.
  public static let data: UInt32 = 7
  /// Where between a real and a made picture a critic's gradient is looked at.
  public static let between: UInt32 = 8
  /// Changes to real pictures that a critic sees, to made ones, and to those that the generator learns
  /// from.
  public static let realAugmentation: UInt32 = 9
  public static let madeAugmentation: UInt32 = 10
  public static let generatorAugmentation: UInt32 = 11
  /// In which direction of pictures a generator's path lengths are measured.
  public static let pathDirection: UInt32 = 12
  /// How much noise there is on a training picture.
  public static let noisiness: UInt32 = 13
  /// First of the streams of layers that draw numbers, such as dropout.
  public static let layers: UInt32 = 1024
}

extension Tensor {
  /// Uniform numbers in 0 ..< 1.
  ///
  /// - Parameters:
  ///   - shape: The first axis counts examples; a vector is one example.
  ///   - key: Seed, stream and step.
  ///   - examples: int32 `[N]`, which example each row is for; by default row r is for example r.
  ///   - device: Where the tensor lies; the bits do not depend on it.
  ///   - dtype: float32, or float64 on the CPU.
  /// - Returns: A tensor of `shape`, its numbers multiples of 2⁻²⁴.
  public static func uniform(
    _ shape: [Int], key: RandomKey, examples: Tensor? = nil, on device: Device = .cpu,
    dtype: DType = .float32
  ) -> Tensor {
    random(CK_UNIFORM, shape, key, examples, 0, device, dtype)
  }

  /// Numbers from the standard normal distribution; parameters as for `uniform`.
  public static func normal(
    _ shape: [Int], key: RandomKey, examples: Tensor? = nil, on device: Device = .cpu,
    dtype: DType = .float32
  ) -> Tensor {
    random(CK_NORMAL, shape, key, examples, 0, device, dtype)
  }

  /// 1 with the given probability, else 0; parameters as for `uniform`.
  public static func bernoulli(
    _ shape: [Int], probability: Float, key: RandomKey, examples: Tensor? = nil,
    on device: Device = .cpu, dtype: DType = .float32
  ) -> Tensor {
    random(CK_BERNOULLI, shape, key, examples, probability, device, dtype)
  }

  private static func random(
    _ distribution: ck_distribution, _ shape: [Int], _ key: RandomKey, _ examples: Tensor?,
    _ probability: Float, _ device: Device, _ dtype: DType
  ) -> Tensor {
    let rows = shape.count > 1 ? shape[0] : 1
    if let examples {
      precondition(
        examples.dtype == .int32 && examples.shape == [rows] && examples.device == device,
        "random: \(examples.dtype.rawValue) examples \(examples.shape) for a tensor of shape \(shape)"
      )
    }
    let y = Tensor(uninitialized: shape, dtype: dtype, on: device.backend)
    let scalars = ck_random_shape(
      distribution: distribution, rows: Int32(rows), columns: Int32(rows == 0 ? 0 : y.count / rows),
      seed_low: UInt32(truncatingIfNeeded: key.seed), seed_high: UInt32(key.seed >> 32),
      stream: key.stream, step: key.step, first_example: 0, probability: probability)
    device.backend.execute(.random(scalars, examples: examples?.operand, y: y.operand))
    return y
  }
}
