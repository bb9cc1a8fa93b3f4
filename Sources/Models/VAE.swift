import Foundation
import Layers
import Tensors

/// A variational autoencoder of pictures (Kingma and Welling 2014, arXiv:1312.6114).
///
/// The encoder maps a picture x to a normal distribution q(z|x) over latent vectors, the decoder a
/// latent vector to a distribution p(x|z) over pictures. Training maximises the evidence lower
/// bound, ELBO = E_q log p(x|z) − β·KL(q(z|x) ‖ N(0, I)), with one sample of z an example; β other
/// than 1 trades sharpness against order in latent space (Higgins et al. 2017).
///
/// Shapes: pictures `[N, H, W, C]` in 0…1, latent vectors `[N, latentSize]`.
public final class VAE {
  /// What it was built from.
  public let configuration: VAEConfiguration
  /// All its parameters: the encoder's, then the decoder's.
  public let parameters: ParameterSet

  private let encoder: Sequential
  private let decoder: Sequential

  /// - Parameters:
  ///   - configuration: Picture size, preset and loss.
  ///   - seed: Decides the initial parameters.
  ///   - device: Where it lives.
  ///   - dtype: float32, or float64 to check it.
  public init(
    _ configuration: VAEConfiguration, seed: UInt64, on device: Device = .cpu,
    dtype: DType = .float32
  ) {
    self.configuration = configuration
    parameters = ParameterSet(seed: seed, on: device, dtype: dtype)
    (encoder, decoder) = configuration.coders(in: parameters.root)
  }

  /// Mean and log-variance of q(z|x), each `[N, latentSize]`.
  public func encode(_ pictures: Tensor, _ mode: ForwardMode = .evaluation) -> (
    mean: Tensor, logVariance: Tensor
  ) {
    precondition(
      Array(pictures.shape.dropFirst()) == configuration.pictureShape,
      "VAE of pictures \(configuration.pictureShape) given \(pictures.shape)")
    let size = configuration.latentSize
    let both = encoder(pictures, mode)
    return (both.sliced(0..<size, axis: 1), both.sliced(size..<(2 * size), axis: 1))
  }

  /// The expected picture E p(x|z) in 0…1 for each latent vector.
  public func decode(_ latents: Tensor) -> Tensor {
    let output = decoder(latents, .evaluation)
    switch configuration.likelihood {
    case .bernoulli: return output.sigmoid()
    case .gaussian: return output.clamped(0, 1)
    }
  }

  /// The expected picture for the mean of q(z|x).
  public func reconstruct(_ pictures: Tensor) -> Tensor { decode(encode(pictures).mean) }

  /// Pictures by latent vectors from the prior: picture i is decided by `key` and `seeds[i]` alone.
  public func sample(seeds: [Int], key: RandomKey, temperature: Float = 1) -> Tensor {
    decode(latents(seeds: seeds, key: key).scaled(by: temperature))
  }

  /// Latent vectors from the prior, one a seed.
  public func latents(seeds: [Int], key: RandomKey) -> Tensor {
    Tensor.normal(
      [seeds.count, configuration.latentSize], key: key,
      examples: Tensor(
        seeds.map { Int32(truncatingIfNeeded: $0) }, shape: [seeds.count], on: parameters.device),
      on: parameters.device, dtype: parameters.dtype)
  }

  /// What training minimises, and its parts, each `[N]` in nats.
  public struct Bound {
    /// −log p(x|z) for one z drawn from q(z|x).
    public let reconstruction: Tensor
    /// KL(q(z|x) ‖ N(0, I)), in closed form.
    public let divergence: Tensor
    /// Weight of the divergence in the loss.
    public let beta: Float

    /// Mean over examples of reconstruction + β·divergence: a scalar.
    public var loss: Tensor { (reconstruction + divergence.scaled(by: beta)).mean() }
    /// −ELBO of each example, with β = 1 whatever the loss used.
    public var negativeELBO: Tensor { reconstruction + divergence }
  }

  /// The bound on each picture.
  ///
  /// - Parameters:
  ///   - pictures: `[N, H, W, C]` in 0…1.
  ///   - noise: Standard normal, `[N, latentSize]`, such as ``noise(for:key:)`` gives.
  ///   - mode: Training or evaluation.
  /// - Returns: Both parts of the bound, `[N]` each in nats, for the latents
  ///   `mean + exp(logVariance / 2) * noise`.
  public func bound(_ pictures: Tensor, noise: Tensor, _ mode: ForwardMode) -> Bound {
    let (mean, logVariance) = encode(pictures, mode)
    let latents = mean + logVariance.scaled(by: 0.5).exp() * noise
    let output = decoder(latents, mode)
    let divergence = (logVariance.exp() + mean.squared() - logVariance - 1).sum(axes: [1])
    return Bound(
      reconstruction: configuration.likelihood.negativeLogLikelihood(output, of: pictures),
      divergence: divergence.scaled(by: 0.5), beta: configuration.beta)
  }

  /// Noise for ``bound(_:noise:_:)``, decided by the key and each row's example.
  public func noise(for examples: Tensor, key: RandomKey) -> Tensor {
    Tensor.normal(
      [examples.shape[0], configuration.latentSize], key: key, examples: examples,
      on: parameters.device, dtype: parameters.dtype)
  }
}

/// How the decoder's output is read as a distribution over pictures.
public enum Likelihood: Sendable, Hashable, Codable {
  /// Each pixel is the probability of being on; grey pixels count as expected bits, as is usual for
  /// 28×28 data sets.
  case bernoulli
  /// Each pixel is normal round the output, with one fixed standard deviation (in 0…1 pixels).
  case gaussian(deviation: Float)

  /// −log p of each example, `[N]`, in nats; `output` is a logit or a mean a pixel.
  func negativeLogLikelihood(_ output: Tensor, of pictures: Tensor) -> Tensor {
    switch self {
    case .bernoulli: return output.binaryCrossEntropyWithLogits(pictures)
    case .gaussian(let deviation):
      let pixels = Float(pictures.shape.dropFirst().reduce(1, *))
      let constant = pixels * (log(deviation) + 0.5 * log(2 * Float.pi))
      return output.squaredError(pictures).scaled(
        by: 0.5 / (deviation * deviation), plus: constant)
    }
  }
}
