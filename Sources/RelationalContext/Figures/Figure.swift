import Drawing
import FileFormats

/// The article's figures, and one that it only suggests, of any fit.
public enum Figure: String, Sendable, CaseIterable {
  /// Figure 3: the templates over time.
  case templates = "figure3-templates"
  /// Figure 5: how the context changes over the rows, at different times.
  case context = "figure5-context"
  /// Figure 6: paths between the templates' contexts and beyond them, at one time.
  case paths = "figure6-paths"
  /// Figure 7: the shapes between the templates, from above.
  case between = "figure7-between"
  /// Figure 8: the shapes beyond the second template.
  case beyond = "figure8-beyond"
  /// Where the networks know their way: how far shapes are from what is made of them again, over time
  /// and the way between two templates; of a single one, over both axes of the map.
  case confidence = "confidence"

  /// Whether it shows meshes, which tables have none of.
  public var needsMesh: Bool { [.templates, .between, .beyond].contains(self) }
}

extension FittedContext {
  /// Draws a figure.
  ///
  /// - Parameters:
  ///   - figure: Which one.
  ///   - pair: The two templates it is about, from 0, where it is about two.
  ///   - time: The share of the time axis it is about, where it is about one; the article's .7.
  /// - Returns: The page.
  /// - Throws: The device's failure.
  /// - Precondition: templates are meshes where the figure needs them; the context has a number.
  public func draw(
    _ figure: Figure, pair: (Int, Int) = (0, 1), time: Float = 0.7
  ) throws -> Drawing {
    precondition(!figure.needsMesh || templates.pointsPerRow > 0, "a figure of meshes of a table")
    return switch figure {
    case .templates: try drawTemplates()
    case .context: try drawContext()
    case .paths: try drawPaths(pair, time)
    case .between: try drawBetween(pair, time)
    case .beyond: try drawBeyond(pair, time)
    case .confidence:
      templates.templates.count > 1 ? try drawConfidence(pair, time) : try drawConfidence()
    }
  }

  /// Whether the fit has what a figure shows: meshes, a context, two templates, several times.
  public func has(_ figure: Figure) -> Bool {
    (!figure.needsMesh || templates.pointsPerRow > 0)
      && (figure == .templates || model.contextSize > 0)
      && ([.templates, .context, .confidence].contains(figure) || templates.templates.count > 1)
      && (figure != .confidence || hasConfidenceMap)
  }

  /// The colour of a template's curves, everywhere.
  func color(ofTemplate index: Int) -> Color { Palette.color(index + 1) }

  /// Such as `0.8`, in the templates' unit.
  func label(_ time: Float) -> String { templates.timeAxis.label(time) }

  /// Such as `time 0.8`, by the axis's name.
  func moment(_ time: Float) -> String { "\(templates.timeAxis.name) \(label(time))" }

  /// Such as `0.5`: a share of a way or gap.
  static func label(_ share: Float) -> String { MapAxis("").label(share) }
}
