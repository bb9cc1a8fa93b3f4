import Layers
import Tensors

/// What a critic sees pictures through, real and made ones alike, so that it cannot learn few real ones
/// by heart: each change is made to a picture by itself, as often as ``strength`` says.
///
/// Gradients flow through all of it to the generator, which therefore learns pictures as they were
/// (Zhao and others 2020, arXiv:2006.10738; the ranges of shift, colour and cutout are theirs). The
/// strength may follow how sure the critic is of real pictures (Karras and others 2020,
/// arXiv:2006.06676).
struct CriticAugmentation {
  /// `[1]`: the probability of each change, which checkpoints keep.
  let strength: Parameter
  private let target: Float

  /// Real pictures shown from one end of the strength to the other where all agree on the direction,
  /// in thousands: a fifth of the source's, whose trainings are a hundred times as long.
  private static let adaptationThousands: Float = 100
  /// Beyond it a change is more usual than none, and generators begin to make it (section 2.2 of the
  /// second source).
  private static let strongest: Float = 0.8

  /// - Parameters:
  ///   - initially: The strength before the first step.
  ///   - target: Mean sign of verdicts on real pictures that the strength follows; 0 to stay.
  ///   - scope: Where the strength is declared.
  init(initially: Float, target: Float, in scope: ParameterScope) {
    strength = scope.statistic("strength", [1], initially: initially)
    self.target = target
  }

  /// Pictures `[N, H, W, C]` in −1…1 as the critic sees them; `key` and `examples` decide the changes.
  func callAsFunction(_ pictures: Tensor, _ key: RandomKey, examples: Tensor) -> Tensor {
    let draws = Draws(
      Tensor.uniform(
        [pictures.shape[0], Draws.count], key: key, examples: examples, on: pictures.device,
        dtype: pictures.dtype),
      probability: strength.value.detached())
    return cut(moved(colored(pictures, draws), draws), draws)
  }

  /// Follows the verdicts on real pictures, above 0 for those that the critic takes for real: up where
  /// it is surer than the target, down where it is less.
  func adapt(to verdicts: Tensor) {
    guard target > 0 else { return }
    let step = Float(verdicts.shape[0]) / (Self.adaptationThousands * 1000)
    let direction = (verdicts.detached().sign().mean() - target).sign()
    strength.assign(
      (strength.value + direction.reshaped([1]).scaled(by: step)).clamped(0, Self.strongest))
  }

  /// Brightness, saturation of colours, contrast.
  private func colored(_ pictures: Tensor, _ draws: Draws) -> Tensor {
    var x = pictures + draws.next(from: -0.5, to: 0.5, else: 0)
    if pictures.shape[3] == 3 {
      let grey = x.mean(axes: [3], keepingDimensions: true)
      x = grey + (x - grey) * draws.next(from: 0, to: 2, else: 1)
    }
    let mean = x.mean(axes: [1, 2, 3], keepingDimensions: true)
    return mean + (x - mean) * draws.next(from: 0.5, to: 1.5, else: 1)
  }

  /// Shift by up to an eighth, zoom to .8…1.25, turn by up to 20°: between four pixels each, mirrored at
  /// the edges.
  private func moved(_ pictures: Tensor, _ draws: Draws) -> Tensor {
    let (count, height, width) = (pictures.shape[0], pictures.shape[1], pictures.shape[2])
    func axis(_ size: Int, _ shape: [Int]) -> Tensor {
      Tensor(
        (0..<size).map { Float($0) - Float(size - 1) / 2 }, shape: shape, on: pictures.device
      ).cast(to: pictures.dtype)
    }
    func draw(_ range: ClosedRange<Float>, else usual: Float) -> Tensor {
      draws.next(from: range.lowerBound, to: range.upperBound, else: usual)
        .reshaped([count, 1, 1])
    }
    let (y, x) = (axis(height, [1, height, 1]), axis(width, [1, 1, width]))
    let down = draw(-0.125...0.125, else: 0).scaled(by: Float(height))
    let across = draw(-0.125...0.125, else: 0).scaled(by: Float(width))
    let zoom = draw(0.8...1.25, else: 1)
    // The tangent of half the angle gives sine and cosine without either.
    let tangent = draw(-0.176...0.176, else: 0)
    let scale = zoom / (1 + tangent.squared())
    let (cosine, sine) = ((1 - tangent.squared()) * scale, tangent.scaled(by: 2) * scale)
    let rows = cosine * y + sine * x + down + Float(height - 1) / 2
    let columns = cosine * x - sine * y + across + Float(width - 1) / 2
    return sampled(pictures, rows, columns)
  }

  /// Pictures at places between pixels, `[N, H, W]` each.
  private func sampled(_ pictures: Tensor, _ rows: Tensor, _ columns: Tensor) -> Tensor {
    let (count, height, width) = (pictures.shape[0], pictures.shape[1], pictures.shape[2])
    let table = pictures.reshaped([count * height * width, pictures.shape[3]])
    let first = Tensor(
      (0..<count).map { Float($0 * height * width) }, shape: [count, 1, 1], on: pictures.device
    ).cast(to: pictures.dtype)
    func mirrored(_ place: Tensor, _ size: Int) -> Tensor {
      let last = Float(size - 1)
      return (last - (last - place.abs()).abs()).clamped(0, last)
    }
    func pixels(_ row: Tensor, _ column: Tensor) -> Tensor {
      let place = first + mirrored(row, height).scaled(by: Float(width)) + mirrored(column, width)
      return table.gathered(place.cast(to: .int32))
    }
    let (top, left) = (rows.floor(), columns.floor())
    func share(_ part: Tensor) -> Tensor { part.reshaped([count, height, width, 1]) }
    let (below, right) = (share(rows - top), share(columns - left))
    let upper = pixels(top, left) * (1 - right) + pixels(top, left + 1) * right
    let lower = pixels(top + 1, left) * (1 - right) + pixels(top + 1, left + 1) * right
    return upper * (1 - below) + lower * below
  }

  /// A rectangle of half the height and width, anywhere, in the middle of the colours.
  private func cut(_ pictures: Tensor, _ draws: Draws) -> Tensor {
    let (count, height, width) = (pictures.shape[0], pictures.shape[1], pictures.shape[2])
    func axis(_ size: Int, _ shape: [Int]) -> Tensor {
      Tensor((0..<size).map { (Float($0) + 0.5) / Float(size) }, shape: shape, on: pictures.device)
        .cast(to: pictures.dtype)
    }
    // Outside by far where no rectangle is wanted.
    let row = draws.next(from: 0, to: 1, else: -9).reshaped([count, 1, 1, 1])
    let column = draws.uniform().reshaped([count, 1, 1, 1])
    let down = (axis(height, [1, height, 1, 1]) - row).abs()
    let across = (axis(width, [1, 1, width, 1]) - column).abs()
    let quarter = Tensor(0.25, dtype: pictures.dtype, on: pictures.device)
    return pictures * (Tensor.maximum(down, across) .>= quarter)
  }
}

/// Numbers for the changes to each picture, `[N, 1, 1, 1]` each, in the order in which they are asked
/// for.
private final class Draws {
  static let count = 32
  private let uniforms: Tensor
  private let probability: Tensor
  private var used = 0

  /// `uniforms` are `[N, count]` in 0…1, `probability` that of a change, `[1]`.
  init(_ uniforms: Tensor, probability: Tensor) {
    self.uniforms = uniforms
    self.probability = probability.cast(to: uniforms.dtype)
  }

  func uniform() -> Tensor {
    defer { used += 1 }
    return uniforms.sliced(used..<used + 1, axis: 1).reshaped([uniforms.shape[0], 1, 1, 1])
  }

  /// Uniform between two ends with the probability, else as usual.
  func next(from low: Float, to high: Float, else usual: Float) -> Tensor {
    let isMade = uniform() .< probability
    let value = uniform().scaled(by: high - low, plus: low)
    return Tensor.where(
      isMade, value, Tensor(filling: value.shape, with: usual, dtype: value.dtype, on: value.device)
    )
  }
}
