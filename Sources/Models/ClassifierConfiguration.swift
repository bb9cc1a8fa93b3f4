import Layers
import Tensors

/// Everything that decides a ``Classifier``'s parameters.
public struct ClassifierConfiguration: Sendable, Hashable, Codable {
  /// The family of its layers.
  public enum Preset: String, Sendable, Hashable, Codable, CaseIterable {
    /// 3×3 convolutions with batch normalisation, then the mean over the picture.
    case convolutional
    /// LeNet-5 (LeCun, Bottou, Bengio and Haffner 1998) with ReLU and max-pooling, as it is used
    /// today; for pictures from 12×12 on.
    case lenet
  }

  /// Size of a picture in pixels, and its channels: 1 for grey, 3 for colour.
  public var height, width, channels: Int
  /// How many classes it tells apart.
  public var classes: Int
  /// The family of its layers; it decides whether `filters` are used.
  public var preset: Preset
  /// Filters of each convolution of the convolutional preset; the last is the number of features.
  public var filters: [Int]
  /// The most noise on training pictures: its standard deviation, of pixels in 0…1; 0 for none, to 1.
  public var noise: Float = 0

  /// The preset's own sizes: convolutional 32, 64, 128 and 128 filters, 0.24 million parameters.
  public init(
    height: Int, width: Int, channels: Int, classes: Int, preset: Preset = .convolutional,
    filters: [Int] = [32, 64, 128, 128]
  ) {
    (self.height, self.width, self.channels) = (height, width, channels)
    self.classes = classes
    self.preset = preset
    self.filters = filters
  }

  /// Height, width, channels.
  public var pictureShape: [Int] { [height, width, channels] }

  /// Numbers that describe a picture before classes are told from them.
  public var featureCount: Int { preset == .lenet ? 84 : filters.last ?? 0 }

  /// The most that any size may be: what lies above is a slip or a hostile file.
  private static let largest = 4096

  /// Why no classifier can be built from this, or nil.
  ///
  /// It answers for any numbers, those of a hostile file included.
  public var problem: String? {
    let largest = Self.largest
    for (name, size) in [("height", height), ("width", width), ("channels", channels)]
    where !(1...largest).contains(size) {
      return "\(name) \(size), expected 1 to \(largest)"
    }
    if !(2...largest).contains(classes) { return "\(classes) classes, expected 2 to \(largest)" }
    if !(0...1).contains(noise) { return "noise \(noise), expected 0 to 1" }
    switch preset {
    case .lenet:
      if min(height, width) < 12 {
        return "pictures of \(height)×\(width), expected at least 12×12"
      }
      if max(height, width) > 1024 {
        return "pictures of \(height)×\(width), expected at most 1024×1024 for lenet"
      }
    case .convolutional:
      if !(1...16).contains(filters.count) { return "\(filters.count) filters, expected 1 to 16" }
      if filters.contains(where: { !(1...largest).contains($0) }) {
        return "filters \(filters), expected 1 to \(largest) each"
      }
    }
    return nil
  }

  /// Name and shape of every parameter and running statistic, without memory for any.
  ///
  /// - Precondition: there is no ``problem``.
  public var arrayShapes: [(name: String, shape: [Int])] {
    let parameters = Classifier(self, seed: 0, on: Device.cpu.planningMemory()).parameters
    return (parameters.trainable + parameters.statistics).map { ($0.name, $0.shape) }
  }

  /// Trainable numbers in all.
  ///
  /// - Precondition: there is no ``problem``.
  public var parameterCount: Int {
    Classifier(self, seed: 0, on: Device.cpu.planningMemory()).parameters.count
  }

  /// The most pictures that fit a batch: more would need a tensor of 2^31 numbers.
  ///
  /// - Precondition: there is no ``problem``.
  public var largestBatch: Int {
    // No layer enlarges a picture.
    let depth = preset == .lenet ? 6 : filters.max()!
    return max(maximumElementCount / (height * width * max(channels, depth)), 1)
  }

  /// Pictures `[N, H, W, C]` to features `[N, featureCount]`.
  func body(in scope: ParameterScope) -> Sequential {
    preset == .lenet ? lenet(in: scope) : convolutions(in: scope)
  }

  /// The first and last convolution keep the picture's size, those between halve it.
  private func convolutions(in scope: ParameterScope) -> Sequential {
    let depths = [channels] + filters
    let layers: [[any Layer]] = filters.indices.map { index in
      let isOuter = index == 0 || index == filters.count - 1
      return [
        Conv2D(
          depths[index], depths[index + 1], kernel: [3, 3],
          geometry: Convolution2DGeometry(stride: isOuter ? 1 : 2, padding: 1), hasBias: false,
          in: scope.scope("\(index)")),
        Normalization(
          .batch, channels: depths[index + 1], in: scope.scope("\(index).normalization")),
        Activate(.relu),
      ]
    }
    return Sequential(layers.flatMap { $0 } + [GlobalAveragePool()])
  }

  /// The first convolution is padded, so that 28×28 pictures give 5×5×16 numbers, as in the paper's
  /// 32×32.
  private func lenet(in scope: ParameterScope) -> Sequential {
    let inner = [height, width].map { ($0 / 2 - 4) / 2 }
    let kernel = [5, 5]
    return Sequential([
      Conv2D(
        channels, 6, kernel: kernel, geometry: Convolution2DGeometry(padding: 2),
        activation: .relu, in: scope.scope("0")),
      MaxPool2D(2),
      Conv2D(6, 16, kernel: kernel, activation: .relu, in: scope.scope("1")),
      MaxPool2D(2), Flatten(),
      Dense(inner[0] * inner[1] * 16, 120, activation: .relu, in: scope.scope("2")),
      Dense(120, 84, activation: .relu, in: scope.scope("3")),
    ])
  }
}
