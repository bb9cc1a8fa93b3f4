import Testing

@testable import FileFormats

/// What no mesh can be made of.
private enum Mistake: String, CaseIterable, Codable, Sendable, CustomTestStringConvertible {
  case twoCorners, noSuchVertex, noFrame, framesDiffer, timeMissing, timesFall

  func commit() {
    let (a, b) = (SIMD3<Float>(0, 0, 0), SIMD3<Float>(1, 0, 0))
    switch self {
    case .twoCorners: _ = Mesh(positions: [a, b], faces: [[0, 1]])
    case .noSuchVertex: _ = Mesh(positions: [a, b], faces: [[0, 1, 2]])
    case .noFrame: _ = MeshSequence(name: "", faces: [], frames: [], times: [])
    case .framesDiffer:
      _ = MeshSequence(name: "", faces: [], frames: [[a, b], [a]], times: [0, 1])
    case .timeMissing: _ = MeshSequence(name: "", faces: [], frames: [[a], [b]], times: [0])
    case .timesFall: _ = MeshSequence(name: "", faces: [], frames: [[a], [b]], times: [1, 1])
    }
  }

  var testDescription: String { rawValue }
}

@Suite struct MeshTests {
  @Test("a mesh that cannot be is a programmer's mistake", arguments: Mistake.allCases)
  private func mistakes(_ mistake: Mistake) async {
    await #expect(processExitsWith: .failure) { [mistake = mistake as Mistake] in
      mistake.commit()
    }
  }

  @Test("a frame is a mesh")
  func frames() {
    let sheet = MeshFixture.sheet
    #expect(sheet.vertexCount == 20)
    #expect(sheet.mesh(frame: 2) == Mesh(positions: sheet.frames[2], faces: sheet.faces))
    let still = MeshSequence(name: "still", sheet.mesh(frame: 1))
    #expect(still.frames == [sheet.frames[1]] && still.times == [0] && still.faces == sheet.faces)
  }
}
