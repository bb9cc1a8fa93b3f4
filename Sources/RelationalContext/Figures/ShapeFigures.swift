import Drawing
import FileFormats

/// Figures 3, 7 and 8: shaded meshes.
extension FittedContext {
  /// From the side and a little above, as one looks at a flower on a table.
  private static let side = Camera(
    azimuth: 238, elevation: 22, projection: .perspective(distance: 5))

  /// Without the petals' offsets at both ends, which only keep edge effects away.
  private var openingTimes: [Float] {
    templates.times == TemplateSet.petalSteps
      ? Array(templates.times.dropFirst().dropLast()) : shownTimes
  }

  func drawTemplates() throws -> Drawing {
    let times = openingTimes
    let shapes = templates.templates.map { template in
      times.map { surface(of: template.rows(at: $0)) }
    }
    return sheet(
      title: "Templates",
      description:
        "The templates of \(templates.name) at \(times.count) times, shaded: a row a template.",
      rows: templates.templates.map(\.name), columns: times.map(moment),
      shapes: shapes, from: Self.side)
  }

  func drawBetween(_ pair: (Int, Int), _ time: Float) throws -> Drawing {
    let shares: [Float] = [0, 0.25, 0.5, 0.75, 1]
    let names = [pair.0, pair.1].map { templates.templates[$0].name }
    let shapes = try shares.map { share in
      try surface(
        of: self.shapes(
          ShapeRequest(.between(first: pair.0, second: pair.1, share: share), times: [time]))[0]
          .rows)
    }
    return sheet(
      title: "Between \(names[0]) and \(names[1])",
      description: "What the generative network makes of contexts between those of two templates at"
        + " \(moment(time)), from above and from the side.",
      rows: ["from above", "from the side"].map { "\(moment(time)), \($0)" },
      columns: [names[0]] + shares.dropFirst().dropLast().map { "\(Self.label($0))" } + [names[1]],
      shapes: [shapes, shapes], from: .top, Self.side)
  }

  func drawBeyond(_ pair: (Int, Int), _ time: Float) throws -> Drawing {
    let gaps: [Float] = [0, 0.25, 0.5, 0.75, 1]
    let times = [time, templates.times.last! > 1 ? 1 : templates.times.last!]
    let name = templates.templates[pair.1].name
    let shapes = try times.map { time in
      try gaps.map { gap in
        try surface(
          of: self.shapes(
            ShapeRequest(.beyond(first: pair.0, second: pair.1, gaps: gap), times: [time]))[0]
            .rows)
      }
    }
    return sheet(
      title: "Beyond \(name)",
      description: "What the generative network makes of a path of contexts that is moved along its"
        + " normal, away from both templates.",
      rows: times.map(moment),
      columns: [name] + gaps.dropFirst().map { "\(Self.label($0)) of the gap" },
      shapes: shapes, from: Self.side)
  }

  private func surface(of rows: [Float]) -> Surface {
    let count = rows.count / templates.rowSize
    // The cameras of figures have z up.
    let points = templates.points(of: rows).map {
      templates.up == .z ? $0 : SIMD3($0.x, -$0.z, $0.y)
    }
    let tints = points.indices.map { point in
      count > 1 ? Double(point / templates.pointsPerRow) / Double(count - 1) : 1
    }
    return Surface(positions: points, faces: templates.smoothedFaces, tints: tints)
  }

  /// Rows and columns of surfaces; each row by its own camera where there are several.
  private func sheet(
    title: String, description: String, rows: [String], columns: [String], shapes: [[Surface]],
    from cameras: Camera...
  ) -> Drawing {
    let cell = (width: 170.0, height: 150.0)
    var drawing = Drawing(
      width: cell.width * Double(columns.count) + 70,
      height: cell.height * Double(rows.count) + 60, title: title, description: description,
      paper: Self.paper)
    let panels = Panels(rows: rows, columns: columns, in: drawing.page.inset(by: 14))
    drawing.write(panels)
    var style = SurfaceStyle.meshedPetal
    for (row, surfaces) in shapes.enumerated() {
      let camera = cameras[min(row, cameras.count - 1)]
      let all = cameras.count > 1 ? surfaces : shapes.flatMap(\.self)
      let view = View(of: all, from: camera, centersEach: true)
      style.hasShadow = camera != .top
      for (column, surface) in surfaces.enumerated() {
        drawing.draw(surface, in: panels[row, column], from: view, style: style)
      }
    }
    return drawing
  }

  static let paper = Color(0xFBF9F4)
}
