import Drawing
import FileFormats
import Testing

/// What a programmer may do wrong, each with the start of the sentence that stops it.
enum Mistake: String, CaseIterable, Codable {
  case notANumber = "Path: (nan, 1.0) is not a place on a page"
  case infiniteText = "Text: size 10.0 at (inf, 0.0)"
  case noRoom = "Drawing: a page of 0.0×5.0 has no room"
  case noWidth = "Stroke: a width of 0.0 draws nothing"
  case oddDash = "Stroke: [1.0] are not lengths"
  case emptyAxis = "Axis: 1.0...1.0 has no room"
  case logarithmOfZero = "Axis: 0.0...1.0 has no room"
  case raggedMap = "HeatMap: 2 rows of [1, 2] numbers"
  case band = "Band: 1 low and 2 high values at 2 places"
  case missingCorner = "Surface: [0, 1, 3] is not a face over 3 positions"
  case wrongGrid = "Surface: 5 positions are not a grid of 2×3"
  case panels = "Panels: 0 rows, 1 columns"

  func commit() {
    var path = Path()
    switch self {
    case .notANumber: path.move(to: Point(.nan, 1))
    case .infiniteText: _ = Text("a", at: Point(.infinity, 0))
    case .noRoom: _ = Drawing(width: 0, height: 5, title: "", description: "")
    case .noWidth: _ = Stroke(.black, width: 0)
    case .oddDash: _ = Stroke(.black, dash: [1])
    case .emptyAxis: _ = Axis(range: 1...1)
    case .logarithmOfZero: _ = Axis(range: 0...1, scale: .logarithmic)
    case .raggedMap: _ = HeatMap([[1], [1, 2]])
    case .band: _ = Band(x: [1, 2], low: [1], high: [1, 2], color: .black)
    case .missingCorner:
      _ = Surface(positions: Array(repeating: .zero, count: 3), faces: [[0, 1, 3]])
    case .wrongGrid: _ = Surface(rows: 2, columns: 3, positions: Array(repeating: .zero, count: 5))
    case .panels:
      _ = Panels(rows: [], columns: ["a"], in: Rectangle(x: 0, y: 0, width: 1, height: 1))
    }
  }
}

@Suite("mistakes")
struct MistakeTests {
  @Test("a mistake stops with its sentence", arguments: Mistake.allCases)
  func mistakes(_ mistake: Mistake) async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [mistake = mistake as Mistake] in
      mistake.commit()
    }
    let told = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(told.contains(mistake.rawValue), "\(told)")
  }
}
