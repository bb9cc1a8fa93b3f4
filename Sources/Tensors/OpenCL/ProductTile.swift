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
  /// Whether A lies by steps in local memory even where it lies by rows in memory.
  var turnsA = false

  var items: Int { itemsM * itemsN }
  /// Outputs of a work-group, down and across.
  var m: Int { itemsM * tilesM * rows }
  var n: Int { itemsN * tilesN * vectors * width }

  /// Bytes of local memory, at most, of whatever operands.
  var localBytes: Int {
    let a = max((m + padA) * depth, turnsA ? 0 : (depth + padA) * m)
    let tiles = buffers * (a + (n + padB) * depth) + 2 * width
    let places = m + n + 2 * buffers * depth
    return 4 * tiles + 16 * places
  }

  /// Whether the sizes go together and fit on a device.
  func fits(_ device: OpenCLDevice) -> Bool {
    let powers = [width, load, depth]
    return powers.allSatisfy { $0 > 0 && $0 & ($0 - 1) == 0 } && width <= 16 && load <= 16
      && depth >= load && m % load == 0 && n % load == 0 && padB % width == 0
      && items <= device.largestGroup && localBytes <= device.localBytes
  }

  var macros: String {
    [
      ("ITEMS_M", itemsM), ("ITEMS_N", itemsN), ("TILES_M", tilesM), ("TILES_N", tilesN),
      ("ROWS", rows), ("VECTORS", vectors), ("WIDTH", width), ("DEPTH", depth), ("PAD_A", padA),
      ("PAD_B", padB), ("BUFFERS", buffers),
    ].map { "-D\($0)=\($1)" }.joined(separator: " ")
  }
}
