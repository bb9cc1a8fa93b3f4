import FileFormats
import Tensors

/// Examples that are processed together.
public struct Batch: Sendable, Equatable {
  /// Each example's index in its data set, which random numbers depend on.
  public let indices: [Int]
  /// Each example's class; −1 where it has none.
  public let labels: [Int]
  /// Shape of one picture.
  public let shape: PictureShape
  /// [N, height, width, channels], 0…1.
  public let pixels: [Float]

  /// The examples at these indices, as they are or as `change` makes them; it is given the position
  /// in `indices`.
  public init(
    _ dataset: some Dataset, indices: [Int],
    changing change: (Int, Picture) -> Picture = { $1 }
  ) throws(FileFormatError) {
    var pixels: [Float] = []
    pixels.reserveCapacity(indices.count * dataset.shape.count)
    for (position, index) in indices.enumerated() {
      for value in change(position, try dataset.picture(at: index)).pixels {
        pixels.append(Float(value) / 255)
      }
    }
    self.indices = indices
    labels = indices.map { dataset.label(at: $0) ?? -1 }
    shape = dataset.shape
    self.pixels = pixels
  }

  /// Number of examples.
  public var count: Int { indices.count }

  /// The pictures as a float32 tensor [N, height, width, channels] in 0…1.
  public func pictures(on device: Device = .cpu) -> Tensor {
    Tensor(pixels, shape: [count, shape.height, shape.width, shape.channels], on: device)
  }

  /// The labels as an int32 tensor [N].
  public func classes(on device: Device = .cpu) -> Tensor {
    Tensor(labels.map(Int32.init), shape: [count], on: device)
  }

  /// The indices as an int32 tensor [N].
  public func examples(on device: Device = .cpu) -> Tensor {
    Tensor(indices.map(Int32.init), shape: [count], on: device)
  }
}
