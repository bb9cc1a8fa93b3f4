/// One case a kernel: the same scalars with other operands.
extension KernelCall {
  /// The call with each operand changed.
  func mapOperands(_ change: (Operand) -> Operand) -> KernelCall {
    switch self {
    case .unary(let s, let x, let y):
      .unary(s, x: change(x), y: change(y))
    case .binary(let s, let a, let b, let y):
      .binary(s, a: change(a), b: change(b), y: change(y))
    case .where(let s, let condition, let a, let b, let y):
      .where(s, condition: change(condition), a: change(a), b: change(b), y: change(y))
    case .fill(let s, let y):
      .fill(s, y: change(y))
    case .copy(let s, let source, let target):
      .copy(s, source: change(source), target: change(target))
    case .cast(let s, let source, let target):
      .cast(s, source: change(source), target: change(target))
    case .gather(let s, let table, let indices, let y):
      .gather(s, table: change(table), indices: change(indices), y: change(y))
    case .scatterAdd(let s, let source, let indices, let table):
      .scatterAdd(s, source: change(source), indices: change(indices), table: change(table))
    case .oneHot(let s, let indices, let y):
      .oneHot(s, indices: change(indices), y: change(y))
    case .reduce(let s, let x, let y):
      .reduce(s, x: change(x), y: change(y))
    case .softmax(let s, let x, let y):
      .softmax(s, x: change(x), y: change(y))
    case .softmaxBackward(let s, let y, let dy, let dx):
      .softmaxBackward(s, y: change(y), dy: change(dy), dx: change(dx))
    case .rowLoss(let s, let prediction, let target, let y):
      .rowLoss(s, prediction: change(prediction), target: change(target), y: change(y))
    case .rowLossBackward(let s, let prediction, let target, let dy, let dPrediction):
      .rowLossBackward(
        s, prediction: change(prediction), target: change(target), dy: change(dy),
        dPrediction: change(dPrediction))
    case .gemm(let s, let a, let b, let bias, let c):
      .gemm(s, a: change(a), b: change(b), bias: bias.map(change), c: change(c))
    case .conv2d(let s, let x, let filter, let bias, let y):
      .conv2d(s, x: change(x), filter: change(filter), bias: bias.map(change), y: change(y))
    case .conv2dInputGradient(let s, let dy, let filter, let bias, let dx):
      .conv2dInputGradient(
        s, dy: change(dy), filter: change(filter), bias: bias.map(change), dx: change(dx))
    case .conv2dFilterGradient(let s, let x, let dy, let dFilter):
      .conv2dFilterGradient(s, x: change(x), dy: change(dy), dFilter: change(dFilter))
    case .averagePool2d(let s, let x, let y):
      .averagePool2d(s, x: change(x), y: change(y))
    case .averagePool2dBackward(let s, let dy, let dx):
      .averagePool2dBackward(s, dy: change(dy), dx: change(dx))
    case .maxPool2d(let s, let x, let y, let index):
      .maxPool2d(s, x: change(x), y: change(y), index: change(index))
    case .resize2d(let s, let x, let y):
      .resize2d(s, x: change(x), y: change(y))
    case .resize2dBackward(let s, let dy, let dx):
      .resize2dBackward(s, dy: change(dy), dx: change(dx))
    case .normalize(let s, let x, let mean, let variance, let scale, let shift, let y):
      .normalize(
        s, x: change(x), mean: change(mean), variance: change(variance), scale: scale.map(change),
        shift: shift.map(change), y: change(y))
    case .standardize(let s, let x, let scale, let shift, let mean, let variance, let y):
      .standardize(
        s, x: change(x), scale: scale.map(change), shift: shift.map(change), mean: change(mean),
        variance: change(variance), y: change(y))
    case .normalizeBackward(
      let s, let x, let mean, let variance, let scale, let dy, let dx, let dScale, let dShift):
      .normalizeBackward(
        s, x: change(x), mean: change(mean), variance: change(variance), scale: scale.map(change),
        dy: change(dy), dx: change(dx), dScale: change(dScale), dShift: change(dShift))
    case .sgd(let s, let gradients, let gradientScale, let parameter, let momentum, let average):
      .sgd(
        s, gradients: gradients.map { $0.map(change) }, gradientScale: gradientScale.map(change),
        parameter: change(parameter), momentum: change(momentum), average: average.map(change))
    case .adam(
      let s, let gradients, let gradientScale, let parameter, let firstMoment, let secondMoment,
      let average):
      .adam(
        s, gradients: gradients.map { $0.map(change) }, gradientScale: gradientScale.map(change),
        parameter: change(parameter), firstMoment: change(firstMoment),
        secondMoment: change(secondMoment), average: average.map(change))
    case .random(let s, let examples, let y):
      .random(s, examples: examples.map(change), y: change(y))
    }
  }
}
