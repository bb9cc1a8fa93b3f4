internal import CKernels

/// A matrix product, or a pass of a convolution as one, in the terms that decide how it is done.
struct ProductProblem: Hashable, Codable, Sendable {
  /// The text that says where its operands lie.
  enum Kind: Hashable, Codable, Sendable {
    case gemm(transposeA: Bool, transposeB: Bool)
    case forward
    case inputGradient
    case filterGradient
  }

  var kind: Kind
  /// Products of at most m x n outputs, each a sum of k, side by side.
  var count, m, n, k: Int
  /// Elements of A and of B that are sure to follow one another along memory, before a place must
  /// be looked up anew; 0 where the whole line does.
  var runA = 0, runB = 0
  /// Every offset, line and count along memory is a multiple of this many elements.
  var alignment: Int
  /// What it is multiplied in.
  var units = ProductTile.Units.none
  /// The parts that the CPU cuts the sum into, which gives the CPU's bits.
  var usualParts = ProductParts(count: 1, length: 0)

  /// Whether neighbours in A's memory differ in the step.
  var isAAlongK: Bool {
    switch kind {
    case .gemm(let transposeA, _): !transposeA
    case .forward, .inputGradient: true
    case .filterGradient: false
    }
  }

  /// Whether neighbours in B's memory differ in the step.
  var isBAlongK: Bool {
    switch kind {
    case .gemm(_, let transposeB): transposeB
    case .forward: true
    case .inputGradient, .filterGradient: false
    }
  }
}

/// `product_parts` of `place.cl`.
struct ProductParts: BitwiseCopyable, Hashable, Codable, Sendable {
  var count, length: Int32
}

/// How a product is done: its program, and the parts of its sums.
struct ProductPlan {
  let tile: ProductTile
  let recipe: ProgramRecipe
  let parts: ProductParts
  let groups: Int
  /// Whether matrix units are the plain C of `matrix_units.cl`.
  private let isEmulated: Bool

  init(
    _ problem: ProductProblem, tile: ProductTile, parts: ProductParts, isEmulated: Bool = false
  ) {
    (self.tile, self.parts, self.isEmulated) = (tile, parts, isEmulated)
    let isOfGPU = tile.items > 1
    let isAligned = isOfGPU && problem.alignment % max(tile.load, tile.width) == 0
    // Without alignment, neighbouring items of a GPU had better load neighbouring elements.
    let most = isOfGPU && !isAligned ? 1 : tile.load
    let (lineA, lineB) = (
      problem.isAAlongK ? tile.depth : tile.m, problem.isBAlongK ? tile.depth : tile.n
    )
    let aLoad = ProductTile.load(upTo: min(most, lineA), dividing: problem.runA)
    let bLoad = ProductTile.load(upTo: min(most, lineB), dividing: problem.runB)
    let loads =
      " -DA_LOAD=\(aLoad) -DB_LOAD=\(bLoad) -DALIGNED=\(isAligned ? 1 : 0)"
      + " -DA_BY_STEP=\(tile.laysABySteps(problem) ? 1 : 0) -DEMULATED=\(isEmulated ? 1 : 0)"
    recipe = .product(problem.kind, macros: tile.macros + loads)
    groups =
      problem.count * Int(parts.count) * ((problem.m + tile.m - 1) / tile.m)
      * ((problem.n + tile.n - 1) / tile.n)
  }
}

extension ProductPlan {
  /// The same product by another tile: the parts of its sums, and so its bits, stay.
  func with(_ tile: ProductTile, for problem: ProductProblem) -> ProductPlan {
    ProductPlan(problem, tile: tile, parts: parts, isEmulated: isEmulated)
  }

  /// The plan of a product that nothing has been tuned for.
  static func usual(_ problem: ProductProblem, on device: OpenCLDevice) -> ProductPlan {
    device.description.kind == .gpu || problem.units != .none
      ? forGraphics(problem, on: device)
      : ProductPlan(
        problem, tile: .forProcessor(problem, on: device), parts: problem.partsOfTheCPU)
  }

  /// The tile and parts that a simple model of the device takes to be fastest.
  ///
  /// A compute unit takes time for the outputs of a tile, also those beyond the product's edge,
  /// and times how far the tile is from the largest in speed; units without a group idle. Cutting
  /// the sum into parts gives them one, for the price of a second pass over the parts.
  private static func forGraphics(
    _ problem: ProductProblem, on device: OpenCLDevice
  ) -> ProductPlan {
    let units = Double(device.computeUnits)
    var best: (cost: Double, plan: ProductPlan)?
    for (tile, speed) in ProductTile.ofGraphics(problem.units) where tile.fits(device) {
      var count = Int(problem.partsOfTheCPU.count)
      while true {
        let parts = problem.parts(atMost: count, depth: tile.depth)
        let plan = ProductPlan(
          problem, tile: tile, parts: parts, isEmulated: device.emulatesMatrixUnits)
        let rounds = (Double(plan.groups) / units).rounded(.up)
        let steps = Double(parts.count == 1 ? problem.k : Int(parts.length)) + 16
        var cost = rounds * Double(tile.m * tile.n) * steps / speed
        if parts.count > 1 {
          let moved = Double(problem.count * problem.m * problem.n) * Double(2 * parts.count + 1)
          cost += secondPass + moved * multiplicationsPerElementMoved / units
        }
        if cost < best?.cost ?? .infinity { best = (cost, plan) }
        count *= 2
        if problem.k / count < fewestSteps || rounds > 4 { break }
      }
    }
    guard let best else { preconditionFailure("no tile fits \(device.name)") }
    return best.plan
  }

  /// Multiplications of one compute unit in the time that another launch takes, about 5 us.
  private static let secondPass = 1.2e6
  /// Multiplications that the whole device does while its memory moves one float.
  private static let multiplicationsPerElementMoved = 40.0
  /// Steps that a part has at least.
  private static let fewestSteps = 128
}

extension ProductProblem {
  /// Of all products.
  var outputs: Int { count * m * n }

  /// A matrix product whose operands lie without gaps.
  var shape: ck_gemm_shape {
    guard case .gemm(let transposeA, let transposeB) = kind else {
      preconditionFailure("the shape of a matrix product, of a convolution")
    }
    var s = ck_gemm_shape()
    (s.batch, s.m, s.n, s.k) = (Int32(count), Int32(m), Int32(n), Int32(k))
    (s.transpose_a, s.transpose_b) = (transposeA ? 1 : 0, transposeB ? 1 : 0)
    (s.lda, s.ldb, s.ldc) = (Int32(transposeA ? m : k), Int32(transposeB ? k : n), Int32(n))
    (s.batch_stride_a, s.batch_stride_b) = (Int32(m * k), Int32(k * n))
    s.batch_stride_c = Int32(m * n)
    return s
  }

  var partsOfTheCPU: ProductParts {
    usualParts.length > 0 ? usualParts : ProductParts(count: 1, length: Int32(k))
  }

  /// Parts of a multiple of `depth` steps.
  func parts(atMost count: Int, depth: Int) -> ProductParts {
    if count <= Int(partsOfTheCPU.count) { return partsOfTheCPU }
    let length = ((k + count - 1) / count + depth - 1) / depth * depth
    return ProductParts(count: Int32((k + length - 1) / length), length: Int32(length))
  }
}

extension ProductTile {
  /// Where an item is a thread of a processor, which has the tile to itself.
  ///
  /// Eight rows of two vectors keep a processor's fused multiply-add units busy (latency times
  /// throughput is 8) and leave registers for the factors; half as many rows do where there are 16
  /// registers. 128 x 128 outputs and 128 steps are 130 KiB, which second-level caches hold. A line
  /// of 16 floats of padding keeps the stores of a transposing load from falling into the same cache
  /// sets. With PoCL on two cores with AVX-512: 66 to 81 % of the peak at 1024 a side, 30 to 60 % at
  /// 128 x 784 x 400, however the factors lie.
  static func forProcessor(_ problem: ProductProblem, on device: OpenCLDevice) -> ProductTile {
    let most = max(4, min(16, device.vectorWidth))
    let width = problem.n <= 4 ? 4 : most
    var tile = ProductTile(
      rows: most == 16 ? 8 : 4, vectors: problem.n > width ? 2 : 1, width: width, depth: 128,
      load: most)
    tile.tilesM = 128 / tile.rows
    tile.tilesN = problem.n > width ? 128 / (tile.vectors * width) : 1
    (tile.padA, tile.padB) = (16, 16)
    while !tile.fits(device), tile.depth > tile.load { tile.depth /= 2 }
    while !tile.fits(device), tile.tilesM > 1 { tile.tilesM /= 2 }
    return tile
  }

  /// Those of GPUs, and how fast they are for their outputs, as a share of the first.
  ///
  /// What a multiply-add takes from local memory falls with the size of an item's tile: 8 x 8
  /// outputs take 16 floats for 64 of them, 4 x 4 take 8 for 16.
  static func ofGraphics(_ units: Units) -> [(tile: ProductTile, speed: Double)] {
    units == .none
      ? ofItems
      : [
        (ofUnits(units, items: (16, 16), tiles: (4, 4)), 1),
        (ofUnits(units, items: (16, 8), tiles: (2, 4)), 0.7),
        (ofUnits(units, items: (16, 4), tiles: (1, 4)), 0.35),
      ]
  }

  /// A warp's instructions reuse what it has read of local memory `tiles` times in each direction.
  private static func ofUnits(
    _ units: Units, items: (Int, Int), tiles: (Int, Int)
  ) -> ProductTile {
    let elementsPerWord = 4 / units.bytes
    return ProductTile(
      itemsM: items.0, itemsN: items.1, tilesM: tiles.0, tilesN: tiles.1, rows: 2, vectors: 1,
      width: 2, depth: 16 * elementsPerWord, padA: 4 * elementsPerWord, padB: 4 * elementsPerWord,
      load: 4, buffers: 2, units: units)
  }

  private static let ofItems: [(tile: ProductTile, speed: Double)] = [
    (graphics(items: (16, 16), rows: 8, vectors: 2), 1),
    (graphics(items: (16, 16), rows: 8, vectors: 1), 0.85),
    (graphics(items: (16, 16), rows: 4, vectors: 1), 0.7),
    (graphics(items: (16, 8), rows: 8, vectors: 1), 0.7),
    (graphics(items: (8, 8), rows: 4, vectors: 1), 0.5),
    (graphics(items: (32, 4), rows: 4, vectors: 1), 0.4),
    (graphics(items: (64, 1), rows: 4, vectors: 1), 0.15),
    (graphics(items: (4, 4), rows: 4, vectors: 1), 0.15),
  ]

  private static func graphics(items: (Int, Int), rows: Int, vectors: Int) -> ProductTile {
    ProductTile(
      itemsM: items.0, itemsN: items.1, rows: rows, vectors: vectors, width: 4, depth: 16, padA: 4,
      padB: 4, load: 4, buffers: 2)
  }
}
