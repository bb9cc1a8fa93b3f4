import CKernels
import Foundation

@testable import Tensors

/// [outer, reduced, inner].
private typealias Box = (outer: Int, reduced: Int, inner: Int)

extension KernelTable {
  private static let boxes: [Box] = [
    (1, 0, 1), (1, 1, 1), (1, 2, 1), (1, 7, 1), (1, 15, 1), (1, 16, 1), (1, 17, 1), (1, 31, 1),
    (1, 33, 1), (1, 127, 1), (1, 1009, 1), (3, 0, 2), (0, 5, 3), (4, 3, 0), (5, 16, 1), (7, 33, 1),
    (1, 5, 7), (1, 17, 16), (3, 17, 5), (2, 1009, 3), (7, 4, 65), (2, 129, 130), (1, 300, 301),
    (1, manyChunks, 1), (3, 40_001, 1), (1, 20_011, 7), (20_011, 7, 1), (2003, 3, 31),
    (1, 3, 70_001),
  ]
  private static let edgeBoxes: [Box] = [(1, 1009, 1), (7, 33, 1), (33, 7, 5), (1, 40_001, 3)]
  private static let tieBoxes: [Box] = [(1, 1009, 1), (7, 65, 1), (3, 65, 17)]
  private static let integerBoxes: [Box] = [
    (1, 1, 1), (0, 3, 2), (1, 1009, 1), (7, 33, 1), (3, 17, 5),
  ]

  private static let operations: [(op: ck_reduce_op, name: String)] = [
    (CK_SUM, "sum"), (CK_MEAN, "mean"), (CK_SUM_OF_SQUARES, "sumOfSquares"), (CK_MAX, "max"),
    (CK_MIN, "min"), (CK_ARGMAX, "argmax"), (CK_ARGMIN, "argmin"),
  ]

  static let reductions: [KernelCase] = operations.flatMap { operation -> [KernelCase] in
    boxes.map { reduceCase(operation, $0, .normal) }
      + edgeBoxes.map {
        reduceCase(operation, $0, operation.op == CK_MEAN ? .moderateEdges : .edges, " edges")
      }
      + tieBoxes.map { reduceCase(operation, $0, .whole, " ties") }
      + [reduceCase(operation, (3, 17, 2), .list([0, -0.0]), " zeros")]
  }

  static let integerReductions: [KernelCase] =
    operations.filter { $0.name != "mean" }.flatMap { operation in
      integerBoxes.map { reduceCase(operation, $0, .integers(-50...50)).typed(.int32) }
    }

  private static func reduceCase(
    _ operation: (op: ck_reduce_op, name: String), _ box: Box, _ values: TestValues,
    _ label: String = ""
  ) -> KernelCase {
    let op = operation.op
    let shape = ck_reduce_shape(
      op: op, outer: Int32(box.outer), reduced: Int32(box.reduced), inner: Int32(box.inner))
    let isPosition = op == CK_ARGMAX || op == CK_ARGMIN
    return KernelCase(
      "\(operation.name) [\(box.outer), \(box.reduced), \(box.inner)]\(label)",
      [
        .input(box.outer * box.reduced * box.inner, values),
        .output(box.outer * box.inner, as: isPosition ? .int32 : nil),
      ],
      truth: Truth(
        .ofMagnitudes(op.rawValue <= CK_SUM_OF_SQUARES.rawValue ? sumUnits(box.reduced) : 0)
      ) {
        v in [columns(v[0], box).map { reduced($0, op) }]
      }
    ) { .reduce(shape, x: $0[0], y: $0[1]) }
  }

  /// The elements that go into each output, in order.
  private static func columns(_ x: [Double], _ box: Box) -> [[Double]] {
    (0..<box.outer).flatMap { o in
      (0..<box.inner).map { i in
        (0..<box.reduced).map { x[(o * box.reduced + $0) * box.inner + i] }
      }
    }
  }

  private static func reduced(_ x: [Double], _ op: ck_reduce_op) -> Double {
    let sum = x.reduce(0, +)
    switch op {
    case CK_SUM: return sum
    case CK_MEAN: return sum / Double(x.count)
    case CK_SUM_OF_SQUARES: return x.reduce(0) { $0 + $1 * $1 }
    case CK_MAX: return x.contains(where: \.isNaN) ? .nan : x.max() ?? -.infinity
    case CK_MIN: return x.contains(where: \.isNaN) ? .nan : x.min() ?? .infinity
    default:
      let extreme = op == CK_ARGMAX ? x.max() : x.min()
      return Double(x.firstIndex(where: \.isNaN) ?? x.firstIndex { $0 == extreme } ?? 0)
    }
  }

  // MARK: Rows

  static let rows: [KernelCase] = softmaxes + losses

  private typealias RowSize = (rows: Int, columns: Int)

  private static let rowSizes: [RowSize] = [
    (0, 5), (5, 0), (1, 1), (3, 1), (1, 7), (5, 10), (4, 15), (4, 16), (4, 17), (7, 67), (2, 1000),
    (3, 40_009), (4001, 10), (129, 65),
  ]

  private static let softmaxes: [KernelCase] = [0, 1].flatMap { logarithm -> [KernelCase] in
    rowSizes.flatMap { [forward($0, logarithm, .normal), backward($0, logarithm)] } + [
      forward((37, 17), logarithm, .list(far), " far"),
      forward((150, 7), logarithm, .edges, " edges"),
    ]
  }

  private static let far: [Double] = [-200, 0, 200, 88, 89, 90, -1e30, 1e-30, 5, -104, -87.5]

  /// The difference to the row's maximum is rounded, and exp turns that absolute error into a
  /// relative one.
  private static func forward(
    _ size: RowSize, _ logarithm: Int, _ values: TestValues, _ label: String = ""
  ) -> KernelCase {
    let shape = softmaxShape(size, logarithm)
    let formula: Truth.Formula = { v in
      [eachRow(v[0], size) { logarithm == 1 ? logSoftmax($0) : logSoftmax($0).map(exp) }]
    }
    let sizes: Truth.Formula = { v in
      [
        eachRow(v[0], size) { x in
          let (y, largest) = (logSoftmax(x), x.max()!)
          return x.indices.map { i in
            logarithm == 1
              ? abs(x[i] - largest) + abs(y[i]) + 1
              : exp(y[i]) * (1 + Swift.min(abs(x[i] - largest), 200))
          }
        }
      ]
    }
    return KernelCase(
      "\(logarithm == 1 ? "logSoftmax" : "softmax") \(size.rows) × \(size.columns)\(label)",
      [.input(size.rows * size.columns, values), .output(size.rows * size.columns)],
      truth: Truth(.of(sumUnits(size.columns / 16), sizes), formula)
    ) { .softmax(shape, x: $0[0], y: $0[1]) }
  }

  private static func backward(_ size: RowSize, _ logarithm: Int) -> KernelCase {
    let shape = softmaxShape(size, logarithm)
    let count = size.rows * size.columns
    @Sendable func formula(_ v: [[Double]], _ sign: Double) -> [[Double]] {
      [
        zip(chunks(v[0], size), chunks(v[1], size)).flatMap { y, dy -> [Double] in
          let sum = zip(y, dy).reduce(0) { $0 + (logarithm == 1 ? $1.1 : $1.0 * $1.1) }
          return zip(y, dy).map { y, dy in
            logarithm == 1 ? dy + sign * exp(y) * sum : y * (dy + sign * sum)
          }
        }
      ]
    }
    return KernelCase(
      "\(logarithm == 1 ? "logSoftmax" : "softmax")Backward \(size.rows) × \(size.columns)",
      [.input(count, logarithm == 1 ? .normal : .unit), .input(count), .output(count)],
      truth: Truth(
        .of(sumUnits(size.columns)) { v in formula([v[0], v[1].map(abs)], 1) }
      ) { formula($0, -1) }
    ) { .softmaxBackward(shape, y: $0[0], dy: $0[1], dx: $0[2]) }
  }

  private static func softmaxShape(_ size: RowSize, _ logarithm: Int)
    -> ck_softmax_shape
  {
    ck_softmax_shape(
      rows: Int32(size.rows), columns: Int32(size.columns), logarithm: Int32(logarithm))
  }

  private static func logSoftmax(_ x: [Double]) -> [Double] {
    let largest = x.contains(where: \.isNaN) ? .nan : x.max()!
    let logarithm = log(x.reduce(0) { $0 + exp($1 - largest) })
    return x.map { $0 - largest - logarithm }
  }

  private static func chunks(_ x: [Double], _ size: RowSize) -> [[Double]] {
    size.columns == 0
      ? [] : (0..<size.rows).map { Array(x[$0 * size.columns..<($0 + 1) * size.columns]) }
  }

  private static func eachRow(
    _ x: [Double], _ size: RowSize, _ function: ([Double]) -> [Double]
  ) -> [Double] {
    chunks(x, size).flatMap(function)
  }

  // MARK: Losses

  private static let losses: [KernelCase] = [CK_BCE_WITH_LOGITS, CK_SQUARED_ERROR].flatMap { loss in
    rowSizes.flatMap { lossCases(loss, $0, .normal) }
      + lossCases(
        loss, (9, 13), .list([-100, -30, -1e-3, 0, 1e-3, 30, 100, 500, -500, 3, -7]), " far")
  }

  private static func lossCases(
    _ loss: ck_loss, _ size: RowSize, _ values: TestValues, _ label: String = ""
  ) -> [KernelCase] {
    let isCrossEntropy = loss == CK_BCE_WITH_LOGITS
    let shape = ck_loss_shape(loss: loss, rows: Int32(size.rows), columns: Int32(size.columns))
    let name = "\(isCrossEntropy ? "bceWithLogits" : "squaredError")"
    let label = "\(size.rows) × \(size.columns)\(label)"
    let count = size.rows * size.columns
    let inputs: [OperandSpec] = [
      .input(count, values), .input(count, isCrossEntropy ? .unit : .normal),
    ]
    @Sendable func rowSums(_ v: [[Double]], _ term: (Double, Double) -> Double) -> [[Double]] {
      [
        (0..<size.rows).map { r in
          (0..<size.columns).reduce(0) { sum, c in
            sum + term(v[0][r * size.columns + c], v[1][r * size.columns + c])
          }
        }
      ]
    }
    @Sendable func each(_ v: [[Double]], _ term: (Double, Double) -> Double) -> [[Double]] {
      [(0..<count).map { term(v[0][$0], v[1][$0]) * v[2][$0 / size.columns] }]
    }
    return [
      KernelCase(
        "\(name) \(label)", inputs + [.output(size.rows)],
        truth: Truth(
          .of(sumUnits(size.columns)) { v in
            rowSums(v) { p, t in
              isCrossEntropy
                ? softplus(abs(p)) + abs(p * t) : (abs(p) + abs(t)) * (abs(p) + abs(t))
            }
          }
        ) { v in
          rowSums(v) { p, t in isCrossEntropy ? softplus(p) - p * t : (p - t) * (p - t) }
        }
      ) { .rowLoss(shape, prediction: $0[0], target: $0[1], y: $0[2]) },
      KernelCase(
        "\(name)Backward \(label)", inputs + [.input(size.rows), .output(count)],
        truth: Truth(
          .of(6) { v in
            each(v) { p, t in isCrossEntropy ? sigmoid(p) + abs(t) : 2 * (abs(p) + abs(t)) }
          }
        ) { v in each(v) { p, t in isCrossEntropy ? sigmoid(p) - t : 2 * (p - t) } }
      ) {
        .rowLossBackward(shape, prediction: $0[0], target: $0[1], dy: $0[2], dPrediction: $0[3])
      },
    ]
  }
}
