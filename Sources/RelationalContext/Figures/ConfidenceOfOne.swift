import Drawing

/// The confidence map of a fit of one template, which has nothing between templates.
extension FittedContext {
  /// Whether there are two axes that a confidence map is drawn over.
  var hasConfidenceMap: Bool {
    templates.times.count > 1 && (templates.templates.count > 1 || templates.rows.count > 1)
  }

  /// Over both axes of the map and a quarter beyond their ends, at the context that the relational
  /// network finds of the template there.
  func drawConfidence() throws -> Drawing {
    var drawing = Drawing(
      width: 560, height: 400, title: "Confidence",
      description:
        "The distance of rows from what the networks make of them again, over both axes of"
        + " the map and beyond their ends: small where the fit knows its way.",
      paper: Self.paper)
    let steps = 36
    let (times, rows) = (Self.reach(templates.times, steps), Self.reach(templates.rows, steps))
    let own = try templateRegenerationError()
    let errors = try times.map { time in
      let places = rows.map { MapPlace(time: time, row: $0) }
      let found = ContextPath(try relate(self.rows(ofTemplate: 0, at: places))).placed(at: places)
      return try regenerationError(found.points).map {
        ConfidenceColors.clamped($0 / max(own, 1e-12))
      }
    }
    drawing.draw(
      HeatMap(
        errors, title: "How far rows are from what the networks make of them again",
        x: templates.rowAxis.drawn(over: rows[0]...rows[steps]),
        y: templates.timeAxis.drawn(over: times[0]...times[steps]),
        values: ConfidenceColors.axis, colors: ConfidenceColors.map),
      in: drawing.page.inset(by: 16))
    return drawing
  }

  /// From a quarter before the first share to a quarter after the last.
  private static func reach(_ shares: [Float], _ steps: Int) -> [Float] {
    let (first, last) = (shares[0], shares.last!)
    return (0...steps).map { step in
      first + (last - first) * (1.5 * Float(step) / Float(steps) - 0.25)
    }
  }
}
