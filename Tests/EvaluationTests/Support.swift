import Tensors

@testable import Evaluation

/// Rows of normal features, moved and scaled, with probabilities that follow the first numbers.
func impressions(
  _ count: Int, features: Int = 5, classes: Int = 3, seed: UInt64, shift: Float = 0,
  scale: Float = 1
) throws -> Impressions {
  let key = RandomKey(seed: seed, stream: 77)
  let values = try Tensor.normal([count, features], key: key).scaled(by: scale, plus: shift)
    .floats()
  let logits = Tensor(values, shape: [count, features]).sliced(0..<classes, axis: 1)
  return Impressions(
    count: count, features: values, probabilities: try logits.softmax().floats(),
    classCount: classes)
}

extension Impressions {
  /// The features of a row in double precision.
  func row(_ index: Int) -> [Double] {
    features[index * featureCount..<(index + 1) * featureCount].map(Double.init)
  }

  var rows: [[Double]] { (0..<count).map(row) }
}

/// The plain distance between two rows.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
}
