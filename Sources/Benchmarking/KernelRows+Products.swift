import Tensors

extension KernelRow {
  /// Float32 matrix products: squares, and the shapes of the dense VAE and of a generator's first
  /// layer.
  static let products: [KernelRow] = squares + modelProducts

  private static let squares: [KernelRow] = [512, 1024, 2048].map {
    product("gemm-\($0)", Product(m: $0, n: $0, k: $0))
  }

  private static let modelProducts: [KernelRow] = [
    Product(m: 128, n: 400, k: 784), Product(m: 128, n: 784, k: 400),
    Product(m: 784, n: 400, k: 128, transposingA: true), Product(m: 128, n: 2048, k: 64),
    Product(m: 64, n: 64, k: 64),
  ].map { (size: Product) -> KernelRow in
    let mark = size.transposingA ? "-transposed" : ""
    return product(
      "gemm-model-\(size.m)x\(size.k)x\(size.n)\(mark)", size, group: "gemm-model")
  }

  /// m × k by k × n, as stored unless A is transposed.
  static func product(_ name: String, _ product: Product, group: String? = nil) -> KernelRow {
    let (m, n, k) = (product.m, product.n, product.k)
    let (transposesA, transposesB) = (product.transposingA, product.transposingB)
    let mark = (transposesA ? ", A transposed" : "") + (transposesB ? ", B transposed" : "")
    return KernelRow(
      name: name, shape: "\(m)x\(k) \(k)x\(n)\(mark)",
      operands: [
        Operand(transposesA ? [k, m] : [m, k]), Operand(transposesB ? [n, k] : [k, n]),
      ],
      cost: .flops(2 * m * n * k),
      request: [
        "operation": "gemm", "transposingA": .bool(transposesA),
        "transposingB": .bool(transposesB),
      ],
      product: product, group: group,
      compute: {
        [$0[0].matmul($0[1], transposingSelf: transposesA, transposingOther: transposesB)]
      })
  }
}
