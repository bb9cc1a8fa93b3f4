import LinearAlgebra
import Testing

@Suite("Eigenvalues of symmetric matrices")
struct LAPACKTests {
  @Test("are those worked out by hand: 1 and 3 of [[2, 1], [1, 2]]")
  func byHand() throws {
    let (values, vectors) = try LAPACK().symmetricEigen([2, 1, 1, 2], order: 2)
    #expect(abs(values[0] - 1) < 1e-12 && abs(values[1] - 3) < 1e-12)
    #expect(abs(vectors[0] + vectors[1]) < 1e-12, "the first vector is (1, −1)")
    #expect(abs(vectors[2] - vectors[3]) < 1e-12, "the second is (1, 1)")
  }

  @Test("with their vectors make the matrix again", arguments: [1, 2, 3, 7, 64, 129])
  func again(order: Int) throws {
    var matrix = [Double](repeating: 0, count: order * order)
    for row in 0..<order {
      for column in 0...row {
        let value = Double((row * 31 + column * 17) % 23) / 7 - 1.3
        matrix[row * order + column] = value
        matrix[column * order + row] = value
      }
    }
    let (values, vectors) = try LAPACK().symmetricEigen(matrix, order: order)
    #expect(values == values.sorted())
    for row in 0..<order {
      for column in 0..<order {
        let sum = (0..<order).reduce(0.0) {
          $0 + values[$1] * vectors[$1 * order + row] * vectors[$1 * order + column]
        }
        #expect(abs(sum - matrix[row * order + column]) < 1e-10 * Double(order))
      }
    }
  }

  @Test("a matrix that is not finite, and a machine without LAPACK, are told of")
  func faults() throws {
    let lapack = try LAPACK()
    #expect(throws: LinearAlgebraError.self) {
      try lapack.symmetricEigen([.nan, 0, 0, 1], order: 2)
    }
    #expect(throws: LinearAlgebraError.missing(["libnothing.so"])) {
      try LAPACK(libraries: ["libnothing.so"])
    }
    #expect("\(LinearAlgebraError.missing(["libnothing.so"]))".contains("libopenblas0"))
  }
}
