import Tensors
import Testing

@testable import Evaluation

@Suite("Precision, recall, density and coverage")
struct ManifoldTests {
  @Test("are what counting balls one by one gives, also where rows are more than a block")
  func byCounting() throws {
    for (real, made) in [
      (try impressions(60, seed: 1), try impressions(45, seed: 2, shift: 0.5)),
      (try impressions(600, seed: 3), try impressions(530, seed: 4, scale: 0.6)),
    ] {
      let found = try Manifolds(real: real, made: made)
      let (reals, mades) = (real.rows, made.rows)
      func radii(_ rows: [[Double]], _ k: Int) -> [Double] {
        rows.map { row in rows.map { distance(row, $0) }.sorted()[k] }
      }
      let (third, fifth) = (radii(reals, 3), radii(reals, 5))
      let madeThird = radii(mades, 3)
      let precision = mades.count { m in
        reals.indices.contains { distance(m, reals[$0]) <= third[$0] }
      }
      let recall = reals.count { r in
        mades.indices.contains { distance(r, mades[$0]) <= madeThird[$0] }
      }
      let balls = mades.reduce(0) { sum, m in
        sum + reals.indices.count { distance(m, reals[$0]) <= fifth[$0] }
      }
      let covered = reals.indices.count { index in
        mades.contains { distance($0, reals[index]) <= fifth[index] }
      }
      // A row that lies on a ball's edge by chance may fall to either side in single precision.
      func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1.5 / Double(mades.count) }
      #expect(close(found.precision.value, Double(precision) / Double(mades.count)))
      #expect(close(found.recall.value, Double(recall) / Double(reals.count)))
      #expect(close(found.density.value, Double(balls) / Double(5 * mades.count)))
      #expect(close(found.coverage.value, Double(covered) / Double(reals.count)))
    }
  }

  @Test("tell pictures of one kind alone: precise, and little recalled")
  func collapse() throws {
    let real = try impressions(300, seed: 1)
    let collapsed = try impressions(300, seed: 2, scale: 0.05)
    let found = try Manifolds(real: real, made: collapsed)
    #expect(found.precision.value > 0.95 && found.recall.value < 0.1)
    #expect(found.density.value > 1, "they lie where real ones are densest")
    let far = try Manifolds(real: real, made: impressions(300, seed: 3, shift: 20))
    #expect(far.precision.value == 0 && far.coverage.value == 0)
  }

  @Test("neighbours are the nearest, never the row itself, and equal rows count")
  func neighbours() throws {
    let set = try impressions(20, seed: 9)
    let twice = set.rows([0, 0, 1, 2, 3, 4, 5])
    let nearest = try Neighbours(twice).nearest(2, to: twice, isSame: true)
    #expect(nearest[0][0].index == 1 && nearest[1][0].index == 0)
    #expect(nearest[0][0].squared < 1e-5)
    for (row, found) in nearest.enumerated() { #expect(!found.contains { $0.index == row }) }
  }
}
