import CKernels

@testable import Tensors

extension KernelTable {
  static let normalizations: [KernelCase] =
    views.flatMap { view in
      [false, true].flatMap { affine in
        [view.normalizeCase(affine: affine), view.standardizeCase(affine: affine)]
          + [false, true].map { view.backwardCase(affine: affine, isFixed: $0) }
      }
    } + [
      // Far from 0, where a one-pass variance would lose every digit.
      View(n: 1, s: 301, g: 3, c: 1).standardizeCase(
        .list([1000.25, 1000.5, 999.75, 1000]), " far from 0"),
      View(n: 3, s: 1, g: 1, c: 17).standardizeCase(.list([5]), " all the same"),
      View(n: 2, s: 33, g: 3, c: 1).standardizeCase(.moderateEdges, " edges"),
    ]

  private static let views: [View] = [
    View(n: 1, s: 17, g: 5, c: 1), View(n: 1, s: 1, g: 3, c: 1), View(n: 1, s: 1009, g: 33, c: 1),
    View(n: 1, s: 3 * 41 * 43, g: 16, c: 1), View(n: 1, s: 40_001, g: 1, c: 1),
    View(n: 1, s: 401, g: 260, c: 1),
    View(n: 5, s: 1, g: 1, c: 13), View(n: 1, s: 1, g: 1, c: 1), View(n: 37, s: 1, g: 1, c: 512),
    View(n: 2003, s: 1, g: 1, c: 17), View(n: 2, s: 15, g: 6, c: 1),
    View(n: 3, s: 400, g: 17, c: 1),
    View(n: 2, s: 15, g: 3, c: 2), View(n: 2, s: 99, g: 1, c: 34), View(n: 3, s: 300, g: 4, c: 9),
    // More columns to a group than are folded at once.
    View(n: 4, s: 1, g: 1, c: 1300), View(n: 2, s: 70, g: 2, c: 513),
    View(n: 0, s: 5, g: 3, c: 1), View(n: 2, s: 5, g: 0, c: 1),
  ]
}

/// x [n, s, g, c] with statistics over s and c.
private struct View: Sendable {
  let n, s, g, c: Int

  private var size: Int { n * s * g * c }
  private var groups: Int { n * g }
  private var channels: Int { g * c }
  private var members: Double { Double(s * c) }
  private var name: String { "[\(n), \(s), \(g), \(c)]" }

  private func shape(isFixed: Bool = false) -> ck_normalize_shape {
    ck_normalize_shape(
      n: Int32(n), s: Int32(s), g: Int32(g), c: Int32(c), epsilon: 1e-5,
      fixed_statistics: isFixed ? 1 : 0)
  }

  /// Element, its group, its channel.
  private func forEach(_ body: (_ x: Int, _ group: Int, _ channel: Int) -> Void) {
    for x in 0..<size { body(x, x / c / g / s * g + x / c % g, x % (g * c)) }
  }

  private func meanOverGroups(_ value: (_ x: Int, _ group: Int, _ channel: Int) -> Double)
    -> [Double]
  {
    var sums = [Double](repeating: 0, count: groups)
    forEach { x, group, channel in sums[group] += value(x, group, channel) / members }
    return sums
  }

  /// The mean is off by some units of Σ|x|/n, and the variance by the square of that beside its own.
  private func momentSizes(_ x: [Double]) -> [[Double]] {
    let sizes = meanOverGroups { i, _, _ in Swift.abs(x[i]) }
    let spread = moments(x)[1]
    return [sizes, zip(sizes, spread).map { $1 + $0 * $1.squareRoot() + $0 * $0 * 0x1p-24 }]
  }

  private func moments(_ x: [Double]) -> [[Double]] {
    // A group that holds an infinity has no mean.
    let means = meanOverGroups { i, _, _ in x[i].isFinite ? x[i] : .nan }
    return [means, meanOverGroups { i, group, _ in (x[i] - means[group]) * (x[i] - means[group]) }]
  }

  /// x, mean, variance, scale, shift.
  private func inputs(affine: Bool) -> [OperandSpec] {
    [
      .input(size), .input(groups), .input(groups, .positive), .input(affine ? channels : 0),
      .input(affine ? channels : 0),
    ]
  }

  private func reciprocalDeviation(_ v: [[Double]], _ group: Int) -> Double {
    1 / (v[2][group] + Double(Float(1e-5))).squareRoot()
  }

  func normalizeCase(affine: Bool) -> KernelCase {
    let shape = shape()
    @Sendable func normalize(_ v: [[Double]], _ sign: Double) -> [[Double]] {
      var y = [Double](repeating: 0, count: size)
      forEach { x, group, channel in
        let unit = (v[0][x] + sign * v[1][group]) * reciprocalDeviation(v, group)
        y[x] = affine ? unit * v[3][channel] + v[4][channel] : unit
      }
      return [y]
    }
    return KernelCase(
      "normalize \(name)\(affine ? " affine" : "")", inputs(affine: affine) + [.output(size)],
      truth: Truth(.of(8) { v in normalize(v.map { $0.map(Swift.abs) }, 1) }) { normalize($0, -1) }
    ) {
      .normalize(
        shape, x: $0[0], mean: $0[1], variance: $0[2], scale: affine ? $0[3] : nil,
        shift: affine ? $0[4] : nil, y: $0[5])
    }
  }

  func standardizeCase(
    _ values: TestValues = .normal, _ label: String = "", affine: Bool = false
  ) -> KernelCase {
    let shape = shape()
    let epsilon = Double(Float(1e-5))
    return KernelCase(
      "standardize \(name)\(affine ? " affine" : "")\(label)",
      [
        .input(size, values), .input(affine ? channels : 0), .input(affine ? channels : 0),
        .output(groups), .output(groups), .output(size),
      ],
      truth: Truth(
        .of(sumUnits(s * c) + 8) { v in
          let (moments, sizes) = (moments(v[0]), momentSizes(v[0]))
          var y = [Double](repeating: 0, count: size)
          forEach { x, group, channel in
            let variance = moments[1][group] + epsilon
            let distance = Swift.abs(v[0][x]) + sizes[0][group]
            let unit = distance / variance.squareRoot() * (1 + sizes[1][group] / variance)
            y[x] = affine ? unit * Swift.abs(v[1][channel]) + Swift.abs(v[2][channel]) : unit
          }
          return sizes + [y]
        }
      ) { v in
        let moments = moments(v[0])
        var y = [Double](repeating: 0, count: size)
        forEach { x, group, channel in
          let unit = (v[0][x] - moments[0][group]) / (moments[1][group] + epsilon).squareRoot()
          y[x] = affine ? unit * v[1][channel] + v[2][channel] : unit
        }
        return moments + [y]
      }
    ) {
      .standardize(
        shape, x: $0[0], scale: affine ? $0[1] : nil, shift: affine ? $0[2] : nil, mean: $0[3],
        variance: $0[4], y: $0[5])
    }
  }

  func backwardCase(affine: Bool, isFixed: Bool) -> KernelCase {
    let shape = shape(isFixed: isFixed)
    // dx = r·(g − mean(g) − u·mean(g·u)), g = dy·scale, u = (x − mean)·r; with fixed statistics dx
    // = r·g.
    @Sendable func backward(_ v: [[Double]], _ sign: Double) -> [[Double]] {
      func unit(_ x: Int, _ group: Int) -> Double {
        (v[0][x] + sign * v[1][group]) * reciprocalDeviation(v, group)
      }
      func g(_ x: Int, _ channel: Int) -> Double { v[5][x] * (affine ? v[3][channel] : 1) }
      let mean = meanOverGroups { x, _, channel in g(x, channel) }
      let slope = meanOverGroups { x, group, channel in g(x, channel) * unit(x, group) }
      var dx = [Double](repeating: 0, count: size)
      var dScale = [Double](repeating: 0, count: channels)
      var dShift = dScale
      forEach { x, group, channel in
        let rest = isFixed ? 0 : mean[group] + unit(x, group) * slope[group]
        dx[x] = reciprocalDeviation(v, group) * (g(x, channel) + sign * rest)
        dScale[channel] += v[5][x] * unit(x, group)
        dShift[channel] += v[5][x]
      }
      return [dx, dScale, dShift]
    }
    return KernelCase(
      "normalizeBackward \(name)\(affine ? " affine" : "")\(isFixed ? " fixed" : "")",
      inputs(affine: affine) + [.input(size), .output(size), .output(channels), .output(channels)],
      truth: Truth(
        .of(sumUnits(Swift.max(s * c, n * s)) + 8) { v in backward(v.map { $0.map(Swift.abs) }, 1) }
      ) { backward($0, -1) }
    ) {
      .normalizeBackward(
        shape, x: $0[0], mean: $0[1], variance: $0[2], scale: affine ? $0[3] : nil, dy: $0[5],
        dx: $0[6], dScale: $0[7], dShift: $0[8])
    }
  }
}
