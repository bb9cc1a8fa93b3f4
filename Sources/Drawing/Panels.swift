/// Panels of one size in rows and columns, with words beside and above them.
///
/// ```swift
/// let panels = Panels(
///   rows: ["template 1", "template 2"], columns: ["time 0.1", "time 0.3"], in: drawing.page)
/// drawing.write(panels)
/// drawing.draw(petal, in: panels[row, column], from: view)
/// ```
public struct Panels: Hashable, Sendable {
  /// Words on the left of each row, turned; empty for no words.
  public let rows: [String]
  /// Words above each column; empty for no words.
  public let columns: [String]
  /// Where the panels are, row by row.
  public let rectangles: [Rectangle]
  private let rectangle: Rectangle

  /// Panels that fill a rectangle.
  ///
  /// - Parameters:
  ///   - rows: A caption for every row.
  ///   - columns: A caption for every column.
  ///   - rectangle: Room for all panels and their captions.
  ///   - gap: Points between neighbours.
  /// - Precondition: there is a row and a column, and room for them.
  public init(rows: [String], columns: [String], in rectangle: Rectangle, gap: Double = 8) {
    precondition(
      !rows.isEmpty && !columns.isEmpty, "Panels: \(rows.count) rows, \(columns.count) columns")
    self.rows = rows
    self.columns = columns
    self.rectangle = rectangle
    let inner = rectangle.inset(
      left: rows.allSatisfy(\.isEmpty) ? 0 : 20, top: columns.allSatisfy(\.isEmpty) ? 0 : 18)
    let width = (inner.width - gap * Double(columns.count - 1)) / Double(columns.count)
    let height = (inner.height - gap * Double(rows.count - 1)) / Double(rows.count)
    precondition(
      width > 0 && height > 0,
      "Panels: \(rows.count) × \(columns.count) have no room in "
        + "\(rectangle.width)×\(rectangle.height)")
    rectangles = rows.indices.flatMap { row in
      columns.indices.map { column in
        Rectangle(
          x: inner.x + Double(column) * (width + gap), y: inner.y + Double(row) * (height + gap),
          width: width, height: height)
      }
    }
  }

  /// The panel in a row and column, both from 0.
  public subscript(row: Int, column: Int) -> Rectangle {
    rectangles[row * columns.count + column]
  }
}

extension Drawing {
  /// Writes the captions of panels.
  public mutating func write(_ panels: Panels) {
    for (column, caption) in panels.columns.enumerated() {
      let panel = panels[0, column]
      write(caption, at: Point(panel.center.x, panel.y - 6), size: 10, anchor: .middle)
    }
    for (row, caption) in panels.rows.enumerated() {
      let panel = panels[row, 0]
      write(
        caption, at: Point(panel.x - 8, panel.center.y), size: 10, anchor: .middle, rotation: -90)
    }
  }
}
