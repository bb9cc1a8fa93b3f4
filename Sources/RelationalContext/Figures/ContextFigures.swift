import Drawing
import FileFormats

/// Figures 5 and 6, and the confidence map: curves in design space.
extension FittedContext {
  /// A panel for each of the context's numbers; of more than two templates one for each of them,
  /// side by side, the others in grey.
  func drawContext() throws -> Drawing {
    if !hasRows { return try drawContextOverTime() }
    let names = templates.templates.map(\.name)
    let groups = names.count > 2 ? names.indices.map { [$0] } : [Array(names.indices)]
    var drawing = charts(
      "Context over \(templates.rowAxis.name)",
      "How the context that the relational network finds changes over the rows, a curve for each"
        + " \(templates.timeAxis.name): "
        + (groups.count > 1
          ? "a panel for each template." : "of the first template solid, of the second dashed."),
      rows: model.contextSize, columns: groups.count)
    for dimension in 0..<model.contextSize {
      for (column, group) in groups.enumerated() {
        let title =
          group.count == 2 ? "\(names[0]) solid, \(names[1]) dashed" : names[group[0]]
        drawing.draw(
          Chart(
            title: title, x: templates.rowAxis.drawn(), y: Axis(name(ofContext: dimension)),
            curves: try contextCurves(dimension, of: group), names: .inLegend),
          in: panel(dimension, column, of: drawing, columns: groups.count))
      }
    }
    return drawing
  }

  /// Curves of these templates over those of all others, so that every panel has the same axes.
  private func contextCurves(_ dimension: Int, of group: [Int]) throws -> [Curve] {
    let times = shownTimes
    let others = templates.templates.indices.filter { !group.contains($0) }
    let ground = try others.flatMap { template in
      try times.map { time in
        Curve(
          points(try trace(ofTemplate: template, at: time), dimension), color: Self.ground, width: 1
        )
      }
    }
    let own = try group.flatMap { template in
      try zip(times, Palette.ordered(times.count)).map { time, color in
        Curve(
          points(try trace(ofTemplate: template, at: time), dimension),
          name: template == group[0] ? moment(time) : "", color: color,
          line: template == group[0] ? .solid : .dashed)
      }
    }
    return ground + own
  }

  private static let ground = Color(0xD9_D4_CC)

  /// Of meshes of a single row: a curve for each template.
  private func drawContextOverTime() throws -> Drawing {
    var drawing = charts(
      "Context over \(templates.timeAxis.name)",
      "How the context that the relational network finds changes, a curve for each template.",
      rows: model.contextSize)
    for dimension in 0..<model.contextSize {
      let curves = try templates.templates.enumerated().map { index, template in
        let found = try templates.times.flatMap { time in
          ContextPath(try trace(ofTemplate: index, at: time))
            .placed(at: [MapPlace(time: time, row: templates.rows[0])]).points
        }
        return Curve(
          points(found, dimension), name: template.name, color: color(ofTemplate: index),
          hasMarkers: templates.times.count <= 20)
      }
      drawing.draw(
        Chart(
          title: drawing.title, x: templates.timeAxis.drawn(), y: Axis(name(ofContext: dimension)),
          curves: curves),
        in: panel(dimension, 0, of: drawing, columns: 1))
    }
    return drawing
  }

  func drawPaths(_ pair: (Int, Int), _ time: Float) throws -> Drawing {
    let title = hasRows ? "Paths at \(moment(time))" : "Paths over \(templates.timeAxis.name)"
    var drawing = charts(
      title,
      "The contexts of two templates as dotted lines, paths between them, and beyond each along its"
        + " normal.", rows: model.contextSize)
    let traces = try traces(of: pair, at: time)
    for dimension in 0..<model.contextSize {
      drawing.draw(
        Chart(
          title: title, x: (hasRows ? templates.rowAxis : templates.timeAxis).drawn(),
          y: Axis(name(ofContext: dimension)), curves: pathCurves(traces, pair, dimension)),
        in: panel(dimension, 0, of: drawing, columns: 1))
    }
    return drawing
  }

  /// Two templates' traces at one time; of meshes of a single row at every time.
  ///
  /// Finer than the templates' own rows and times: the template models know what lies between.
  private func traces(
    of pair: (Int, Int), at time: Float
  ) throws -> [(first: ContextPath, second: ContextPath)] {
    func steps(_ values: [Float]) -> [Float] {
      values.count < 2
        ? values : (0...44).map { values[0] + (values.last! - values[0]) * Float($0) / 44 }
    }
    let rows = steps(templates.rows)
    return try (hasRows ? [time] : steps(templates.times)).map { time in
      let places = rows.map { MapPlace(time: time, row: $0) }
      let traces = try [pair.0, pair.1].map { index in
        ContextPath(try trace(ofTemplate: index, at: time, rows: rows)).placed(at: places)
      }
      return (traces[0], traces[1])
    }
  }

  private func pathCurves(
    _ traces: [(first: ContextPath, second: ContextPath)], _ pair: (Int, Int), _ dimension: Int
  ) -> [Curve] {
    func curve(
      _ name: String, _ color: Color, _ line: Curve.Line,
      _ path: (ContextPath, ContextPath) -> ContextPath
    ) -> Curve {
      Curve(
        points(traces.flatMap { path($0.first, $0.second).points }, dimension), name: name,
        color: color, line: line, hasMarkers: !hasRows && traces.count == 1)
    }
    let names = [pair.0, pair.1].map { templates.templates[$0].name }
    let (own, other) = (color(ofTemplate: pair.0), color(ofTemplate: pair.1))
    let ends = [
      curve(names[0], own, .dotted) { first, _ in first },
      curve(names[1], other, .dotted) { _, second in second },
    ]
    let between = zip([0.25, 0.5, 0.75] as [Float], Palette.ordered(4)).map { share, ink in
      curve("between, \(Self.label(share))", ink, .solid) { .between($0, $1, share: share) }
    }
    let beyond = zip([0.5, 1] as [Float], [Curve.Line.solid, .dashed]).flatMap { gaps, line in
      [
        curve("beyond \(names[0]), \(Self.label(gaps))", own, line) {
          $0.translated(by: gaps, awayFrom: $1)
        },
        curve("beyond \(names[1]), \(Self.label(gaps))", other, line) {
          $1.translated(by: gaps, awayFrom: $0)
        },
      ]
    }
    return ends + between + beyond
  }

  /// Over time and the way from one template to the other, and beyond.
  func drawConfidence(_ pair: (Int, Int), _ time: Float) throws -> Drawing {
    var drawing = Drawing(
      width: 560, height: 400, title: "Confidence",
      description: "The distance of shapes from what the networks make of them again, over time and"
        + " over the way from one template to another: small where the fit knows its way.",
      paper: Self.paper)
    let shares = (0...40).map { -1 + 3 * Float($0) / 40 }
    let steps = 24
    let (axis, first, last) = (templates.timeAxis, templates.times[0], templates.times.last!)
    let times = (0...steps).map { first + (last - first) * Float($0) / Float(steps) }
    let own = try templateRegenerationError()
    let rows = try times.map { time in
      try shares.map { share in
        let request = ShapeRequest(
          .between(first: pair.0, second: pair.1, share: share), times: [time])
        return ConfidenceColors.clamped(
          try shapes(request)[0].regenerationError / max(own, 1e-12))
      }
    }
    let names = [pair.0, pair.1].map { templates.templates[$0].name }
    drawing.draw(
      HeatMap(
        rows, title: "How far shapes are from what the networks make of them again",
        x: Axis("0 is \(names[0]), 1 is \(names[1])", range: -1...2),
        y: axis.drawn(over: first...last), values: ConfidenceColors.axis,
        colors: ConfidenceColors.map,
        curves: [0, 1].map { share in
          Curve(
            [Point(share, axis.value(first)), Point(share, axis.value(last))], color: .ink,
            line: .dotted, width: 1)
        }),
      in: drawing.page.inset(by: 16))
    return drawing
  }

  private func charts(
    _ title: String, _ description: String, rows: Int, columns: Int = 1
  ) -> Drawing {
    Drawing(
      width: columns > 1 ? 440 * Double(columns) : 620, height: 400 * Double(rows), title: title,
      description: description, paper: Self.paper)
  }

  private func panel(_ row: Int, _ column: Int, of drawing: Drawing, columns: Int) -> Rectangle {
    let width = drawing.width / Double(columns)
    return Rectangle(x: width * Double(column), y: 400 * Double(row), width: width, height: 400)
      .inset(by: 16)
  }

  private func name(ofContext dimension: Int) -> String {
    Self.contextNames(model.contextSize)[dimension]
  }

  /// Whether shapes have rows to draw a context over; else it is drawn over time.
  private var hasRows: Bool { templates.rows.count > 1 }

  private func points(_ path: [DesignPoint], _ dimension: Int) -> [Point] {
    path.map { point in
      let x =
        hasRows
        ? templates.rowAxis.value(point.place.row) : templates.timeAxis.value(point.place.time)
      return Point(x, Double(point.context[dimension]))
    }
  }
}
