/// The tiles that are tried for a product, by number: the heuristic's, then a fixed set, then
/// neighbours of the best so far, drawn by the bucket and the number alone.
struct TileSearch {
  let heuristic: ProductTile
  let device: OpenCLDevice
  private let first: [ProductTile]
  private let seed: UInt64

  /// Neighbours behind the fixed set: enough that three quarters of them changed nothing where that
  /// was watched.
  static let neighbours = 16

  /// Candidates in all.
  var count: Int { first.count + Self.neighbours }

  init(_ problem: ProductProblem, heuristic: ProductTile, on device: OpenCLDevice) {
    (self.heuristic, self.device) = (heuristic, device)
    let others =
      heuristic.items == 1 ? Self.ofProcessors(heuristic) : Self.ofGraphics(heuristic.units)
    var first = [heuristic]
    for tile in others where tile.isModest && tile.fits(device) && !first.contains(tile) {
      first.append(tile)
    }
    self.first = first
    var hash = FNV1a()
    hash.add(ProductBucket(problem, heuristic.units).description)
    seed = hash.value
  }

  /// The candidate of that number; nil where no new one was found near the best.
  func candidate(
    _ number: Int, best: ProductTile?, avoiding known: Set<ProductTile>
  ) -> ProductTile? {
    if number < first.count { return known.contains(first[number]) ? nil : first[number] }
    var random = SplitMix(state: seed &+ UInt64(number))
    for _ in 0..<100 {
      var tile = best ?? heuristic
      for _ in 0..<Int.random(in: 1...2, using: &random) { tile.step(using: &random) }
      if tile != heuristic, !first.contains(tile), !known.contains(tile), tile.isModest,
        tile.fits(device)
      {
        return tile
      }
    }
    return nil
  }

  /// Other shapes in registers, then other blocks in the caches.
  private static func ofProcessors(_ usual: ProductTile) -> [ProductTile] {
    let registers = [(4, 4), (4, 2), (8, 1), (8, 3), (12, 2), (6, 4), (16, 1)].map {
      rows, vectors in
      var tile = usual
      (tile.rows, tile.vectors) = (rows, vectors)
      tile.tilesM = max(1, usual.m / rows / 4 * 4)
      tile.tilesN = max(1, usual.n / (vectors * usual.width))
      return tile
    }
    let blocks = [(64, 64, 256), (256, 128, 64), (64, 256, 128), (64, 128, 256), (32, 256, 256)]
      .map { m, n, depth in
        var tile = usual
        tile.tilesM = max(1, m / usual.rows)
        tile.tilesN = max(1, n / (usual.vectors * usual.width))
        tile.depth = depth
        return tile
      }
    return registers + blocks
  }

  /// The heuristic's own set, and its first ones with other depths and without a second buffer.
  private static func ofGraphics(_ units: ProductTile.Units) -> [ProductTile] {
    let usual = ProductTile.ofGraphics(units).map(\.tile)
    return usual
      + usual.prefix(4).flatMap { tile in
        [(1, 2), (4, 2), (2, 1), (4, 1)].map { halves, buffers in
          var other = tile
          (other.depth, other.buffers) = (tile.depth * halves / 2, buffers)
          return other
        }
      }
  }
}

extension ProductTile {
  /// What could be of use: an item's registers hold its tile, and no compiler unrolls for minutes.
  var isModest: Bool {
    let outputs = rows * vectors * width * (items > 1 ? tilesM * tilesN : 1)
    return outputs <= (items > 1 ? 256 : 512) && depth >= 4 && m <= 1024 && n <= 1024
  }

  /// Changes one size to the next smaller or larger one.
  fileprivate mutating func step(using random: inout SplitMix) {
    let isUp = Bool.random(using: &random)
    func other(_ size: Int) -> Int { isUp ? size * 2 : max(1, size / 2) }
    let ofGroups = items > 1
    switch Int.random(in: 0..<8, using: &random) {
    case 0: if ofGroups { itemsM = other(itemsM) } else { tilesM = other(tilesM) }
    case 1: if ofGroups { itemsN = other(itemsN) } else { tilesN = other(tilesN) }
    case 2: depth = other(depth)
    case 3: (padA, padB) = [(0, 0), (4, 4), (8, 8), (16, 16)].randomElement(using: &random)!
    case 4 where units != .none: tilesM = other(tilesM)
    case 5 where units != .none: tilesN = other(tilesN)
    case 4: rows = ofGroups ? other(rows) : max(2, rows + (isUp ? 2 : -2))
    case 5: vectors = ofGroups ? other(vectors) : max(1, vectors + (isUp ? 1 : -1))
    case 6: if ofGroups { buffers = 3 - buffers } else { rows = other(rows) }
    default: if units == .none { load = min(16, other(load)) }
    }
  }
}

/// Steele, Lea and Flood's generator (OOPSLA 2014), for choices that a tuning can go on with.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
