internal import CKernels

/// Calls that take more than one launch, or whose grid needs a thought.
extension OpenCLBackend {
  /// An item owns one column of several rows of the table, so that about 4096 items read all
  /// indices each.
  func scatterAdd(
    _ s: ck_gather_shape, source: Operand, indices: Operand, table: Operand
  ) throws(DeviceError) {
    if s.rows == 0 || s.width == 0 || s.count == 0 { return }
    let ranges = min(s.rows, max(1, 4096 / s.width))
    let range = (s.rows + ranges - 1) / ranges
    try launch(
      .movement(table.dtype), "scatter_add", groups: items((s.rows + range - 1) / range * s.width),
      .scalars(s), .operand(source), .operand(indices), .operand(table), .scalars(range))
  }

  func cast(_ s: ck_cast_shape, source: Operand, target: Operand) throws(DeviceError) {
    precondition(
      s.from != CK_F64 && s.to != CK_F64, "float64 exists on the CPU's reference kernels alone")
    if s.from == s.to {
      var copy = ck_copy_shape()
      (copy.element_bytes, copy.rank, copy.size.0) = (Int32(source.dtype.byteCount), 1, s.count)
      (copy.source_stride.0, copy.target_stride.0) = (1, 1)
      return try run(.copy(copy, source: source, target: target))
    }
    try launch(
      .movement(), "cast", groups: items(s.count), .scalars(s), .operand(source), .operand(target))
  }

  /// Leaves first, then the tree over them; `reduction.cl` states their order.
  func reduce(_ s: ck_reduce_shape, x: Operand, y: Operand) throws(DeviceError) {
    let recipe = ProgramRecipe.reduction(x.dtype)
    if s.op == CK_ARGMAX || s.op == CK_ARGMIN {
      return try launch(
        recipe, "reduce_positions", groups: rows(s.outer * s.inner), .scalars(s), .operand(x),
        .operand(y))
    }
    let leafLength: Int32 = s.inner == 1 ? 1024 : 64
    let leaves = max(1, (s.reduced + leafLength - 1) / leafLength)
    var target = y
    if leaves > 1 {
      target = try scratch(Int(s.outer) * Int(leaves) * Int(s.inner), x.dtype)
    }
    try launch(
      recipe, s.inner == 1 ? "reduce_values" : "reduce_columns",
      groups: s.inner == 1 ? rows(s.outer * leaves) : items(s.outer * leaves * strips(s.inner)),
      .scalars(s), .scalars(leaves), .operand(x), .operand(target))
    if leaves == 1 { return }
    try launch(
      recipe, "reduce_tree", groups: trees(s.outer * s.inner), .scalars(s), .scalars(leaves),
      .scalars(sharing(s.outer * s.inner)), .operand(target), .operand(y))
  }

  /// Items that share the tree of one output: few outputs get a work-group each.
  func sharing(_ outputs: Int32) -> Int32 { outputs < 256 ? Int32(device.groupSize) : 1 }

  /// Work-groups for the trees of so many outputs.
  func trees(_ outputs: Int32) -> Int { items(outputs * sharing(outputs)) }
}
