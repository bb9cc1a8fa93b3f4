import FileFormats
import Foundation
import Layers
import Tensors
import Testing

@testable import Models

/// The presets against PyTorch: one loss and every gradient, from the same weights, pictures and noise.
@Suite("VAE against PyTorch")
struct GoldenVAETests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Fixtures/golden.safetensors").path

  private func doubles(_ file: Safetensors, _ name: String) throws -> (values: [Double], shape: [Int]) {
    let array = try file.array(named: name)
    return (array.doubles, array.shape)
  }

  private func check(_ name: String, _ configuration: VAEConfiguration, _ weights: [String]) throws {
    let file = try Safetensors(path: Self.file)
    let vae = VAE(configuration, seed: 1, dtype: .float64)
    #expect(vae.parameters.trainable.count == weights.count)
    for (parameter, weight) in zip(vae.parameters.trainable, weights) {
      parameter.assign(Tensor(try doubles(file, "\(name)/\(weight)").values, shape: parameter.shape))
    }
    let (x, shape) = try doubles(file, "\(name)/x")
    let (noise, noiseShape) = try doubles(file, "\(name)/noise")
    let bound = vae.bound(
      Tensor(x, shape: shape), noise: Tensor(noise, shape: noiseShape), .evaluation)
    // Both sides work in double precision: only the order of additions differs.
    let expected = try doubles(file, "\(name)/loss").values[0]
    #expect(abs(try bound.loss.scalar() - expected) < 1e-10 * abs(expected))
    let found = gradients(of: bound.loss, withRespectTo: vae.parameters.trainable.map(\.value))
    for (gradient, weight) in zip(found, weights) {
      let (expected, _) = try doubles(file, "\(name)/d\(weight)")
      let largest = expected.map(abs).max() ?? 0
      for (index, pair) in zip(try gradient.doubles(), expected).enumerated() {
        #expect(abs(pair.0 - pair.1) < 1e-10 * max(largest, 1), "d\(weight)[\(index)]")
      }
    }
  }

  @Test("dense preset")
  func dense() throws {
    try check(
      "vae-dense",
      VAEConfiguration(height: 4, width: 3, channels: 1, latentSize: 2, hidden: [7]),
      [
        "encoderWeight", "encoderBias", "posteriorWeight", "posteriorBias", "decoderWeight",
        "decoderBias", "pixelWeight", "pixelBias",
      ])
  }

  @Test("convolutional preset")
  func convolutional() throws {
    try check(
      "vae-conv",
      VAEConfiguration(
        height: 8, width: 12, channels: 1, preset: .convolutional, latentSize: 2, filters: [3, 5]),
      [
        "encoderFilter1", "encoderBias1", "encoderFilter2", "encoderBias2", "posteriorWeight",
        "posteriorBias", "decoderWeight", "decoderBias", "decoderFilter1", "decoderBias1",
        "decoderFilter2", "decoderBias2",
      ])
  }
}
