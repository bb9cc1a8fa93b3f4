import Synchronization

/// How a tensor was made: the node of the recorded graph behind it.
///
/// Edges lead to the nodes of the inputs, so a graph lives as long as a tensor that was made by it.
/// What the backward rule needs of inputs and output is kept without nodes and joined to them again
/// only when the backward pass is itself recorded.
final class Node: @unchecked Sendable {
  /// Rises with creation: every node's inputs have smaller numbers.
  let number: UInt64
  private(set) var edges: [Node?]
  private let savedInputs: [Tensor?]
  private let savedOutput: Tensor?
  let backward: BackwardRule?

  private static let counter = Atomic<UInt64>(0)

  /// A leaf: a tensor that gradients are asked for.
  init() {
    number = Node.counter.add(1, ordering: .relaxed).newValue
    edges = []
    savedInputs = []
    savedOutput = nil
    backward = nil
  }

  init(
    inputs: [Tensor], output: Tensor, saving saved: SavedTensors, backward: @escaping BackwardRule
  ) {
    number = Node.counter.add(1, ordering: .relaxed).newValue
    edges = inputs.map(\.node)
    savedInputs = inputs.enumerated().map { index, input in
      saved.contains(.input(index)) ? input.detached() : nil
    }
    savedOutput = saved.contains(.output) ? output.detached() : nil
    self.backward = backward
  }

  /// Long chains are taken apart in a loop; letting each node free the next would exhaust the
  /// stack.
  deinit {
    var waiting = edges.compactMap { $0 }
    edges = []
    while var node = waiting.popLast() {
      if isKnownUniquelyReferenced(&node) {
        waiting.append(contentsOf: node.edges.compactMap { $0 })
        node.edges = []
      }
    }
  }

  /// This node and all that it was made from, in order of creation, without those older than the
  /// one numbered `oldest`: nothing beyond them is visited.
  func history(since oldest: UInt64) -> [Node] {
    var seen: Set<ObjectIdentifier> = []
    var found: [Node] = []
    var waiting = [self]
    while let node = waiting.popLast() {
      guard node.number >= oldest, seen.insert(ObjectIdentifier(node)).inserted else { continue }
      found.append(node)
      waiting.append(contentsOf: node.edges.compactMap { $0 })
    }
    return found.sorted { $0.number < $1.number }
  }

  func input(_ index: Int, recorded: Bool) -> Tensor {
    guard let tensor = savedInputs[index] else {
      preconditionFailure("a backward rule reads input \(index), which its operation did not save")
    }
    return recorded ? tensor.attached(to: edges[index]) : tensor
  }

  func output(recorded: Bool) -> Tensor {
    guard let tensor = savedOutput else {
      preconditionFailure("a backward rule reads its output, which its operation did not save")
    }
    return recorded ? tensor.attached(to: self) : tensor
  }
}

/// From the gradient of an operation's output to those of its inputs (nil: none flows).
typealias BackwardRule = @Sendable (Backward) -> [Tensor?]

/// What a backward rule may ask for.
struct Backward {
  /// Gradient of the result with respect to the operation's output; has the output's shape.
  let gradient: Tensor
  /// Whether the backward pass is itself recorded: then a fused kernel that cannot be
  /// differentiated gives way to plain operations.
  let isRecorded: Bool
  let node: Node
  let neededInputs: [Bool]

  /// Whether input `index` wants a gradient; a rule skips the work for one that does not.
  func needs(_ index: Int) -> Bool { neededInputs[index] }

  func input(_ index: Int) -> Tensor { node.input(index, recorded: isRecorded) }
  var output: Tensor { node.output(recorded: isRecorded) }
}

/// Which tensors an operation keeps for its backward rule.
struct SavedTensors: OptionSet {
  let rawValue: UInt32
  static let output = SavedTensors(rawValue: 1 << 31)
  static func input(_ index: Int) -> SavedTensors { SavedTensors(rawValue: 1 << UInt32(index)) }
  static let firstInput = input(0)
  static let secondInput = input(1)
  static let none: SavedTensors = []
}

extension Tensor {
  /// The same values as a starting point of gradients: what is computed from it is recorded.
  public func tracked() -> Tensor {
    precondition(dtype.isFloatingPoint, "\(dtype.rawValue) tensors have no gradients")
    return attached(to: Node())
  }

  /// The same values, from which no gradient flows back.
  public func detached() -> Tensor { node == nil ? self : attached(to: nil) }

  func attached(to node: Node?) -> Tensor {
    Tensor(storage: storage, offset: offset, shape: shape, dtype: dtype, node: node)
  }

  /// This tensor as the output of an operation on `inputs`; recorded if any of them is.
  func recorded(
    from inputs: [Tensor], saving saved: SavedTensors, backward: @escaping BackwardRule
  ) -> Tensor {
    guard inputs.contains(where: { $0.node != nil }) else { return self }
    return attached(
      to: Node(inputs: inputs, output: self, saving: saved, backward: backward))
  }
}
