import Drawing
import FileFormats

/// Figures 5 and 6, and the confidence map: curves in design space.
extension FittedContext {
  /// A panel for each of the context's numbers.
  func drawContext() throws -> Drawing {
    var drawing = charts(
      "Context over \(templates.rowAxis.name)",
      "How the context that the relational network finds changes over the rows, a curve for each"
        + " time: of the first template solid, of the others dashed or dotted.",
      count: model.contextSize)
    let times = templates.times.filter { templates.times.count <= 7 || $0 <= 1 }
    for dimension in 0..<model.contextSize {
      var curves: [Curve] = []
      for template in templates.templates.indices {
        for (time, color) in zip(times, Palette.ordered(times.count)) {
          let trace = try trace(ofTemplate: template, at: time)
          curves.append(
            Curve(
              points(trace, dimension),
              name: template == 0 ? "\(templates.timeAxis.name) \(label(time))" : "", color: color,
              line: [.solid, .dashed, .dotted][min(template, 2)]))
        }
      }
      let names = templates.templates.enumerated().map { index, template in
        "\(template.name) \(["solid", "dashed", "dotted"][min(index, 2)])"
      }
      drawing.draw(
        Chart(
          title: names.joined(separator: ", "), x: templates.rowAxis.drawn(),
          y: Axis(name(ofContext: dimension)), curves: curves, names: .inLegend),
        in: panel(dimension, of: drawing))
    }
    return drawing
  }

  func drawPaths(_ pair: (Int, Int), _ time: Float) throws -> Drawing {
    var drawing = charts(
      "Paths between and beyond at \(templates.timeAxis.name) \(label(time))",
      "The contexts of two templates as dotted lines, paths between them, and beyond each along its"
        + " normal.", count: model.contextSize)
    // Finer than the templates' rows: the template models know what lies between.
    let (first, last) = (templates.rows[0], templates.rows.last!)
    let rows = (0...44).map { first + (last - first) * Float($0) / 44 }
    let places = rows.map { MapPlace(time: time, row: $0) }
    let traces = try [pair.0, pair.1].map { index in
      ContextPath(try trace(ofTemplate: index, at: time, rows: rows)).placed(at: places)
    }
    for dimension in 0..<model.contextSize {
      func curve(_ path: ContextPath, _ name: String, _ color: Color, _ line: Curve.Line) -> Curve {
        Curve(points(path.points, dimension), name: name, color: color, line: line)
      }
      var curves = zip([pair.0, pair.1], traces).map { index, trace in
        curve(trace, templates.templates[index].name, color(ofTemplate: index), .dotted)
      }
      let inks = Palette.ordered(4)
      for (share, ink) in zip([0.25, 0.5, 0.75] as [Float], inks) {
        let path = ContextPath.between(traces[0], traces[1], share: share)
        curves.append(curve(path, "between, \(Self.label(share))", ink, .solid))
      }
      for gaps in [0.5, 1] as [Float] {
        for (own, other) in [(0, 1), (1, 0)] {
          let path = traces[own].translated(by: gaps, awayFrom: traces[other])
          let template = templates.templates[own == 0 ? pair.0 : pair.1].name
          curves.append(
            curve(
              path, "beyond \(template), \(Self.label(gaps))",
              color(ofTemplate: own == 0 ? pair.0 : pair.1), gaps < 1 ? .solid : .dashed))
        }
      }
      drawing.draw(
        Chart(
          title: "", x: templates.rowAxis.drawn(), y: Axis(name(ofContext: dimension)),
          curves: curves), in: panel(dimension, of: drawing))
    }
    return drawing
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
    let (first, last) = (templates.times[0], templates.times.last!)
    let times = (0...steps).map { first + (last - first) * Float($0) / Float(steps) }
    let own = try templateRegenerationError()
    let rows = try times.map { time in
      try shares.map { share in
        let request = ShapeRequest(
          .between(first: pair.0, second: pair.1, share: share), times: [time])
        return max(try shapes(request)[0].regenerationError / max(own, 1e-12), 0.1)
      }
    }
    let names = [pair.0, pair.1].map { templates.templates[$0].name }
    drawing.draw(
      HeatMap(
        rows, title: "How far shapes are from what the networks make of them again",
        x: Axis("0 is \(names[0]), 1 is \(names[1])", range: -1...2),
        y: templates.timeAxis.drawn(over: first...last),
        values: Axis("times the templates' own", scale: .logarithmic)),
      in: drawing.page.inset(by: 16))
    return drawing
  }

  private func charts(_ title: String, _ description: String, count: Int) -> Drawing {
    Drawing(
      width: 620, height: 400 * Double(count), title: title, description: description,
      paper: Self.paper)
  }

  private func panel(_ index: Int, of drawing: Drawing) -> Rectangle {
    Rectangle(x: 0, y: 400 * Double(index), width: 620, height: 400).inset(by: 16)
  }

  private func name(ofContext dimension: Int) -> String {
    Self.contextNames(model.contextSize)[dimension]
  }

  private func points(_ path: [DesignPoint], _ dimension: Int) -> [Point] {
    path.map {
      Point(templates.rowAxis.value($0.place.row), Double($0.context[dimension]))
    }
  }
}
