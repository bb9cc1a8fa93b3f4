import FileFormats
import Foundation
import Layers
import Tensors
import Testing

@testable import Models

/// The presets against PyTorch: one loss and every gradient, from the same weights, pictures and
/// noise.
@Suite("VAE against PyTorch")
struct GoldenVAETests {
  private static let path = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Fixtures/golden.safetensors").path

  @Test(
    "The loss and every gradient are PyTorch's",
    arguments: [
      (
        "vae-dense",
        VAEConfiguration(height: 4, width: 3, channels: 1, latentSize: 2, hidden: [7])
      ),
      (
        "vae-convolutional",
        VAEConfiguration(
          height: 8, width: 12, channels: 1, preset: .convolutional, latentSize: 2, filters: [3, 5])
      ),
      (
        "vae-convolutional-odd",
        VAEConfiguration(
          height: 7, width: 10, channels: 3, preset: .convolutional, latentSize: 2, filters: [3, 5])
      ),
    ])
  func gradients(_ name: String, _ configuration: VAEConfiguration) throws {
    let file = try Safetensors(path: Self.path)
    func golden(_ what: String) throws -> Tensor {
      let array = try file.array(named: "\(name)/\(what)")
      return Tensor(array.doubles, shape: array.shape)
    }
    let vae = VAE(configuration, seed: 1, dtype: .float64)
    let parameters = vae.parameters.trainable
    for parameter in parameters { parameter.assign(try golden(parameter.name)) }
    let bound = vae.bound(try golden("x"), noise: try golden("noise"), .evaluation)

    // Both sides work in double precision: only the order of additions differs.
    let expected = try golden("loss").scalar()
    #expect(abs(try bound.loss.scalar() - expected) < 1e-11 * abs(expected))
    let found = Tensors.gradients(of: bound.loss, withRespectTo: parameters.map(\.value))
    for (gradient, parameter) in zip(found, parameters) {
      let expected = try golden("d" + parameter.name).doubles()
      let largest = expected.map(abs).max() ?? 0
      for (index, pair) in zip(try gradient.doubles(), expected).enumerated() {
        #expect(
          abs(pair.0 - pair.1) < 1e-11 * max(largest, 1),
          "d\(parameter.name)[\(index)]: \(pair.0), PyTorch \(pair.1)")
      }
    }
  }
}
