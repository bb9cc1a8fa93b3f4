import Testing

@testable import RelationalContext

@Suite("The petals")
struct PetalTests {
  /// As printed below figure 2 of the article, signs of zeros and all: time .8.
  static let printed: [[Float]] = [
    [
      -0.0, 0.0, -0.0, 0.0, -0.0, -0.0, -0.0, -0.03, -0.017, -0.008, 0.0, 0.009, 0.018, 0.03, -0.0,
      0.0, -0.0, 0.0, 0.0, 0.0, 0.0,
    ],
    [
      0.179, 0.171, 0.163, 0.161, 0.163, 0.171, 0.178, -0.072, -0.043, -0.019, 0.001, 0.021, 0.044,
      0.071, 0.011, -0.0, -0.012, -0.018, -0.012, -0.002, 0.012,
    ],
    [
      0.36, 0.353, 0.342, 0.34, 0.343, 0.353, 0.361, -0.126, -0.081, -0.03, -0.0, 0.032, 0.081,
      0.112, 0.029, 0.008, -0.019, -0.028, -0.02, 0.009, 0.03,
    ],
    [
      0.554, 0.552, 0.546, 0.54, 0.545, 0.551, 0.553, -0.148, -0.101, -0.044, -0.0, 0.04, 0.095,
      0.139, 0.04, -0.002, -0.03, -0.042, -0.028, 0.003, 0.034,
    ],
    [
      0.716, 0.736, 0.754, 0.759, 0.754, 0.737, 0.716, -0.152, -0.101, -0.049, 0.0, 0.048, 0.101,
      0.154, 0.028, -0.008, -0.038, -0.052, -0.038, -0.007, 0.028,
    ],
    [
      0.889, 0.916, 0.934, 0.941, 0.935, 0.917, 0.888, -0.133, -0.098, -0.05, 0.0, 0.048, 0.097,
      0.135, 0.009, -0.022, -0.041, -0.056, -0.042, -0.022, 0.01,
    ],
    [
      1.019, 1.047, 1.069, 1.078, 1.069, 1.046, 1.018, -0.109, -0.085, -0.042, -0.0, 0.038, 0.085,
      0.104, -0.018, -0.028, -0.036, -0.043, -0.036, -0.028, -0.022,
    ],
  ]
  /// Times and morphologies of the map that the article prints.
  static let steps: [Float] = [0, 0.1, 0.3, 0.55, 0.8, 1, 1.1]

  @Test("one of them is the article's at time .8, within half of its last decimal")
  func printedPetal() {
    expectClose(
      TemplateSet.petals.templates[0].rows(at: 0.8), Self.printed.flatMap(\.self), 0.0005)
  }

  @Test("are two, of 7 times by 7 rows by 21 numbers, as the article's")
  func sizes() {
    let petals = TemplateSet.petals
    #expect(petals.times == Self.steps && petals.rows == Self.steps)
    #expect(petals.templates.count == 2 && petals.rowSize == 21 && petals.pointsPerRow == 7)
    #expect(Set(petals.templates.map(\.name)).count == 2)
    for template in petals.templates {
      #expect(template.places == petals.grid && template.values.count == 7 * 7 * 21)
    }
    #expect(petals.hasGrid)
  }

  @Test("have three decimals, as the article prints them", arguments: [0, 1, 2, 3] as [UInt64])
  func decimals(seed: UInt64) {
    let set = seed == 0 ? TemplateSet.petals : .petals(seed: seed, count: 3)
    for template in set.templates {
      let wrong = template.values.firstIndex {
        abs(Double($0) * 1000 - (Double($0) * 1000).rounded()) > 1e-3
      }
      #expect(wrong == nil, "seed \(seed), \(template.name), number \(wrong ?? -1)")
    }
  }

  @Test("share their bud and part more and more", arguments: [0, 1, 2, 3, 4, 5] as [UInt64])
  func sharedBud(seed: UInt64) {
    let set = seed == 0 ? TemplateSet.petals : .petals(seed: seed, count: 3)
    for first in set.templates {
      for second in set.templates where second.name != first.name {
        let apart = Self.steps.map { time in
          distance(
            [first.rows(at: time).map(Double.init)], [second.rows(at: time).map(Double.init)])
        }
        #expect(apart[0] == 0 && apart[1] == 0, "seed \(seed): \(apart)")
        // The two of the article part at every step; others may come near again, but for the last.
        if seed == 0 {
          #expect(zip(apart.dropFirst(), apart.dropFirst(2)).allSatisfy { $0 < $1 }, "\(apart)")
        }
        #expect(
          apart.dropFirst(2).allSatisfy { $0 > 0 } && apart[6] >= 0.15, "seed \(seed): \(apart)")
      }
    }
  }

  @Test("of a seed are the same every time, and others of another")
  func reproducible() {
    #expect(TemplateSet.petals(seed: 5) == .petals(seed: 5))
    #expect(TemplateSet.petals(seed: 5) != .petals(seed: 6))
    #expect(TemplateSet.petals(seed: .max).templates != TemplateSet.petals(seed: 0).templates)
    #expect(TemplateSet.petals(seed: 5).name != TemplateSet.petals(seed: 6).name)
  }

  @Test("of every seed are there, up to six at least .15 apart", arguments: 1...6)
  func counts(count: Int) {
    for seed in [0, 1, 2, 3, 4, 5, 6, 7, .max] as [UInt64] {
      let set = TemplateSet.petals(seed: seed, count: count)
      #expect(set.templates.count == count)
      let finite = set.templates.allSatisfy { $0.values.allSatisfy { abs($0) < 3 } }
      #expect(finite, "seed \(seed)")
      let shapes = set.templates.map { $0.rows(at: 1.1).map(Double.init) }
      for (index, shape) in shapes.enumerated() {
        for other in shapes[..<index] {
          #expect(distance([shape], [other]) >= 0.15, "seed \(seed), count \(count)")
        }
      }
    }
  }

  @Test("move without a jump: a hundredth of time moves no number by more than .04")
  func smooth() {
    let characters: [OpeningPetal.Character] = [
      .init(), .init(base: 1.1, curl: -1.1, flare: 0.15, cup: 0.5),
    ]
    for character in characters {
      let petal = OpeningPetal(
        reference: TemplateSet.printedPetal, rows: Self.steps, character: character)
      let poses = (0...110).map { petal.pose(at: Double($0) / 100).flatMap(\.self) }
      var speeds: [Float] = []
      for (before, after) in zip(poses, poses.dropFirst()) {
        speeds.append(zip(before, after).map { abs($0 - $1) }.max()!)
      }
      #expect(speeds.max()! < 0.04, "\(speeds)")
      // Nor does the speed jump, but for the rounding to three decimals.
      let jumps = zip(speeds, speeds.dropFirst()).map { abs($0 - $1) }
      #expect(jumps.max()! < 0.004, "\(jumps)")
    }
  }

  @Test("of templates are those that the generator draws at their times")
  func poses() {
    let petal = OpeningPetal(
      reference: TemplateSet.printedPetal, rows: Self.steps, character: .init())
    for time in Self.steps {
      #expect(
        TemplateSet.petals.templates[0].rows(at: time)
          == petal.pose(at: Double(time)).flatMap(\.self),
        "time \(time)")
    }
  }
}
