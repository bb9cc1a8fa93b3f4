internal import CKernels
internal import COpenCLKernels

/// Convolutions by Winograd's algorithm, see `winograd.cl`: those that the CPU does so, with its
/// bits. Matrix units are faster than the algorithm saves.
///
/// Pictures are cut into runs of tiles whose points together take at most `device.winogradRoom`.
extension OpenCLBackend {
  /// False if it is to be done directly.
  func winogradConv2d(
    _ s: ck_conv2d_shape, x: Operand, filter: Operand, bias: Operand?, y: Operand
  ) throws(DeviceError) -> Bool {
    var (shape, w) = (s, ck_winograd())
    guard units(s) == .none, ck_winograd_conv2d(&shape, &w) else { return false }
    try correlate(WinogradCall(w, s), x: x, filter: filter, bias: bias, y: y)
    return true
  }

  /// False if it is to be done directly.
  func winogradInputGradient(
    _ s: ck_conv2d_shape, dy: Operand, filter: Operand, bias: Operand?, dx: Operand
  ) throws(DeviceError) -> Bool {
    var shape = s
    for phase in 0..<(s.stride_h * s.stride_w) {
      var w = ck_winograd()
      guard units(s) == .none, ck_winograd_input_gradient(&shape, phase, &w)
      else { return false }
      try correlate(WinogradCall(w, s), x: dy, filter: filter, bias: bias, y: dx)
    }
    return true
  }

  /// False if it is to be done directly.
  func winogradFilterGradient(
    _ s: ck_conv2d_shape, x: Operand, dy: Operand, dFilter: Operand
  ) throws(DeviceError) -> Bool {
    var (shape, w) = (s, ck_winograd())
    guard units(s) == .none, ck_winograd_filter_gradient(&shape, &w) else { return false }
    let parts = ck_parts_of_winograd(&w)
    var call = WinogradCall(w, s)
    let (depth, outputs, tiles) = (call.depth, Int(call.outputs), call.allTiles)
    if tiles == 0 { return false }
    let pointsOfPart = call.squares * (Int(parts.length) * (depth + outputs) + depth * outputs)
    let partsAtOnce = min(Int(parts.count), max(1, device.winogradRoom / max(1, pointsOfPart)))
    let tilesAtOnce = min(tiles, partsAtOnce * Int(parts.length))
    let inputs = try scratch(call.squares * tilesAtOnce * depth)
    let gradients = try scratch(call.squares * tilesAtOnce * outputs)
    let sums = try scratch(call.squares * partsAtOnce * depth * outputs)
    for first in stride(from: 0, to: tiles, by: tilesAtOnce) {
      let count = min(tilesAtOnce, tiles - first)
      (call.first, call.tiles) = (Int32(first), Int32(count))
      try transform(call, "points_of_inputs", count * call.phases, of: call.channels, x, inputs)
      try transform(call, "points_of_gradients", count, of: call.outputs, dy, gradients)
      let problem = ProductProblem(
        kind: .gemm(transposeA: true, transposeB: false), count: call.squares, m: outputs,
        n: depth, k: count, alignment: alignment([outputs, depth], gradients, inputs, sums),
        usualParts: ProductParts(
          count: Int32((count + Int(parts.length) - 1) / Int(parts.length)), length: parts.length))
      let used = try partialProducts(
        problem, scalars: .gemm(problem.shape), a: gradients, b: inputs, target: sums)
      try launch(
        .winograd(taps: call.taps), "filters_of_points",
        groups: items(call.outputs * Int32(call.phases) * strips(call.channels)), .scalars(call),
        .scalars(used), .scalars(Int32(first == 0 ? 1 : 0)), .operand(sums), .operand(dFilter))
    }
    return true
  }

  private func correlate(
    _ described: WinogradCall, x: Operand, filter: Operand, bias: Operand?, y: Operand
  ) throws(DeviceError) {
    var call = described
    let (depth, outputs, tiles) = (call.depth, Int(call.outputs), call.allTiles)
    if tiles == 0 { return }
    let tilesAtOnce = min(
      tiles, max(64, device.winogradRoom / max(1, call.squares * (depth + outputs))))
    let filters = try scratch(call.squares * depth * outputs)
    let inputs = try scratch(call.squares * tilesAtOnce * depth)
    let results = try scratch(call.squares * tilesAtOnce * outputs)
    let isAlongChannels = call.channel == 1
    try transform(
      call, "points_of_filters", isAlongChannels ? outputs * call.phases : depth,
      of: isAlongChannels ? call.channels : call.outputs, filter, filters)
    for first in stride(from: 0, to: tiles, by: tilesAtOnce) {
      let count = min(tilesAtOnce, tiles - first)
      (call.first, call.tiles) = (Int32(first), Int32(count))
      try transform(call, "points_of_inputs", count * call.phases, of: call.channels, x, inputs)
      let problem = ProductProblem(
        kind: .gemm(transposeA: false, transposeB: isAlongChannels), count: call.squares, m: count,
        n: outputs, k: depth, alignment: alignment([depth, outputs], inputs, filters, results))
      try product(
        problem, scalars: .gemm(problem.shape), a: inputs, b: filters, bias: nil, c: results)
      try launch(
        .winograd(taps: call.taps), "outputs_of_points",
        groups: items(Int32(count) * strips(call.outputs)), .scalars(call), .operand(results),
        .operand(bias), .operand(y))
    }
  }

  /// Squares of so many channels to or from points.
  private func transform(
    _ call: WinogradCall, _ name: String, _ squares: Int, of channels: Int32, _ from: Operand,
    _ to: Operand
  ) throws(DeviceError) {
    try launch(
      .winograd(taps: call.taps), name, groups: items(Int32(squares) * strips(channels)),
      .scalars(call), .operand(from), .operand(to))
  }
}

/// `winograd_call` of `winograd.cl`.
private struct WinogradCall: BitwiseCopyable {
  let taps, n, h, w, channels, step, originH, originW, rows, columns, outputs: Int32
  let out, outN, outH, outW, filter, tapH, tapW, phaseH, phaseW, channel, output: Int32
  var first: Int32 = 0
  var tiles: Int32 = 0
  let activation: ck_activation
  let slope: Float

  init(_ d: ck_winograd, _ s: ck_conv2d_shape) {
    (taps, n, h, w, channels, step) = (d.taps, d.n, d.h, d.w, d.channels, d.step)
    (originH, originW, rows, columns) = (d.origin_h, d.origin_w, d.rows, d.columns)
    outputs = d.outputs
    (out, outN, outH, outW) = (Int32(d.out), Int32(d.out_n), Int32(d.out_h), Int32(d.out_w))
    (filter, tapH, tapW) = (Int32(d.filter), Int32(d.tap_h), Int32(d.tap_w))
    (phaseH, phaseW) = (Int32(d.phase_h), Int32(d.phase_w))
    (channel, output) = (Int32(d.channel), Int32(d.output))
    (activation, slope) = (s.activation, s.slope)
  }

  var phases: Int { Int(step * step) }
  var depth: Int { phases * Int(channels) }
  /// Points of a square.
  var squares: Int { (Int(taps) + 3) * (Int(taps) + 3) }
  var allTiles: Int { Int(n) * ((Int(rows) + 3) / 4) * ((Int(columns) + 3) / 4) }
}
