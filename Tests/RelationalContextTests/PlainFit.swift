import FileFormats
import Foundation
import Testing

@testable import RelationalContext

/// A fit as someone else would read it from the checkpoint's bytes, measured by arithmetic of its own
/// in double precision.
struct PlainFit {
  let templates: TemplateSet
  private let relational, generative: PlainNetwork
  let templateModels: [PlainNetwork]
  let times, rows: [Float]
  /// What networks see is coordinates divided by it; petals of about 1 are as they are.
  let factor: Double

  init(_ fit: SavedFit) throws {
    templates = fit.checkpoint.templates
    relational = try PlainNetwork(fit.bytes, "relational")
    generative = try PlainNetwork(fit.bytes, "generative")
    templateModels = try templates.templates.indices.map {
      try PlainNetwork(fit.bytes, "templateModel.\($0)")
    }
    (times, rows) = (templates.times, templates.rows)
    factor = Double(templates.scale.factors[0])
    precondition(
      templates.scale.factors.allSatisfy { Double($0) == factor }
        && templates.scale.offsets.allSatisfy { $0 == 0 }, "petals are neither moved nor stretched")
  }

  var sizes: (relational: [Int], generative: [Int]) { (relational.sizes, generative.sizes) }

  /// Place and context of a row.
  func relate(_ row: [Double]) -> [Double] { relational(row.map { $0 / factor }) }

  /// The row at a place and context.
  func generate(_ point: [Double]) -> [Double] { generative(point).map { $0 * factor } }

  func shape(_ template: Int, _ time: Float) -> [[Double]] {
    let numbers = templates.templates[template].rows(at: time).map(Double.init)
    return stride(from: 0, to: numbers.count, by: 21).map { Array(numbers[$0..<$0 + 21]) }
  }

  /// Place and context of every row, the place as the network finds it or the exact one.
  func trace(_ template: Int, _ time: Float, hasExactMap: Bool = false) -> [[Double]] {
    let found = shape(template, time).map { relate($0) }
    if !hasExactMap { return found }
    return zip(rows, found).map { [Double(time), Double($0)] + $1[2...] }
  }

  /// The largest distance of a point of a template model.
  func templateError(_ index: Int) -> Double {
    var worst = 0.0
    for (place, row) in zip(templates.grid, templates.templates[index].table) {
      let found = templateModels[index]([Double(place.time), Double(place.row)])
      for point in 0..<7 {
        let square = (0..<3).reduce(0.0) { sum, axis in
          let difference = found[7 * axis + point] * factor - row[7 * axis + point]
          return sum + difference * difference
        }
        worst = max(worst, square.squareRoot())
      }
    }
    return worst
  }

  func roundTrip(_ template: Int) -> Double {
    let table = templates.templates[template].table
    return distance(table, table.map { generate(relate($0)) })
  }

  /// How far shapes and contexts are apart at every time.
  func apart(_ first: Int, _ second: Int) -> [(shapes: Double, contexts: Double)] {
    times.map { time in
      let contexts = zip(trace(first, time), trace(second, time)).map { a, b in
        zip(a[2...], b[2...]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      }
      return (
        distance(shape(first, time), shape(second, time)),
        contexts.reduce(0, +) / Double(contexts.count)
      )
    }
  }

  /// Steps backwards of 20 at every time where shapes differ, and how far the ends are off at most.
  func interpolation(
    _ first: Int, _ second: Int, hasExactMap: Bool
  ) -> (backwards: Int, ends: Double) {
    var (backwards, ends) = (0, 0.0)
    for time in times where distance(shape(first, time), shape(second, time)) > 0 {
      let (a, b) = (shape(first, time), shape(second, time))
      let traces = [first, second].map { trace($0, time, hasExactMap: hasExactMap) }
      var last = -Double.infinity
      for step in 0...20 {
        let share = Double(step) / 20
        let made = zip(traces[0], traces[1]).map { p, q in
          generate(zip(p, q).map { $0 + share * ($1 - $0) })
        }
        var projection = 0.0
        for (row, (a, b)) in zip(made, zip(a, b)) {
          for (x, (a, b)) in zip(row, zip(a, b)) { projection += (x - a) * (b - a) }
        }
        if projection <= last { backwards += 1 }
        last = projection
        if step == 0 { ends = max(ends, distance(made, a)) }
        if step == 20 { ends = max(ends, distance(made, b)) }
      }
    }
    return (backwards, ends)
  }

  /// Half a gap beyond the second template along its trace's normal: the largest change of an edge,
  /// and the distance from the nearer template as a share of that between both.
  func extrapolation(_ first: Int, _ second: Int) -> (strain: Double, nearest: Double) {
    let apart = apart(first, second).map(\.shapes)
    let farthest = apart.max()!
    var (strain, nearest) = (1.0, Double.infinity)
    for (time, apart) in zip(times, apart) where apart > farthest / 10 {
      let made = beyond(
        trace(second, time, hasExactMap: true), awayFrom: trace(first, time, hasExactMap: true))
      let (a, b) = (shape(first, time), shape(second, time))
      nearest = min(nearest, min(distance(made, a), distance(made, b)) / apart)
      strain = max(strain, Self.strain(made, b))
    }
    return (strain, nearest)
  }

  private func beyond(_ own: [[Double]], awayFrom other: [[Double]]) -> [[Double]] {
    own.indices.map { row in
      let p = own[row].dropFirst()
      let way = zip(p, other[row].dropFirst()).map { $0 - $1 }
      let tangent = zip(
        own[min(row + 1, own.count - 1)].dropFirst(), own[max(row - 1, 0)].dropFirst()
      ).map { $0 - $1 }
      let along =
        zip(way, tangent).reduce(0) { $0 + $1.0 * $1.1 } / tangent.reduce(0) { $0 + $1 * $1 }
      return generate(
        [own[row][0]] + zip(p, zip(way, tangent)).map { $0 + 0.5 * ($1.0 - along * $1.1) })
    }
  }

  /// Of every edge along a row and from row to row.
  private static func strain(_ made: [[Double]], _ template: [[Double]]) -> Double {
    var strain = 1.0
    for row in 0..<7 {
      for column in 0..<7 {
        for (r, c) in [(row, column + 1), (row + 1, column)] where r < 7 && c < 7 {
          func length(_ shape: [[Double]]) -> Double {
            (0..<3).reduce(0.0) { sum, axis in
              let d = shape[r][7 * axis + c] - shape[row][7 * axis + column]
              return sum + d * d
            }.squareRoot()
          }
          let (now, before) = (length(made), length(template))
          if before > 0 { strain = max(strain, now / before, before / now) }
        }
      }
    }
    return strain
  }

  /// Which promises of `docs/grc.md` do not hold of these petals: none, of a good fit.
  ///
  /// Degenerate faces and what takes other fits are looked at elsewhere.
  var broken: [String] {
    var broken: [String] = []
    func require(_ holds: Bool, _ what: String) { if !holds { broken.append(what) } }
    let all = templates.templates.indices
    for index in all {
      require(templateError(index) <= 0.005 * factor, "template model \(index)")
      require(roundTrip(index) <= 0.01, "round trip of \(index)")
    }
    for first in all {
      for second in all where second != first {
        let pair = "\(first) to \(second)"
        let apart = apart(first, second)
        require(apart[0].contexts == 0 && apart[1].contexts == 0, "bud of \(pair)")
        require(
          spearman(apart.map(\.shapes), apart.map(\.contexts)) >= 0.9, "correlation of \(pair)")
        for (hasExactMap, bound) in [(false, 0.01), (true, 0.03)] {
          let way = interpolation(first, second, hasExactMap: hasExactMap)
          require(way.backwards == 0, "steps of \(pair)")
          require(way.ends <= bound, "ends of \(pair), \(way.ends)")
        }
        let beyond = extrapolation(first, second)
        require(beyond.strain < 2, "strain beyond, \(pair), \(beyond.strain)")
        require(beyond.nearest >= 0.2, "distance beyond, \(pair)")
      }
    }
    return broken
  }
}

/// Ranks by sorting, then Pearson's correlation of them.
func spearman(_ a: [Double], _ b: [Double]) -> Double {
  func ranks(_ values: [Double]) -> [Double] {
    let sorted = values.sorted()
    return values.map { value in
      let same = sorted.indices.filter { sorted[$0] == value }
      return Double(same.first! + same.last!) / 2
    }
  }
  let (x, y) = (ranks(a), ranks(b))
  let (mx, my) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
  let top = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
  let bottom =
    x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) } * y.reduce(0) { $0 + ($1 - my) * ($1 - my) }
  return top / bottom.squareRoot()
}

/// A perceptron in plain double precision, of the arrays in a checkpoint: ELU between layers, the
/// last one linear.
struct PlainNetwork {
  private var layers: [(weight: [[Double]], bias: [Double])] = []

  init(_ bytes: [UInt8], _ name: String) throws {
    let file = try Safetensors(ByteSource(bytes, name: "checkpoint"))
    while file["\(name).\(layers.count).weight"] != nil {
      let weight = try file.array(named: "\(name).\(layers.count).weight")
      let bias = try file.array(named: "\(name).\(layers.count).bias")
      let numbers = weight.doubles
      let inputs = weight.shape[1]
      layers.append(
        (
          stride(from: 0, to: numbers.count, by: inputs).map { Array(numbers[$0..<$0 + inputs]) },
          bias.doubles
        ))
    }
    try #require(!layers.isEmpty, "no network '\(name)'")
  }

  var sizes: [Int] { [layers[0].weight[0].count] + layers.map(\.bias.count) }

  func callAsFunction(_ x: [Double]) -> [Double] {
    var x = x
    for (index, layer) in layers.enumerated() {
      x = zip(layer.weight, layer.bias).map { weights, bias in
        let sum = zip(weights, x).reduce(bias) { $0 + $1.0 * $1.1 }
        return index == layers.count - 1 || sum > 0 ? sum : exp(sum) - 1
      }
    }
    return x
  }
}

/// The root of the mean of squares, by a loop of its own.
func distance(_ a: [[Double]], _ b: [[Double]]) -> Double {
  var (sum, count) = (0.0, 0.0)
  for (x, y) in zip(a.flatMap(\.self), b.flatMap(\.self)) {
    sum += (x - y) * (x - y)
    count += 1
  }
  return (sum / count).squareRoot()
}

extension Template {
  /// Row by row.
  var table: [[Double]] { places.indices.map { row($0).map(Double.init) } }
}
