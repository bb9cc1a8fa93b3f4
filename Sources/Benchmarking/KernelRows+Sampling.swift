import Tensors

extension KernelRow {
  /// Generators at work: layers by weights that do not change from call to call, a few pictures at a
  /// time, as searching, bending and showing ask for them.
  static let sampling: [KernelRow] =
    [(1, 784, 1024), (16, 784, 1024), (150, 1024, 512)].map { (m: Int, n: Int, k: Int) in
      let size = Product(m: m, n: n, k: k, transposingB: true)
      return weighted(product("sampling-dense-\(m)x\(k)x\(n)", size))
    }
    + [(1, 4, 256, 128), (16, 4, 256, 128), (1, 8, 128, 64), (16, 8, 128, 64)].map {
      (batch: Int, side: Int, channels: Int, filters: Int) in
      let sizes = Convolution(
        batch: batch, side: side, channels: channels, filters: filters, kernel: 4, stride: 2,
        isTransposed: true)
      let name = "sampling-transposed4x4-\(side)-\(channels)to\(filters)-batch\(batch)"
      return weighted(convolution(name, sizes, .forward))
    }
    + [1, 16].map { (batch: Int) in
      let sizes = Convolution(
        batch: batch, side: 16, channels: 128, filters: 128, kernel: 3, stride: 1)
      return weighted(convolution("sampling-conv3x3-16-128to128-batch\(batch)", sizes, .forward))
    }

  private static func weighted(_ row: KernelRow) -> KernelRow {
    var row = row
    row.holdsWeights = true
    return row
  }
}
