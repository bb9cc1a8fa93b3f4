import CKernels

@testable import Tensors

extension KernelTable {
  static let pictures: [KernelCase] = pools.flatMap(\.kernelCases) + resizes.flatMap(\.kernelCases)

  private static let pools: [Pool] = [
    Pool(n: 2, h: 6, w: 4, c: 3), Pool(n: 1, h: 7, w: 6, c: 2, kernel: [3, 3], padding: [1, 1]),
    Pool(n: 2, h: 8, w: 5, c: 2, kernel: [3, 2], stride: [1, 3], padding: [1, 0]),
    Pool(n: 1, h: 9, w: 9, c: 17, kernel: [3, 3], stride: [1, 1], padding: [2, 2]),
    Pool(n: 1, h: 9, w: 9, c: 1, kernel: [2, 2], stride: [4, 3]),
    Pool(n: 1, h: 1, w: 1, c: 1, kernel: [1, 1]),
    Pool(n: 0, h: 4, w: 4, c: 2), Pool(n: 2, h: 4, w: 4, c: 0),
    Pool(n: 1, h: 6, w: 6, c: 33, kernel: [6, 6]),
    Pool(n: 3, h: 41, w: 43, c: 37, kernel: [3, 3], padding: [1, 1]),
    Pool(n: 2, h: 128, w: 130, c: 3),
    Pool(n: 1, h: 7, w: 7, c: 16, kernel: [3, 3], padding: [1, 1], values: .whole),
    Pool(n: 1, h: 12, w: 13, c: 5, kernel: [3, 3], padding: [1, 1], values: .moderateEdges),
  ]

  private static let resizes: [Resize] = [
    (2, 3, 4, 2, 6, 8), (1, 4, 5, 3, 7, 11), (1, 9, 8, 2, 4, 3), (2, 7, 3, 1, 3, 7),
    (1, 1, 2, 2, 3, 2),
    (1, 5, 5, 17, 5, 5), (1, 1, 1, 5, 4, 4), (1, 6, 6, 3, 1, 1), (0, 3, 3, 1, 5, 5),
    (2, 3, 3, 0, 5, 5),
    (1, 64, 63, 3, 131, 129), (3, 33, 31, 33, 17, 40), (1, 301, 3, 1, 7, 3),
  ].flatMap { n, h, w, c, oh, ow in
    [CK_NEAREST, CK_BILINEAR].map { Resize(mode: $0, n: n, h: h, w: w, c: c, oh: oh, ow: ow) }
  }
}

/// Average and largest over windows.
private struct Pool: Sendable {
  var n, h, w, c: Int
  var kernel = [2, 2]
  var stride = [2, 2]
  var padding = [0, 0]
  var values = TestValues.normal

  private var oh: Int { (h + 2 * padding[0] - kernel[0]) / stride[0] + 1 }
  private var ow: Int { (w + 2 * padding[1] - kernel[1]) / stride[1] + 1 }
  private var sizeX: Int { n * h * w * c }
  private var sizeY: Int { n * oh * ow * c }

  private func shape(countPadding: Bool) -> ck_pool2d_shape {
    ck_pool2d_shape(
      n: Int32(n), h: Int32(h), w: Int32(w), c: Int32(c), oh: Int32(oh), ow: Int32(ow),
      kh: Int32(kernel[0]), kw: Int32(kernel[1]), stride_h: Int32(stride[0]),
      stride_w: Int32(stride[1]), pad_top: Int32(padding[0]), pad_left: Int32(padding[1]),
      count_padding: countPadding ? 1 : 0)
  }

  /// For each output, the pixels under its window, in row order.
  private func windows() -> [[Int]] {
    (0..<sizeY).map { y in
      let (channel, ox, oy) = (y % c, y / c % ow, y / c / ow % oh)
      let image = y / c / ow / oh
      return (0..<kernel[0]).flatMap { ky in
        (0..<kernel[1]).compactMap { kx in
          let iy = oy * stride[0] + ky - padding[0]
          let ix = ox * stride[1] + kx - padding[1]
          let inside = iy >= 0 && iy < h && ix >= 0 && ix < w
          return inside ? ((image * h + iy) * w + ix) * c + channel : nil
        }
      }
    }
  }

  var kernelCases: [KernelCase] {
    let name = "\(n)·\(h)·\(w)·\(c) by \(kernel) step \(stride) \(values)"
    return [true, false].flatMap { averages(name, countPadding: $0) } + [largest(name)]
  }

  private func averages(_ name: String, countPadding: Bool) -> [KernelCase] {
    let shape = shape(countPadding: countPadding)
    let area = kernel[0] * kernel[1]
    @Sendable func divisor(_ window: [Int]) -> Double { Double(countPadding ? area : window.count) }
    let label = "\(name)\(countPadding ? " counting padding" : "")"
    return [
      KernelCase(
        "averagePool2d \(label)", [.input(sizeX, values), .output(sizeY)],
        truth: Truth(.ofMagnitudes(sumUnits(area))) { v in
          [windows().map { window in window.reduce(0) { $0 + v[0][$1] } / divisor(window) }]
        }
      ) { .averagePool2d(shape, x: $0[0], y: $0[1]) },
      KernelCase(
        "averagePool2dBackward \(label)", [.input(sizeY), .output(sizeX)],
        truth: Truth(.ofMagnitudes(sumUnits(area))) { v in
          var dx = [Double](repeating: 0, count: sizeX)
          for (y, window) in windows().enumerated() {
            for x in window { dx[x] += v[0][y] / divisor(window) }
          }
          return [dx]
        }
      ) { .averagePool2dBackward(shape, dy: $0[0], dx: $0[1]) },
    ]
  }

  private func largest(_ name: String) -> KernelCase {
    let shape = shape(countPadding: false)
    return KernelCase(
      "maxPool2d \(name)", [.input(sizeX, values), .output(sizeY), .output(sizeY, as: .int32)],
      truth: .exact { v in
        let places = windows().map { window in
          let largest = window.map { v[0][$0] }.max()
          return window.first { v[0][$0].isNaN } ?? window.first { v[0][$0] == largest }!
        }
        return [places.map { v[0][$0] }, places.map(Double.init)]
      }
    ) { .maxPool2d(shape, x: $0[0], y: $0[1], index: $0[2]) }
  }
}

/// A resize and its adjoint.
private struct Resize: Sendable {
  var mode: ck_resize_mode
  var n, h, w, c, oh, ow: Int

  /// The pixels of one axis that an output is made of, with their weights.
  private func sources(_ target: Int, _ size: Int, _ newSize: Int) -> [(Int, Double)] {
    if mode == CK_NEAREST { return [((2 * target + 1) * size / (2 * newSize), 1)] }
    let centre = (Double(target) + 0.5) * Double(size) / Double(newSize) - 0.5
    let low = centre.rounded(.down)
    let held = { (position: Double) in Swift.min(Swift.max(Int(position), 0), size - 1) }
    return [(held(low), 1 - (centre - low)), (held(low + 1), centre - low)]
  }

  private func forEachWeight(_ body: (_ x: Int, _ y: Int, _ weight: Double) -> Void) {
    for image in 0..<n {
      for oy in 0..<oh {
        for ox in 0..<ow {
          for (iy, down) in sources(oy, h, oh) {
            for (ix, across) in sources(ox, w, ow) {
              for channel in 0..<c {
                body(
                  ((image * h + iy) * w + ix) * c + channel,
                  ((image * oh + oy) * ow + ox) * c + channel, down * across)
              }
            }
          }
        }
      }
    }
  }

  var kernelCases: [KernelCase] {
    let shape = ck_resize2d_shape(
      mode: mode, n: Int32(n), h: Int32(h), w: Int32(w), c: Int32(c), oh: Int32(oh), ow: Int32(ow))
    let name = "\(mode == CK_NEAREST ? "nearest" : "bilinear") \(n)·\(h)·\(w)·\(c) to \(oh)·\(ow)"
    let (sizeX, sizeY) = (n * h * w * c, n * oh * ow * c)
    // A position near h is rounded by h·u, and so its weights by h·u whatever their own size.
    let positions = Double(h + w)
    @Sendable func adjoint(_ dy: [Double], _ extra: Double) -> [[Double]] {
      var dx = [Double](repeating: 0, count: sizeX)
      forEachWeight { x, y, weight in dx[x] += (weight + extra) * dy[y] }
      return [dx]
    }
    @Sendable func forward(_ x: [Double], _ extra: Double) -> [[Double]] {
      var result = [Double](repeating: 0, count: sizeY)
      forEachWeight { x0, y, weight in result[y] += (weight + extra) * x[x0] }
      return [result]
    }
    let units = mode == CK_NEAREST ? 0 : positions + 4
    let terms = 1 + (h == 0 ? 0 : oh / h + 1) * (w == 0 ? 0 : ow / w + 1)
    return [
      KernelCase(
        "resize2d \(name)", [.input(sizeX), .output(sizeY)],
        truth: Truth(.of(units) { forward($0[0].map(Swift.abs), 1) }) { forward($0[0], 0) }
      ) { .resize2d(shape, x: $0[0], y: $0[1]) },
      KernelCase(
        "resize2dBackward \(name)", [.input(sizeY), .output(sizeX)],
        truth: Truth(
          .of((mode == CK_NEAREST ? 0 : positions) + sumUnits(terms)) {
            adjoint($0[0].map(Swift.abs), 1)
          }
        ) { adjoint($0[0], 0) }
      ) { .resize2dBackward(shape, dy: $0[0], dx: $0[1]) },
    ]
  }
}
