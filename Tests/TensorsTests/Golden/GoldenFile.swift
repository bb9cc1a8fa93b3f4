import FileFormats
import Foundation
import Testing

@testable import Tensors

/// Operations and their gradients as PyTorch computes them in float64; `make_golden_vectors.py`
/// describes the file.
struct GoldenCase: Sendable, CustomTestStringConvertible {
  let name: String
  let parameters: GoldenParameters
  private let arrays: [String: NumericArray]

  var testDescription: String { name }

  var names: [String] { arrays.keys.sorted() }

  func has(_ what: String) -> Bool { arrays[what] != nil }

  func shape(_ what: String) -> [Int] { arrays[what]!.shape }

  /// PyTorch's numbers.
  func values(_ what: String) -> [Double] { arrays[what]!.doubles }

  /// An input on a device; indices stay int32.
  func tensor(_ what: String, _ dtype: DType, on device: Device) -> Tensor {
    let array = arrays[what]!
    if array.elementType == .int32 {
      return Tensor(array.doubles.map { Int32($0) }, shape: array.shape, on: device)
    }
    return dtype == .float64
      ? Tensor(array.doubles, shape: array.shape, on: device)
      : Tensor(array.floats, shape: array.shape, on: device)
  }

  /// Every case of the file, by name.
  static let all: [GoldenCase] = {
    do {
      let path = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Fixtures/golden.safetensors").path
      let file = try Safetensors(path: path)
      let description = try JSONDecoder().decode(
        Description.self, from: Data(file.metadata["atelier.golden", default: "{}"].utf8))
      var arrays: [String: [String: NumericArray]] = [:]
      for entry in file.entries {
        let parts = entry.name.split(separator: "/").map(String.init)
        arrays[parts[0], default: [:]][parts[1]] = try file.array(entry)
      }
      return description.cases.sorted { $0.key < $1.key }.map {
        GoldenCase(name: $0.key, parameters: $0.value, arrays: arrays[$0.key] ?? [:])
      }
    } catch {
      preconditionFailure("golden.safetensors cannot be read: \(error)")
    }
  }()

  private struct Description: Decodable {
    let cases: [String: GoldenParameters]
  }
}

/// What a case's operation was given beside tensors.
struct GoldenParameters: Decodable, Sendable {
  let op: String
  var axes: [Int]?
  var slope, alpha, epsilon: Float?
  var transposeA, transposeB: Bool?
  var stride, padding, outputPadding, dilation, kernel, size: OneOrTwo?
  var groups: Int?
  var countPadding, training, nesterov: Bool?
  var rate, momentum, weightDecay, beta1, beta2, maximum: Float?

  /// [down, across], or one number for both.
  struct OneOrTwo: Decodable, Sendable {
    let values: [Int]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let one = try? container.decode(Int.self) {
        values = [one, one]
      } else {
        values = try container.decode([Int].self)
      }
    }
  }

  var geometry: Convolution2DGeometry {
    let padding = padding?.values ?? [0, 0]
    return Convolution2DGeometry(
      stride: stride?.values ?? [1, 1], padding: [padding[0], padding[0], padding[1], padding[1]],
      dilation: dilation?.values ?? [1, 1], groups: groups ?? 1)
  }
}
