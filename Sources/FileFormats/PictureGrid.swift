/// Pictures laid out in rows and columns: sample grids and contact sheets.
public struct PictureGrid: Sendable {
  /// Pictures in a row; the last row may be shorter.
  public var columns: Int
  /// Pixels between pictures and round the edge.
  public var padding: Int
  /// What shows between and behind the pictures.
  public var background: Color

  /// A layout with at least one column; a padding of 2 keeps neighbours apart without drawing
  /// attention.
  public init(columns: Int, padding: Int = 2, background: Color = .black) {
    precondition(columns > 0 && padding >= 0, "PictureGrid: \(columns) columns, padding \(padding)")
    self.columns = columns
    self.padding = padding
    self.background = background
  }

  /// As many columns as make `count` pictures a square, or a little wider than high.
  public static func squarish(count: Int, padding: Int = 2) -> PictureGrid {
    var columns = 1
    while columns * columns < count { columns += 1 }
    return PictureGrid(columns: columns, padding: padding)
  }

  /// Shape of the sheet that holds `count` pictures no larger than `tile`.
  ///
  /// - Precondition: at least one picture; all numbers are at most 2²⁰.
  public func sheetShape(of tile: PictureShape, count: Int) -> PictureShape {
    precondition(count > 0, "PictureGrid: \(count) pictures")
    let columns = min(columns, count)
    let rows = (count + columns - 1) / columns
    return PictureShape(
      height: padding + rows * (tile.height + padding),
      width: padding + columns * (tile.width + padding),
      channels: tile.channels == 1 && background.isGray ? 1 : 3)
  }

  /// One picture of all, in reading order.
  ///
  /// Every cell is as large as the largest picture; smaller ones sit in the middle of theirs. The
  /// result is grey when all pictures are, otherwise RGB; alpha is composed on the background.
  ///
  /// - Precondition: there is at least one picture.
  public func composed(_ pictures: [Picture]) -> Picture {
    precondition(!pictures.isEmpty, "PictureGrid: no pictures")
    let channels = pictures.allSatisfy { $0.channels == 1 } && background.isGray ? 1 : 3
    let cellHeight = pictures.map(\.height).max()!
    let cellWidth = pictures.map(\.width).max()!
    let columns = min(columns, pictures.count)
    let sheet = sheetShape(
      of: PictureShape(height: cellHeight, width: cellWidth, channels: channels),
      count: pictures.count)
    let width = sheet.width
    var canvas = Picture(
      height: sheet.height, width: width, channels: channels, filledWith: background
    ).pixels
    for (index, picture) in pictures.enumerated() {
      let tile = channels == 1 ? picture : picture.composed(on: background).rgb
      let top =
        padding + index / columns * (cellHeight + padding) + (cellHeight - tile.height) / 2
      let left = padding + index % columns * (cellWidth + padding) + (cellWidth - tile.width) / 2
      for row in 0..<tile.height {
        let source = row * tile.width * channels
        let target = ((top + row) * width + left) * channels
        let length = tile.width * channels
        canvas.replaceSubrange(
          target..<target + length, with: tile.pixels[source..<source + length])
      }
    }
    return Picture(sheet, pixels: canvas)
  }
}

extension Color {
  var isGray: Bool { red == green && green == blue }
}
