import Foundation

/// What this project has no kernels of its own for: LAPACK's decompositions, in double precision on
/// the processor.
///
/// The library is looked for when it is first needed, so that a machine without it does all the rest.
/// Source: Anderson et al., LAPACK Users' Guide, 3rd edition.
public struct LAPACK: Sendable {
  private typealias Dsyevd =
    @convention(c) (
      _ job: UnsafePointer<CChar>, _ triangle: UnsafePointer<CChar>, _ n: UnsafePointer<Int32>,
      _ a: UnsafeMutablePointer<Double>, _ lda: UnsafePointer<Int32>,
      _ values: UnsafeMutablePointer<Double>, _ work: UnsafeMutablePointer<Double>,
      _ workCount: UnsafePointer<Int32>, _ integers: UnsafeMutablePointer<Int32>,
      _ integerCount: UnsafePointer<Int32>, _ info: UnsafeMutablePointer<Int32>
    ) -> Void

  /// Names under which Debian and others have it, the fastest first.
  public static let libraries = ["libopenblas.so.0", "liblapack.so.3"]

  private let dsyevd: Dsyevd

  /// The first of `libraries` that has the functions needed.
  ///
  /// - Throws: ``LinearAlgebraError/missing(_:)``.
  public init(libraries: [String] = LAPACK.libraries) throws(LinearAlgebraError) {
    for library in libraries {
      guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL),
        let function = dlsym(handle, "dsyevd_")
      else { continue }
      dsyevd = unsafeBitCast(function, to: Dsyevd.self)
      return
    }
    throw .missing(libraries)
  }

  /// Eigenvalues of a symmetric matrix, rising, and its eigenvectors.
  ///
  /// - Parameters:
  ///   - matrix: `order` rows of `order` numbers; the lower triangle is read.
  ///   - order: At least 1.
  /// - Returns: The values, and a row for each value: its vector, of length 1.
  /// - Throws: ``LinearAlgebraError/failed(_:)`` for a matrix that is not finite, or where LAPACK does
  ///   not converge.
  public func symmetricEigen(
    _ matrix: [Double], order: Int
  ) throws(LinearAlgebraError) -> (values: [Double], vectors: [Double]) {
    precondition(
      order > 0 && matrix.count == order * order, "\(matrix.count) numbers of order \(order)")
    guard matrix.allSatisfy(\.isFinite) else { throw .failed("a matrix that is not finite") }
    var (vectors, values) = (matrix, [Double](repeating: 0, count: order))
    let n = Int32(order)
    let (workCount, integerCount) = (Int32(1 + 6 * order + 2 * order * order), 3 + 5 * n)
    var work = [Double](repeating: 0, count: Int(workCount))
    var integers = [Int32](repeating: 0, count: Int(integerCount))
    var info: Int32 = 0
    // LAPACK has columns where this has rows, which of a symmetric matrix are the same: its upper
    // triangle is our lower one.
    dsyevd(
      "V", "U", [n], &vectors, [n], &values, &work, [workCount], &integers, [integerCount], &info)
    guard info == 0 else { throw .failed("dsyevd ended with \(info)") }
    return (values, vectors)
  }
}

/// Why a decomposition could not be had.
public enum LinearAlgebraError: Error, Sendable, Equatable, CustomStringConvertible {
  /// None of these libraries is there, or none has LAPACK.
  case missing([String])
  /// LAPACK's own word.
  case failed(String)

  public var description: String {
    switch self {
    case .missing(let libraries):
      "LAPACK: none of \(libraries.joined(separator: ", ")) could be loaded; Debian's package is libopenblas0"
    case .failed(let what): "LAPACK: \(what)"
    }
  }
}
