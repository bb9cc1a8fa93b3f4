@testable import Tensors

extension GradientTable {
  private static let transposes = [(false, false), (false, true), (true, false), (true, true)]

  // MARK: Matrix products

  static let products: [GradientCase] =
    transposes.flatMap { a, b -> [GradientCase] in
      let (left, right) = (a ? [4, 3] : [3, 4], b ? [2, 4] : [4, 2])
      let batches: [(String, [Int], [Int])] = [
        ("", [], []), (" batched", [2], [2]), (" sharing b", [2], []), (" sharing a", [], [2]),
        (" broadcast", [2, 1], [3]),
      ]
      return batches.map { label, batchA, batchB in
        GradientCase(
          "matmul \(a ? "t" : "n")\(b ? "t" : "n")\(label)", batchA + left, batchB + right
        ) {
          $0[0].matmul($0[1], transposingSelf: a, transposingOther: b)
        }
      }
    } + [
      GradientCase("linear", [5, 3], [4, 3], [4]) { $0[0].linear(weight: $0[1], bias: $0[2]) },
      GradientCase("linear without bias", [2, 2, 3], [4, 3]) { $0[0].linear(weight: $0[1]) },
      GradientCase("linear of a vector", [3], [4, 3], [4]) {
        $0[0].linear(weight: $0[1], bias: $0[2])
      },
      GradientCase("linear of fixed input", [4, 3], [4]) {
        let x = Tensor.normal([5, 3], key: RandomKey(seed: 2), on: $0[0].device, dtype: .float64)
        return x.linear(weight: $0[0], bias: $0[1], activation: .relu)
      },
    ]
    + ActivationRow.allAndFalling.map { row in
      GradientCase("linear \(row.name)", [5, 3], [4, 3], [4]) {
        $0[0].linear(weight: $0[1], bias: $0[2], activation: row.activation)
      }
    }

  // MARK: Convolutions

  private static let geometries:
    [(name: String, picture: [Int], filter: [Int], Convolution2DGeometry)] =
      [
        ("plain", [2, 4, 3, 2], [3, 2, 2, 2], .init()),
        ("same", [1, 3, 4, 2], [2, 3, 3, 2], .init(padding: 1)),
        ("stride", [1, 6, 5, 1], [2, 4, 3, 1], .init(stride: [2, 1], padding: [1, 1, 1, 1])),
        (
          "uneven padding", [1, 4, 5, 1], [2, 3, 2, 1],
          .init(stride: [2, 3], padding: [2, 0, 0, 1])
        ),
        (
          "dilated", [1, 5, 6, 1], [1, 2, 3, 1],
          .init(stride: [1, 2], padding: [1, 1, 2, 2], dilation: [3, 2])
        ),
        ("groups", [1, 4, 4, 4], [6, 2, 2, 2], .init(stride: 2, padding: 1, groups: 2)),
        ("depthwise", [1, 3, 4, 3], [3, 2, 2, 1], .init(groups: 3)),
        ("gaps", [1, 7, 7, 1], [2, 2, 2, 1], .init(stride: 3)),
      ]

  static let convolutions: [GradientCase] =
    geometries.flatMap {
      name, picture, filter, geometry -> [GradientCase] in
      let channels = filter[0]
      let size = geometry.outputSize([picture[1], picture[2]], kernel: [filter[1], filter[2]])
      let output = [picture[0], size[0], size[1], channels]
      return [
        GradientCase("conv2d \(name)", picture, filter, [channels]) {
          $0[0].conv2d($0[1], bias: $0[2], geometry: geometry)
        },
        // The picture's own size, which is not always the smallest.
        GradientCase("convTransposed2d \(name)", output, filter, [picture[3]]) {
          $0[0].convTransposed2d(
            $0[1], bias: $0[2], geometry: geometry, outputSize: [picture[1], picture[2]])
        },
        // The filter gradient in its own right: a gradient of a function of both, differentiated
        // again.
        GradientCase("filter gradient \(name)", picture, output) {
          let filter = Tensor.zeros(filter, dtype: .float64, on: $0[0].device).tracked()
          return gradients(
            of: $0[0].conv2d(filter, geometry: geometry), withRespectTo: [filter], seed: $0[1],
            recorded: true)[0]
        },
      ]
    }
    + ActivationRow.allAndFalling.flatMap { row -> [GradientCase] in
      [
        GradientCase("conv2d \(row.name)", [1, 4, 3, 2], [3, 2, 2, 2], [3]) {
          $0[0].conv2d($0[1], bias: $0[2], geometry: .init(padding: 1), activation: row.activation)
        },
        GradientCase("convTransposed2d \(row.name)", [1, 2, 3, 2], [2, 3, 3, 2], [2]) {
          $0[0].convTransposed2d(
            $0[1], bias: $0[2], geometry: .init(stride: 2, padding: 1), outputSize: [4, 5],
            activation: row.activation)
        },
      ]
    } + [
      GradientCase("conv2d without bias", [1, 4, 3, 2], [3, 2, 2, 2]) {
        $0[0].conv2d($0[1], activation: .leakyReLU(slope: 0.1))
      },
      GradientCase("conv2d of a fixed picture", [2, 2, 2, 1], [2]) {
        let picture = Tensor.normal(
          [1, 4, 4, 1], key: RandomKey(seed: 5), on: $0[0].device, dtype: .float64)
        return picture.conv2d($0[0], bias: $0[1], activation: .relu)
      },
    ]

  // MARK: Pictures

  static let pictures: [GradientCase] = [
    GradientCase("averagePool2d", [1, 5, 4, 2]) {
      $0[0].averagePool2d(kernel: [3, 2], geometry: .init(stride: 2, padding: 1)).squared()
    },
    GradientCase("averagePool2d without padding", [1, 5, 4, 2]) {
      $0[0].averagePool2d(
        kernel: [3, 2], geometry: .init(stride: 2, padding: 1), countingPadding: false
      ).squared()
    },
    GradientCase("maxPool2d", [2, 4, 5, 2], domain: .distinct) {
      $0[0].maxPool2d(kernel: [2, 3], geometry: .init(stride: [2, 1], padding: [1, 0, 1, 1]))
        .squared()
    },
    GradientCase("nearest up", [1, 2, 3, 2]) {
      $0[0].resized(to: [5, 4], mode: .nearest).squared()
    },
    GradientCase("nearest down", [1, 5, 4, 1]) {
      $0[0].resized(to: [2, 3], mode: .nearest).squared()
    },
    GradientCase("bilinear up", [1, 2, 3, 2]) { $0[0].resized(to: [5, 4]).squared() },
    GradientCase("bilinear down", [1, 5, 4, 1]) { $0[0].resized(to: [2, 3]).squared() },
  ]

  // MARK: Normalisation

  private static let kinds: [(name: String, kind: NormalizationKind, shape: [Int])] = [
    ("batch", .batch, [3, 2, 2, 2]), ("batch of vectors", .batch, [5, 3]),
    ("layer", .layer, [3, 4]),
    ("layer of pictures", .layer, [2, 1, 2, 4]), ("group", .group(count: 2), [2, 2, 2, 4]),
    ("one group", .group(count: 1), [2, 3, 2]), ("instance", .instance, [2, 2, 2, 3]),
  ]

  static let normalizations: [GradientCase] =
    kinds.flatMap { name, kind, shape -> [GradientCase] in
      let channels = [shape[shape.count - 1]]
      return [
        GradientCase("\(name) norm", shape) { $0[0].normalized(kind).result },
        GradientCase("\(name) norm affine", shape, channels, channels) {
          $0[0].normalized(kind, scale: $0[1], shift: $0[2]).result
        },
        GradientCase("\(name) norm of fixed input", channels, channels) {
          let x = Tensor.normal(shape, key: RandomKey(seed: 3), on: $0[0].device, dtype: .float64)
          return x.normalized(kind, scale: $0[0], shift: $0[1]).result.squared()
        },
      ]
    } + [
      GradientCase("fixed statistics", [3, 2, 2]) {
        $0[0].normalized(
          mean: constant([0.3, -0.2], $0[0]), variance: constant([0.7, 1.5], $0[0])
        )
        .squared()
      },
      GradientCase("fixed statistics affine", [3, 2, 2], [2], [2]) {
        $0[0].normalized(
          mean: constant([0.3, -0.2], $0[0]), variance: constant([0.7, 1.5], $0[0]), scale: $0[1],
          shift: $0[2])
      },
      // The scale also shapes what is normalised: its gradient has two parts, each counted once.
      GradientCase("scale used twice", [4, 3], [3], [3]) {
        ($0[0] * $0[1]).tanh().normalized(.layer, scale: $0[1], shift: $0[2]).result
      },
      GradientCase("shift made of the input", [4, 3], [3]) {
        $0[0].normalized(.batch, scale: $0[1], shift: $0[0].mean(axes: [0])).result
      },
    ]

  private static func constant(_ values: [Double], _ beside: Tensor) -> Tensor {
    Tensor(values, shape: [values.count], on: beside.device)
  }
}
