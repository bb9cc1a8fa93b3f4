internal import CKernels

/// Normalisation: leaves down the columns, their trees, folds across a group's columns, and one
/// map; see `normalisation.cl`.
extension OpenCLBackend {
  func moments(
    _ s: ck_normalize_shape, x: Operand, mean: Operand, variance: Operand
  ) throws(DeviceError) {
    if s.s == 1 { return try fold(s, leaves: 1, x, nil, into: mean, variance) }
    let columns = s.g * s.c
    let leaves = leafCount(s.s)
    let count = s.n * leaves * columns
    let columnMean = try scratch(Int(count))
    let columnSpread = try scratch(Int(count))
    try launch(
      .normalisation, "moments_leaves",
      groups: s.s == 0 ? 0 : items(s.n * leaves * strips(columns)), .scalars(s),
      .scalars(leaves), .operand(x), .operand(columnMean), .operand(columnSpread))
    if leaves > 1 {
      try launch(
        .normalisation, "moments_tree", groups: trees(s.n * columns), .scalars(s),
        .scalars(leaves), .scalars(sharing(s.n * columns)), .operand(columnMean),
        .operand(columnSpread))
    }
    try fold(s, leaves: leaves, columnMean, columnSpread, into: mean, variance)
  }

  /// Folds the columns of every group.
  private func fold(
    _ s: ck_normalize_shape, leaves: Int32, _ columnMean: Operand, _ columnSpread: Operand?,
    into mean: Operand, _ variance: Operand
  ) throws(DeviceError) {
    try launch(
      .normalisation, "moments_fold", groups: rows(s.n * s.g), .scalars(s), .scalars(leaves),
      .operand(columnMean), .operand(columnSpread), .operand(mean), .operand(variance))
  }

  func normalize(
    _ s: ck_normalize_shape, x: Operand, mean: Operand, variance: Operand, scale: Operand?,
    shift: Operand?, y: Operand
  ) throws(DeviceError) {
    try launch(
      .normalisation, "normalize_map", groups: runs(s.n * s.s * s.g * s.c), .scalars(s),
      .operand(x), .operand(mean), .operand(variance), .operand(scale), .operand(shift),
      .operand(y))
  }

  func normalizeBackward(
    _ s: ck_normalize_shape, x: Operand, mean: Operand, variance: Operand, scale: Operand?,
    dy: Operand, dx: Operand, dScale: Operand, dShift: Operand
  ) throws(DeviceError) {
    let columns = s.g * s.c
    func sums(examples: Int32, rows: Int32, plain: Operand, product: Operand) throws(DeviceError) {
      let leaves = leafCount(rows)
      let count = examples * leaves * columns
      let partialPlain = try scratch(Int(count))
      let partialProduct = try scratch(Int(count))
      let items = examples * leaves * strips(columns)
      try launch(
        .normalisation, "backward_leaves", groups: self.items(items), .scalars(s), .scalars(rows),
        .scalars(leaves), .operand(x), .operand(mean), .operand(variance), .operand(dy),
        .operand(partialPlain), .operand(partialProduct), .scalars(items))
      let tree = ck_reduce_shape(op: CK_SUM, outer: examples, reduced: rows, inner: columns)
      for (partial, total) in [(partialPlain, plain), (partialProduct, product)] {
        try launch(
          .reduction(.float32), "reduce_tree", groups: trees(examples * columns), .scalars(tree),
          .scalars(leaves), .scalars(sharing(examples * columns)), .operand(partial),
          .operand(total))
      }
    }

    try sums(examples: 1, rows: s.n * s.s, plain: dShift, product: dScale)
    var a: Operand?
    var b: Operand?
    if s.fixed_statistics == 0 {
      // The sums of each example; those of the only one are at hand.
      var (plain, product) = (dShift, dScale)
      if s.n != 1 {
        plain = try scratch(Int(s.n * columns))
        product = try scratch(Int(s.n * columns))
        try sums(examples: s.n, rows: s.s, plain: plain, product: product)
      }
      let (foldedPlain, foldedProduct) = (
        try scratch(Int(s.n * s.g)), try scratch(Int(s.n * s.g))
      )
      try launch(
        .normalisation, "backward_fold", groups: rows(s.n * s.g), .scalars(s), .operand(plain),
        .operand(product), .operand(scale), .operand(foldedPlain), .operand(foldedProduct))
      (a, b) = (foldedPlain, foldedProduct)
    }
    try launch(
      .normalisation, "backward_map", groups: runs(s.n * s.s * columns), .scalars(s),
      .operand(x), .operand(mean), .operand(variance), .operand(scale), .operand(dy), .operand(a),
      .operand(b), .operand(dx))
  }

  /// Leaves of 64 rows; one, empty, for no rows.
  private func leafCount(_ rows: Int32) -> Int32 { max(1, (rows + 63) / 64) }
}
