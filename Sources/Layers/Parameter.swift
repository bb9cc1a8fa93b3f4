import Tensors

/// A tensor that training changes: a weight, or (not trainable) a running statistic.
public final class Parameter {
  /// Path through the layers, such as `encoder.0.weight`; unique in its set.
  public let name: String
  /// Size of each axis; it never changes.
  public let shape: [Int]
  /// Whether an optimiser changes it; running statistics are changed by their layer.
  public let isTrainable: Bool

  /// The values now.
  ///
  /// Of a trainable parameter this is a window of its set's buffer, and gradients flow to it unless
  /// the set is frozen.
  public var value: Tensor { isTrainable && !set.isFrozen ? tracked : stored }

  private unowned let set: ParameterSet
  private var stored: Tensor
  private var tracked: Tensor

  init(name: String, isTrainable: Bool, value: Tensor, in set: ParameterSet) {
    self.name = name
    self.isTrainable = isTrainable
    self.set = set
    shape = value.shape
    stored = value
    tracked = isTrainable ? value.tracked() : value
    if isTrainable { ParameterUpdate.holdWeights(value) }
  }

  /// Puts other values of the same shape in their place.
  func replace(_ value: Tensor) {
    precondition(value.shape == shape, "parameter \(name): \(value.shape) in place of \(shape)")
    stored = value.detached()
    tracked = isTrainable ? stored.tracked() : stored
    if isTrainable { ParameterUpdate.holdWeights(stored) }
  }

  /// Overwrites the values where they lie, so that windows of them see the change.
  public func assign(_ values: Tensor) {
    precondition(
      values.shape == shape, "parameter \(name): \(values.shape) assigned to \(shape)")
    ParameterUpdate.assign(values.detached(), to: stored)
  }
}

/// All parameters of a model, in the order in which its layers declared them.
///
/// The trainable ones lie one after another in ``buffer``, so that an optimiser's state, averages
/// and checkpoints are flat buffers too.
public final class ParameterSet {
  /// Where all of them lie.
  public let device: Device
  /// float32, or float64 on the CPU to check a model in double precision.
  public let dtype: DType
  /// Decides the initial values.
  public let seed: UInt64

  /// Trainable parameters, in order of declaration.
  public private(set) var trainable: [Parameter] = []
  /// Running statistics, in order of declaration.
  public private(set) var statistics: [Parameter] = []

  private var names: Set<String> = []
  private var flat: Tensor?
  private(set) var isFrozen = false
  private var randomLayers: UInt32 = 0

  /// A set without parameters, for layers to declare theirs in.
  ///
  /// - Parameters:
  ///   - seed: Decides the initial values, with each parameter's number.
  ///   - device: Where they will lie; their bits do not depend on it.
  ///   - dtype: float32, or float64 on the CPU.
  public init(seed: UInt64, on device: Device = .cpu, dtype: DType = .float32) {
    self.device = device
    self.dtype = dtype
    self.seed = seed
  }

  /// Where layers at the top of the model declare their parameters.
  public var root: ParameterScope { ParameterScope(set: self, path: "") }

  /// Trainable numbers in all.
  public var count: Int { trainable.reduce(0) { $0 + $1.value.count } }

  /// All trainable parameters as one vector, in order of declaration.
  ///
  /// After the first use no parameter can be added.
  public var buffer: Tensor {
    if let flat { return flat }
    let buffer = Tensor.zeros([count], dtype: dtype, on: device)
    for (parameter, window) in zip(trainable, windows(of: buffer)) {
      ParameterUpdate.assign(parameter.value.detached(), to: window)
      parameter.replace(window)
    }
    flat = buffer
    return buffer
  }

  /// The parts of a vector as long as ``buffer`` that belong to each trainable parameter, in its
  /// shape.
  public func windows(of buffer: Tensor) -> [Tensor] {
    var first = 0
    return trainable.map { parameter in
      defer { first += parameter.shape.reduce(1, *) }
      return ParameterUpdate.window(buffer, from: first, shape: parameter.shape)
    }
  }

  /// Runs `body` with parameters from which no gradient flows, so that nothing is recorded.
  public func frozen<Result>(_ body: () throws -> Result) rethrows -> Result {
    let before = isFrozen
    isFrozen = true
    defer { isFrozen = before }
    return try body()
  }

  /// A stream of random numbers for one more layer that draws them, in order of declaration.
  func nextRandomStream() -> UInt32 {
    defer { randomLayers += 1 }
    return RandomStream.layers + randomLayers
  }

  fileprivate func add(_ name: String, _ isTrainable: Bool, _ value: Tensor) -> Parameter {
    precondition(flat == nil, "parameter \(name) declared after the buffer was made")
    precondition(names.insert(name).inserted, "two parameters are called \(name)")
    let parameter = Parameter(name: name, isTrainable: isTrainable, value: value, in: self)
    if isTrainable { trainable.append(parameter) } else { statistics.append(parameter) }
    return parameter
  }

  /// Number of the next trainable parameter: the example whose random numbers it starts from.
  fileprivate var nextNumber: Int { trainable.count }
}

/// A place in a model where parameters get their names.
public struct ParameterScope {
  let set: ParameterSet
  let path: String

  /// The scope of a part of this one.
  public func scope(_ name: String) -> ParameterScope {
    ParameterScope(set: set, path: path + name + ".")
  }

  /// Declares a trainable parameter.
  public func parameter(_ name: String, _ shape: [Int], _ initializer: Initializer) -> Parameter {
    let value = initializer.values(
      shape, number: set.nextNumber, seed: set.seed, on: set.device, dtype: set.dtype)
    return set.add(path + name, true, value)
  }

  /// Declares a running statistic, which its layer updates and checkpoints keep.
  public func statistic(_ name: String, _ shape: [Int], initially value: Float) -> Parameter {
    set.add(
      path + name, false, Tensor(filling: shape, with: value, dtype: set.dtype, on: set.device))
  }

  /// Declares numbers that are drawn once and never change, which checkpoints keep.
  public func statistic(_ name: String, _ shape: [Int], _ initializer: Initializer) -> Parameter {
    // Numbers below 0 are no trainable parameter's.
    let value = initializer.values(
      shape, number: -1 - set.statistics.count, seed: set.seed, on: set.device, dtype: set.dtype)
    return set.add(path + name, false, value)
  }

  /// A stream of random numbers for a layer that draws them in training, in order of declaration.
  public func randomStream() -> UInt32 { set.nextRandomStream() }
}
