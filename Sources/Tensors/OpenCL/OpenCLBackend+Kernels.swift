internal import CKernels

/// One case a kernel: its program, how many work-groups, its arguments in the order of the kernel's
/// parameters.
extension OpenCLBackend {
  func run(_ call: KernelCall) throws(DeviceError) {
    switch call {
    case .unary(let s, let x, let y):
      try launch(
        .elementwise(y.dtype), "unary", groups: runs(s.count), .scalars(s), .operand(x),
        .operand(y))
    case .binary(let s, let a, let b, let y):
      let count = elements(s.rank, s.size)
      try launch(
        .elementwise(y.dtype), "binary", groups: runs(count), .scalars(s), .operand(a),
        .operand(b), .operand(y), .scalars(count))
    case .where(let s, let condition, let a, let b, let y):
      let count = elements(s.rank, s.size)
      try launch(
        .elementwise(y.dtype), "select_where", groups: runs(count), .scalars(s),
        .operand(condition), .operand(a), .operand(b), .operand(y), .scalars(count))
    case .fill(let s, let y):
      try launch(
        .elementwise(y.dtype), "fill", groups: runs(s.count), .scalars(s), .operand(y))

    case .copy(let s, let source, let target):
      let count = elements(s.rank, s.size)
      try launch(
        .movement(), "copy_\(s.element_bytes)", groups: items(count), .scalars(s),
        .operand(source), .operand(target), .scalars(count))
    case .cast(let s, let source, let target):
      try cast(s, source: source, target: target)

    case .gather(let s, let table, let indices, let y):
      try launch(
        .movement(y.dtype), "gather", groups: items(s.count * s.width), .scalars(s),
        .operand(table), .operand(indices), .operand(y))
    case .scatterAdd(let s, let source, let indices, let table):
      try scatterAdd(s, source: source, indices: indices, table: table)
    case .oneHot(let s, let indices, let y):
      try launch(
        .movement(y.dtype), "one_hot", groups: items(s.count * s.depth), .scalars(s),
        .operand(indices), .operand(y))

    case .reduce(let s, let x, let y): try reduce(s, x: x, y: y)
    case .softmax(let s, let x, let y):
      try launch(
        .softmax, "softmax", groups: rows(s.rows), .scalars(s), .operand(x),
        .operand(y))
    case .softmaxBackward(let s, let y, let dy, let dx):
      try launch(
        .softmax, "softmax_backward", groups: rows(s.rows), .scalars(s), .operand(y),
        .operand(dy), .operand(dx))
    case .rowLoss(let s, let prediction, let target, let y):
      try launch(
        .loss, "row_loss", groups: rows(s.rows), .scalars(s), .operand(prediction),
        .operand(target), .operand(y))
    case .rowLossBackward(let s, let prediction, let target, let dy, let dPrediction):
      try launch(
        .loss, "row_loss_backward", groups: items(s.rows * s.columns), .scalars(s),
        .operand(prediction), .operand(target), .operand(dy), .operand(dPrediction))

    case .gemm(let s, let a, let b, let bias, let c):
      try gemm(s, a: a, b: b, bias: bias, c: c)
    case .conv2d(let s, let x, let filter, let bias, let y):
      try conv2d(s, x: x, filter: filter, bias: bias, y: y)
    case .conv2dInputGradient(let s, let dy, let filter, let bias, let dx):
      try conv2dInputGradient(s, dy: dy, filter: filter, bias: bias, dx: dx)
    case .conv2dFilterGradient(let s, let x, let dy, let dFilter):
      try conv2dFilterGradient(s, x: x, dy: dy, dFilter: dFilter)

    case .averagePool2d(let s, let x, let y):
      try launch(
        .picture, "average_pool2d", groups: items(s.n * s.oh * s.ow * s.c), .scalars(s),
        .operand(x), .operand(y))
    case .averagePool2dBackward(let s, let dy, let dx):
      try launch(
        .picture, "average_pool2d_backward", groups: items(s.n * s.h * s.w * s.c), .scalars(s),
        .operand(dy), .operand(dx))
    case .maxPool2d(let s, let x, let y, let index):
      try launch(
        .picture, "max_pool2d", groups: items(s.n * s.oh * s.ow * s.c), .scalars(s), .operand(x),
        .operand(y), .operand(index))
    case .resize2d(let s, let x, let y):
      try launch(
        .picture, "resize2d", groups: items(s.n * s.oh * s.ow * s.c), .scalars(s), .operand(x),
        .operand(y))
    case .resize2dBackward(let s, let dy, let dx):
      try launch(
        .picture, "resize2d_backward", groups: items(s.n * s.h * s.w * s.c), .scalars(s),
        .operand(dy), .operand(dx))

    case .normalize(let s, let x, let mean, let variance, let scale, let shift, let y):
      try normalize(s, x: x, mean: mean, variance: variance, scale: scale, shift: shift, y: y)
    case .standardize(let s, let x, let scale, let shift, let mean, let variance, let y):
      try moments(s, x: x, mean: mean, variance: variance)
      try normalize(s, x: x, mean: mean, variance: variance, scale: scale, shift: shift, y: y)
    case .normalizeBackward(
      let s, let x, let mean, let variance, let scale, let dy, let dx, let dScale, let dShift):
      try normalizeBackward(
        s, x: x, mean: mean, variance: variance, scale: scale, dy: dy, dx: dx, dScale: dScale,
        dShift: dShift)

    case .sgd(var s, let gradients, let gradientScale, let parameter, let momentum, let average):
      try update("sgd", gradients, gradientScale, [parameter, momentum, average]) { count in
        s.count = count
        return .scalars(s)
      }
    case .adam(
      var s, let gradients, let gradientScale, let parameter, let mean, let square, let average):
      try update("adam", gradients, gradientScale, [parameter, mean, square, average]) { count in
        s.count = count
        return .scalars(s)
      }

    case .random(let s, let examples, let y):
      try launch(
        .random, "random", groups: items(s.rows * ((s.columns + 3) / 4)), .scalars(s),
        .operand(examples), .operand(y))
    }
  }

  /// A launch for each gradient, on its run of the buffers, with its count among the scalars.
  private func update(
    _ kernel: String, _ gradients: [CountedOperand], _ gradientScale: Operand?,
    _ buffers: [Operand?], _ scalars: (_ count: Int32) -> KernelArgument
  ) throws(DeviceError) {
    var first = 0
    for gradient in gradients {
      let windows = buffers.map { KernelArgument.operand($0?.from(first)) }
      try launch(
        .optimiser, kernel, groups: runs(gradient.count),
        [scalars(gradient.count), .operand(gradient.operand), .operand(gradientScale)] + windows)
      first += Int(gradient.count)
    }
  }

  /// Work-groups for so many items.
  func items(_ count: some FixedWidthInteger) -> Int {
    (Int(count) + device.groupSize - 1) / device.groupSize
  }

  /// Work-groups for so many elements, of which an item takes `device.itemWidth`.
  func runs(_ count: Int32) -> Int {
    items((Int(count) + device.itemWidth - 1) / device.itemWidth)
  }

  /// Strips of as many columns as an item takes.
  func strips(_ columns: Int32) -> Int32 {
    Int32((Int(columns) + device.columnWidth - 1) / device.columnWidth)
  }

  /// Work-groups for so many rows of 16 lanes.
  func rows(_ count: Int32) -> Int { items(Int(count) * 16) }

  func elements<Sizes>(_ rank: Int32, _ sizes: Sizes) -> Int32 {
    withUnsafeBytes(of: sizes) { $0.bindMemory(to: Int32.self).prefix(Int(rank)).reduce(1, *) }
  }
}
