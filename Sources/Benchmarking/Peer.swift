import FileFormats

/// A library that computes the same rows; its description is its version, and what decides its speed.
package protocol Peer: AnyObject, CustomStringConvertible {
  /// By which its contenders go.
  var names: [String] { get }
  /// Runs on so many threads, one on each of these cores.
  func use(cores: [Int]) throws
  /// Every way it has to compute the row from these operands, each run once; none where it cannot.
  func prepare(_ row: KernelRow, _ numbers: [[Float]]) throws -> [Contender]
  /// Forgets the row last prepared.
  func release() throws
}

extension Peer {
  package func release() {}
}

/// A library that trains the same models, described alike.
package protocol TrainingPeer: AnyObject, CustomStringConvertible {
  /// Runs on so many threads, one on each of these cores.
  func use(cores: [Int]) throws
  /// Every way it has to train the row's model, from what `TrainingRig.recipe(steps:)` gave: each
  /// with the losses of the first steps as its result, and the weights that they left.
  func prepare(_ row: TrainingBenchmark.Row, recipe: [String: NumericArray]) throws -> [Contender]
  /// Forgets the row last prepared.
  func release() throws
}
