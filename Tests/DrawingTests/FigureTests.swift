import FileFormats
import Foundation
import Testing

@testable import Drawing

/// A made-up petal of 7 rows of 7, `opening` in 0…1.
func petal(opening: Double) -> Surface {
  let along = [0, 0.1, 0.3, 0.55, 0.8, 1, 1.1]
  let widths = [0.06, 0.16, 0.26, 0.33, 0.34, 0.3, 0.19]
  var positions: [SIMD3<Float>] = []
  for (m, width) in zip(along, widths) {
    let rise = 1.35 - 1.1 * opening - 0.8 * opening * m * m
    for column in -3...3 {
      let turn = Double(column) / 3 * 2.2 * (1.1 - 0.9 * opening)
      let cup = width * (1 - cos(turn))
      positions.append(
        SIMD3(
          Float(m * cos(rise) - cup * sin(rise)), Float(width * sin(turn)),
          Float(m * sin(rise) + cup * cos(rise))))
    }
  }
  return Surface(rows: 7, columns: 7, positions: positions)
}

@Suite("figures")
struct FigureTests {
  @Test("a row of petals at one scale, a chart and a map make one figure in both forms")
  func figure() throws {
    let openings = [0, 0.25, 0.5, 0.75, 1]
    let petals = openings.map(petal)
    var drawing = Drawing(
      width: 600, height: 420, title: "A petal opens",
      description: "Five petals from closed to open, curves and a map.", paper: Color(0xFBF9F4))
    let panels = Panels(
      rows: ["petal"], columns: openings.map { "opening \($0)" },
      in: Rectangle(x: 10, y: 10, width: 580, height: 180))
    drawing.write(panels)
    let view = View(of: petals, from: Camera(azimuth: 215, elevation: 32), centersEach: true)
    for (column, petal) in petals.enumerated() {
      drawing.draw(petal, in: panels[0, column], from: view, style: .meshedPetal)
    }
    drawing.draw(
      Chart(
        x: Axis("row"), y: Axis("height"),
        curves: zip(petals, Palette.ordered(5)).map { petal, color in
          Curve((0..<7).map { Point(Double($0), petal.positions[$0 * 7 + 3].z) }, color: color)
        }), in: Rectangle(x: 10, y: 200, width: 280, height: 210))
    drawing.draw(
      HeatMap(petals.map { petal in (0..<7).map { petal.positions[$0 * 7 + 3].z } }),
      in: Rectangle(x: 310, y: 200, width: 280, height: 210))

    let elements = try SVGReader.elements(of: drawing.svg)
    let captions = elements.filter { $0.name == "text" }.map(\.text)
    #expect(
      captions.prefix(6) == [
        "opening 0.0", "opening 0.25", "opening 0.5", "opening 0.75", "opening 1.0", "petal",
      ])
    let picture = try drawing.picture()
    #expect(picture.shape == PictureShape(height: 840, width: 1200, channels: 3))
    // Every panel has petal in it, and the ground between panels is paper.
    for column in 0..<5 {
      let panel = panels[0, column]
      let part = picture.cropped(
        top: Int(panel.y * 2), left: Int(panel.x * 2), height: Int(panel.height * 2),
        width: Int(panel.width * 2))
      let rose = (0..<part.height * part.width).count {
        Int(part.pixels[$0 * 3]) - Int(part.pixels[$0 * 3 + 2]) > 30
      }
      #expect(rose > 2000, "panel \(column)")
    }
    #expect(picture[4, 4] == [0xFB, 0xF9, 0xF4])
    if let folder = ProcessInfo.processInfo.environment["ATELIER_FIGURES"] {
      try Data(drawing.svg).write(to: URL(fileURLWithPath: "\(folder)/figure.svg"))
      try Data(PNG.encode(picture)).write(to: URL(fileURLWithPath: "\(folder)/figure.png"))
    }
  }
}
