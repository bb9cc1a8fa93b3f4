import Foundation

/// A petal that opens: how a printed one is bent, spread and cupped at every time.
///
/// The reference is one petal, laid out at time .8. Its midline is bent about the axis across the
/// petal, segment by segment, and each row keeps its outline, turned with the midline, spread across
/// and cupped along the normal. Positions are rounded to three decimals, as the article prints them.
struct OpeningPetal: Sendable {
  /// 7 rows of 21 numbers at time .8.
  let reference: [[Float]]
  /// Morphology of the rows.
  let rows: [Float]
  /// What this petal comes to differ in from the others of its bud; nothing by default.
  var character = Character()

  /// How a petal differs from the reference when it is fully open, at time 1.1.
  struct Character: Sendable {
    /// Turn of the base, of the tip beyond it and of the tip's end beyond that, in radians; up is
    /// positive.
    var base = 0.0
    var bend = 0.0
    var curl = 0.0
    /// Share by which it is longer, wider at the base and at the tip, and deeper.
    var length = 0.0
    var spread = 0.0
    var flare = 0.0
    var cup = 0.0
    /// Height of the waves of its margin, and turn about its midline at the tip, in radians.
    var ruffle = 0.0
    var twist = 0.0
  }

  /// The petal's 7 rows at a time in 0…1.1.
  func pose(at time: Double) -> [[Float]] {
    let opening = Self.opening(time)
    let own = Self.divergence(time)
    let points = reference.map { row in
      let count = row.count / 3
      return (0..<count).map { SIMD3<Double>(SIMD3(row[$0], row[count + $0], row[2 * count + $0])) }
    }
    let middle = points[0].count / 2
    var centre = points[0][middle]
    var result: [[Float]] = []
    for (index, row) in points.enumerated() {
      let place = Double(rows[index])
      if index > 0 {
        let between = (place + Double(rows[index - 1])) / 2
        let step = row[middle] - points[index - 1][middle]
        let length = (0.72 + 0.28 * opening) * (1 + own * character.length)
        centre += length * Self.turned(step, by: turn(between, opening, own))
      }
      let angle = turn(place, opening, own)
      let spread =
        (0.7 + 0.3 * opening)
        * (1 + own * (character.spread + (character.flare - character.spread) * place))
      let cup = (2 - opening) * (1 + own * character.cup)
      let outline = row.enumerated().map { column, point -> SIMD3<Double> in
        let across = Double(column - middle) / Double(middle)
        var offset = point - row[middle]
        offset.y *= spread
        offset.z *= cup
        offset.z += own * character.ruffle * place * across * across * cos(3 * .pi * place)
        let roll = own * character.twist * place
        (offset.y, offset.z) = (
          offset.y * cos(roll) - offset.z * sin(roll), offset.y * sin(roll) + offset.z * cos(roll)
        )
        return centre + Self.turned(offset, by: angle)
      }
      result.append(
        [\SIMD3<Double>.x, \.y, \.z].flatMap { axis in
          outline.map { Float(($0[keyPath: axis] * 1000).rounded() / 1000) }
        })
    }
    return result
  }

  /// Turn of the midline from the reference's, in radians.
  private func turn(_ place: Double, _ opening: Double, _ own: Double) -> Double {
    (1 - opening) * (1 + 0.45 * place)
      + own * (character.base + character.bend * place + character.curl * place * place)
  }

  /// 0 at time .1, 1 at .8: a logistic curve, which goes on a little on both sides.
  static func opening(_ time: Double) -> Double {
    func logistic(_ t: Double) -> Double { 1 / (1 + exp(-(t - 0.45) / 0.3)) }
    let (low, high) = (logistic(0.1), logistic(0.8))
    return (logistic(time) - low) / (high - low)
  }

  /// Share of a petal's own character: none up to time .1, all at 1.1, without a kink.
  static func divergence(_ time: Double) -> Double {
    let share = min(max(time - 0.1, 0), 1)
    return share * share * (3 - 2 * share)
  }

  /// A vector turned about the axis across the petal, from its length to its height.
  private static func turned(_ v: SIMD3<Double>, by angle: Double) -> SIMD3<Double> {
    SIMD3(v.x * cos(angle) - v.z * sin(angle), v.y, v.x * sin(angle) + v.z * cos(angle))
  }
}

extension TemplateSet {
  /// The two petals that Atelier ships: a shared bud which opens into a flat petal, the one printed
  /// in the article at time .8, or into a goblet whose tip curls back.
  public static let petals = TemplateSet(
    name: "petals", petalsOf: printedPetal,
    characters: [
      ("flat", .init()),
      (
        "curled", .init(base: 1.1, curl: -1.1, flare: 0.15, cup: 0.5)
      ),
    ])

  /// Petals of one reference with these characters.
  init(
    name: String, petalsOf reference: [[Float]],
    characters: [(name: String, OpeningPetal.Character)]
  ) {
    let steps = Self.petalSteps
    let places = steps.flatMap { time in steps.map { MapPlace(time: time, row: $0) } }
    self.init(
      name: name, times: steps, rows: steps,
      templates: characters.map { name, character in
        let petal = OpeningPetal(reference: reference, rows: steps, character: character)
        return Template(
          name: name, places: places,
          values: steps.flatMap { petal.pose(at: Double($0)).flatMap(\.self) })
      },
      content: .points(faces: Self.gridFaces(rows: steps.count, columns: reference[0].count / 3)))
  }

  /// Times and morphologies of the petals: the article's, the last beyond 1 against edge effects.
  static let petalSteps: [Float] = [0, 0.1, 0.3, 0.55, 0.8, 1, 1.1]

  /// The petal that the article prints, at time .8: 7 rows of 7 x, 7 y and 7 z.
  ///
  /// Source: Guy Lukes, "Using Machine Learning to Augment Artistic Creativity", 2019, the data
  /// after figure 2.
  public static let printedPetal: [[Float]] = [
    [
      0, 0, 0, 0, 0, 0, 0, -0.03, -0.017, -0.008, 0, 0.009, 0.018, 0.03, 0, 0, 0, 0, 0, 0, 0,
    ],
    [
      0.179, 0.171, 0.163, 0.161, 0.163, 0.171, 0.178, -0.072, -0.043, -0.019, 0.001, 0.021, 0.044,
      0.071, 0.011, 0, -0.012, -0.018, -0.012, -0.002, 0.012,
    ],
    [
      0.36, 0.353, 0.342, 0.34, 0.343, 0.353, 0.361, -0.126, -0.081, -0.03, 0, 0.032, 0.081, 0.112,
      0.029, 0.008, -0.019, -0.028, -0.02, 0.009, 0.03,
    ],
    [
      0.554, 0.552, 0.546, 0.54, 0.545, 0.551, 0.553, -0.148, -0.101, -0.044, 0, 0.04, 0.095, 0.139,
      0.04, -0.002, -0.03, -0.042, -0.028, 0.003, 0.034,
    ],
    [
      0.716, 0.736, 0.754, 0.759, 0.754, 0.737, 0.716, -0.152, -0.101, -0.049, 0, 0.048, 0.101,
      0.154, 0.028, -0.008, -0.038, -0.052, -0.038, -0.007, 0.028,
    ],
    [
      0.889, 0.916, 0.934, 0.941, 0.935, 0.917, 0.888, -0.133, -0.098, -0.05, 0, 0.048, 0.097,
      0.135,
      0.009, -0.022, -0.041, -0.056, -0.042, -0.022, 0.01,
    ],
    [
      1.019, 1.047, 1.069, 1.078, 1.069, 1.046, 1.018, -0.109, -0.085, -0.042, 0, 0.038, 0.085,
      0.104, -0.018, -0.028, -0.036, -0.043, -0.036, -0.028, -0.022,
    ],
  ]
}
