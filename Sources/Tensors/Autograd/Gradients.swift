/// Gradients of `output` with respect to each of `targets`.
///
/// - Parameters:
///   - output: Any tensor; of one that is not a scalar, the sum weighted by `seed` is
///     differentiated.
///   - targets: Tensors that `output` was computed from; one that it does not depend on gets zeros.
///   - seed: Weight of each element of `output`, of its shape; ones by default.
///   - recorded: Whether the gradients can be differentiated again. Off by default: then nothing is
///     kept.
/// - Returns: For each target a tensor of its shape.
///
/// Contributions to one tensor are summed in the order in which the operations that used it were
/// created, so the result does not depend on the order of traversal.
public func gradients(
  of output: Tensor, withRespectTo targets: [Tensor], seed: Tensor? = nil, recorded: Bool = false
) -> [Tensor] {
  if let seed {
    precondition(
      seed.shape == output.shape, "gradients: seed \(seed.shape) for an output \(output.shape)")
  }
  var pass = BackwardPass(targets: targets, isRecorded: recorded)
  if let root = output.node { pass.run(from: root, seed: seed ?? output.onesLike()) }
  return targets.map { target in
    let gradient = target.node.flatMap { pass.result[ObjectIdentifier($0)] }
    return gradient ?? target.detached().zerosLike()
  }
}

/// The value of `function` at `point` and its gradients there.
///
/// - Parameters:
///   - point: Tensors to differentiate with respect to; they need not be tracked.
///   - recorded: Whether the gradients can be differentiated again.
///   - function: Receives `point`, tracked.
/// - Returns: The function's value, detached unless `recorded`, and one gradient a tensor of
///   `point`.
public func valueAndGradient(
  at point: [Tensor], recorded: Bool = false, of function: ([Tensor]) throws -> Tensor
) rethrows -> (value: Tensor, gradients: [Tensor]) {
  let tracked = point.map { $0.isTracked ? $0 : $0.tracked() }
  let value = try function(tracked)
  let result = gradients(of: value, withRespectTo: tracked, recorded: recorded)
  return (recorded ? value : value.detached(), result)
}

/// One walk from an output back to its targets, newest operation first.
private struct BackwardPass {
  let isRecorded: Bool
  /// Gradients of the targets, by their nodes.
  var result: [ObjectIdentifier: Tensor] = [:]

  private let targets: Set<ObjectIdentifier>
  /// The number of the oldest target: what is older cannot lead to one.
  private let oldest: UInt64
  private var contributions: [ObjectIdentifier: [Tensor]] = [:]

  init(targets: [Tensor], isRecorded: Bool) {
    self.isRecorded = isRecorded
    let nodes = targets.compactMap(\.node)
    self.targets = Set(nodes.map(ObjectIdentifier.init))
    oldest = nodes.map(\.number).min() ?? .max
  }

  mutating func run(from root: Node, seed: Tensor) {
    let nodes = nodesOnTheWay(from: root)
    guard let last = nodes.last, last === root else { return }
    let wanted = Set(nodes.map(ObjectIdentifier.init))
    contributions[ObjectIdentifier(root)] = [isRecorded ? seed : seed.detached()]

    for node in nodes.reversed() {
      guard let parts = contributions.removeValue(forKey: ObjectIdentifier(node)) else { continue }
      // Newest consumers came first, so the order of creation is the reverse.
      let gradient = parts.reversed().dropFirst().reduce(parts[parts.count - 1]) { $0 + $1 }
      if targets.contains(ObjectIdentifier(node)) { result[ObjectIdentifier(node)] = gradient }
      guard let rule = node.backward else { continue }
      let needed = node.edges.map { edge in
        edge.map { wanted.contains(ObjectIdentifier($0)) } ?? false
      }
      guard needed.contains(true) else { continue }
      let inputs = rule(
        Backward(gradient: gradient, isRecorded: isRecorded, node: node, neededInputs: needed))
      // From the last input to the first, so that reversing restores their order.
      for index in node.edges.indices.reversed() where needed[index] {
        guard let edge = node.edges[index], let part = inputs[index] else { continue }
        contributions[ObjectIdentifier(edge), default: []].append(
          isRecorded ? part : part.detached())
      }
    }
  }

  /// The nodes that lie between the targets and `root`, in order of creation.
  private func nodesOnTheWay(from root: Node) -> [Node] {
    var leading: Set<ObjectIdentifier> = []
    return root.history(since: oldest).filter { node in
      let leads =
        targets.contains(ObjectIdentifier(node))
        || node.edges.contains { edge in
          edge.map { leading.contains(ObjectIdentifier($0)) } ?? false
        }
      if leads { leading.insert(ObjectIdentifier(node)) }
      return leads
    }
  }
}
