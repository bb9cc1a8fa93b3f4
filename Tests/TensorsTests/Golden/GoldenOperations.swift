@testable import Tensors

/// What each `op` of the golden file is called here: from the case's inputs to its output.
enum GoldenOperations {
  typealias Operation = @Sendable ([String: Tensor], GoldenParameters) -> Tensor

  /// Functions of one number, element by element.
  static let elementwise: [String: Operation] = [
    "relu": { t, _ in t["x"]!.relu() },
    "leaky-relu": { $0["x"]!.leakyReLU(slope: $1.slope!) },
    "elu": { $0["x"]!.elu(alpha: $1.alpha!) },
    "gelu": { t, _ in t["x"]!.gelu() },
    "silu": { t, _ in t["x"]!.silu() },
    "sigmoid": { t, _ in t["x"]!.sigmoid() },
    "tanh": { t, _ in t["x"]!.tanh() },
    "softplus": { t, _ in t["x"]!.softplus() },
    "exp": { t, _ in t["x"]!.exp() },
    "expm1": { t, _ in t["x"]!.expm1() },
    "erf": { t, _ in t["x"]!.erf() },
    "log": { t, _ in t["x"]!.log() },
    "log1p": { t, _ in t["x"]!.log1p() },
    "sqrt": { t, _ in t["x"]!.sqrt() },
    "rsqrt": { t, _ in t["x"]!.rsqrt() },
  ]

  static let sums: [String: Operation] = [
    "softmax": { t, _ in t["x"]!.softmax() },
    "log-softmax": { t, _ in t["x"]!.logSoftmax() },
    "bce-with-logits": { t, _ in t["prediction"]!.binaryCrossEntropyWithLogits(t["target"]!) },
    "squared-error": { t, _ in t["prediction"]!.squaredError(t["target"]!) },
    "sum": { $0["x"]!.sum(axes: $1.axes) },
    "mean": { $0["x"]!.mean(axes: $1.axes) },
    "max": { $0["x"]!.max(axes: $1.axes) },
    "min": { $0["x"]!.min(axes: $1.axes) },
    "embedding": { t, _ in t["table"]!.gathered(t["indices"]!) },
    "matmul": {
      $0["a"]!.matmul($0["b"]!, transposingSelf: $1.transposeA!, transposingOther: $1.transposeB!)
    },
    "dense": { t, _ in t["x"]!.linear(weight: t["weight"]!, bias: t["bias"]!) },
    "conv2d": { $0["x"]!.conv2d($0["filter"]!, bias: $0["bias"]!, geometry: $1.geometry) },
    "conv-transpose2d": { t, p in
      let (x, filter, geometry) = (t["x"]!, t["filter"]!, p.geometry)
      let smallest = geometry.transposedSize(
        [x.shape[1], x.shape[2]], kernel: [filter.shape[1], filter.shape[2]])
      return x.convTransposed2d(
        filter, bias: t["bias"]!, geometry: geometry,
        outputSize: zip(smallest, p.outputPadding!.values).map { $0 + $1 })
    },
    "average-pool2d": {
      $0["x"]!.averagePool2d(
        kernel: $1.kernel!.values, geometry: $1.geometry, countingPadding: $1.countPadding!)
    },
    "max-pool2d": { $0["x"]!.maxPool2d(kernel: $1.kernel!.values, geometry: $1.geometry) },
    "resize-nearest": { $0["x"]!.resized(to: $1.size!.values, mode: .nearest) },
    "resize-bilinear": { $0["x"]!.resized(to: $1.size!.values) },
    "batch-norm": { t, p in
      p.training!
        ? normalized(t, p, .batch)
        : t["x"]!.normalized(
          mean: t["runningMean"]!, variance: t["runningVariance"]!, scale: t["scale"]!,
          shift: t["shift"]!, epsilon: p.epsilon!)
    },
    "layer-norm": { normalized($0, $1, .layer) },
    "group-norm": { normalized($0, $1, .group(count: $1.groups!)) },
    "instance-norm": { normalized($0, $1, .instance) },
    "gradient-penalty": { t, p in
      let x = t["x"]!
      let hidden = x.conv2d(t["filter"]!, bias: t["bias"]!, geometry: p.geometry).tanh()
      let score = hidden.flattened().linear(weight: t["weight"]!, bias: t["offset"]!)
      let slope = gradients(of: score.sum(), withRespectTo: [x], recorded: true)[0]
      return slope.squared().sum(axes: [1, 2, 3]).mean()
    },
  ]

  /// Checked by tests of their own, models by those of the room Models.
  static let elsewhere: Set<String> = [
    "argmax", "argmin", "clip-norm", "vae", "sgd", "sgd-momentum", "sgd-nesterov", "adam",
    "adam-weight-decay", "adamw", "relational-context",
  ]

  private static func normalized(
    _ t: [String: Tensor], _ p: GoldenParameters, _ kind: NormalizationKind
  ) -> Tensor {
    t["x"]!.normalized(kind, scale: t["scale"]!, shift: t["shift"]!, epsilon: p.epsilon!).result
  }
}
