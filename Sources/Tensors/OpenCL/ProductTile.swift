/// Sizes of the tiled loop of `product.cl`, which says what each of them is.
///
/// They decide how fast a product is, never what it gives.
struct ProductTile: Hashable, Codable, Sendable {
  /// Items of a work-group, down and across.
  var itemsM = 1, itemsN = 1
  /// Register tiles of an item, down and across.
  var tilesM = 1, tilesN = 1
  /// Rows of a register tile; its columns are `vectors` times `width`.
  var rows: Int, vectors: Int, width: Int
  /// Steps of the sum that are staged at once.
  var depth: Int
  /// Elements between lines of local memory.
  var padA = 0, padB = 0
  /// The most elements of a load.
  var load: Int
  /// 2 to fetch a tile while another is multiplied.
  var buffers = 1
  /// What it multiplies in.
  var units = Units.none

  /// Of `matrix_units.cl`.
  enum Units: Int, Codable {
    case none = 0
    case tf32
    case bfloat16
    /// Bytes of an element of local memory.
    var bytes: Int { self == .bfloat16 ? 2 : 4 }
  }

  var items: Int { itemsM * itemsN }

  /// Whether A lies by steps in local memory: always where a step's rows are read as vectors, never
  /// where words along the steps are, else as it lies in memory.
  func laysABySteps(_ problem: ProductProblem) -> Bool {
    units == .none && (items > 1 || !problem.isAAlongK)
  }

  /// Outputs of a work-group, down and across.
  var m: Int { itemsM * tilesM * rows }
  var n: Int { itemsN * tilesN * vectors * width }

  /// Bytes of local memory, at most, of whatever operands.
  var localBytes: Int {
    let (byStep, byRow) = ((m + padA) * depth, (depth + padA) * m)
    let a = units != .none ? byRow : items > 1 ? byStep : max(byStep, byRow)
    let b = units == .none ? (n + padB) * depth : (depth + padB) * n
    let places = m + n + 2 * buffers * depth
    return units.bytes * buffers * (a + b) + 128 + 16 * places
  }

  /// The most elements, 1, 4 or 16, of a load that may have so many: more choices would be more
  /// programs to build.
  static func load(upTo most: Int, dividing run: Int = 0) -> Int {
    [16, 4].first { $0 <= most && run % $0 == 0 } ?? 1
  }

  /// Whether it is whole instructions of whole warps.
  private var suitsUnits: Bool {
    (rows, vectors, width) == (2, 1, 2) && itemsM % 8 == 0 && itemsN % 4 == 0
      && depth * units.bytes % 32 == 0
  }

  /// Whether the sizes go together and fit on a device.
  func fits(_ device: OpenCLDevice) -> Bool {
    let powers = [width, load, depth]
    return powers.allSatisfy { $0 > 0 && $0 & ($0 - 1) == 0 } && width <= 16 && load <= 16
      && depth >= load && m % load == 0 && n % Self.load(upTo: min(load, n)) == 0
      && padB % width == 0 && (items == 1 || (padA % load == 0 && padB % load == 0))
      && items <= device.largestGroup && localBytes <= device.localBytes
      && (units == .none || suitsUnits)
  }

  var macros: String {
    [
      ("ITEMS_M", itemsM), ("ITEMS_N", itemsN), ("TILES_M", tilesM), ("TILES_N", tilesN),
      ("ROWS", rows), ("VECTORS", vectors), ("WIDTH", width), ("DEPTH", depth), ("PAD_A", padA),
      ("PAD_B", padB), ("BUFFERS", buffers), ("MATRIX_UNITS", units.rawValue),
      ("B_BY_STEP", units == .none ? 1 : 0),
    ].map { "-D\($0)=\($1)" }.joined(separator: " ")
  }
}
