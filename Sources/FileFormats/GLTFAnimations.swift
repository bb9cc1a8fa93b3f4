/// Weights of a mesh's morph targets, keyframe by keyframe.
struct GLTFWeights {
  /// Seconds.
  let times: [Float]
  /// For each keyframe the targets that it uses.
  let blends: [GLTFBlend]
}

/// Morph targets and their weights; those of weight 0 are left out.
typealias GLTFBlend = [(target: Int, weight: Double)]

/// What a model's animations do to its nodes.
///
/// - SeeAlso: glTF 2.0 specification, section 3.11 "Animations".
struct GLTFAnimations {
  let document: GLTFDocument
  let accessors: GLTFAccessors

  /// The nodes that an animation moves, turns or scales.
  func movingNodes() throws(FileFormatError) -> Set<Int> {
    var moving: Set<Int> = []
    for animation in try document.root.list("animations") {
      for channel in try animation.member("channels").elements() {
        let target = try channel.member("target")
        guard let node = target.optional("node") else { continue }
        if try target.member("path").string() != "weights" {
          moving.insert(try node.index(below: document.nodes.count, of: "node"))
        }
      }
    }
    return moving
  }

  /// The keyframes of the first animation that gives weights to a node's mesh, or `nil`.
  func weights(of node: Int, targetCount: Int) throws(FileFormatError) -> GLTFWeights? {
    for animation in try document.root.list("animations") {
      let samplers = try animation.member("samplers").elements()
      for channel in try animation.member("channels").elements() {
        let target = try channel.member("target")
        guard target.optional("node")?.value.integer == node,
          try target.member("path").string() == "weights"
        else { continue }
        let index = try channel.member("sampler").index(below: samplers.count, of: "sampler")
        return try keyframes(samplers[index], targetCount)
      }
    }
    return nil
  }

  private func keyframes(
    _ sampler: JSONPlace, _ targetCount: Int
  ) throws(FileFormatError) -> GLTFWeights {
    let input = try sampler.member("input")
    let times = try accessors.numbers(input, type: "SCALAR").map { Float($0) }
    guard times[0] >= 0, zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw input.unexpected("times that start at 0 or later and increase", found: "others")
    }
    // A cubic spline keeps a tangent before and after each value; at the keyframe itself it passes
    // through the value.
    let interpolation = try sampler.optional("interpolation")?.string() ?? "LINEAR"
    guard ["LINEAR", "STEP", "CUBICSPLINE"].contains(interpolation) else {
      throw sampler.unexpected(
        "LINEAR, STEP or CUBICSPLINE interpolation", found: excerpt(interpolation.utf8))
    }
    let isSpline = interpolation == "CUBICSPLINE"
    let output = try sampler.member("output")
    let numbers = try accessors.numbers(output, type: "SCALAR")
    let perFrame = (isSpline ? 3 : 1) * targetCount
    guard let expected = product([perFrame, times.count]), numbers.count == expected else {
      throw output.unexpected(
        "\(perFrame) numbers for each of \(count(times.count, "keyframe"))",
        found: "\(numbers.count)")
    }
    let blends = times.indices.map { frame in
      let start = frame * perFrame + (isSpline ? targetCount : 0)
      return (0..<targetCount).map { (target: $0, weight: numbers[start + $0]) }
        .filter { $0.weight != 0 }
    }
    return GLTFWeights(times: times, blends: blends)
  }
}
