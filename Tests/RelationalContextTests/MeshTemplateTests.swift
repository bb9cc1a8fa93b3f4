import FileFormats
import Foundation
import Testing

@testable import RelationalContext

@Suite("Templates of meshes")
struct MeshTemplateTests {
  enum Form: CaseIterable { case objects, binary, json }

  /// Writes a template's shapes as files that other programs read; the path that stands for them.
  private static func write(_ set: TemplateSet, _ index: Int, as form: Form, in folder: String)
    throws
    -> String
  {
    let name = "\(folder)/petal\(index)"
    let frames = set.times.map { set.points(of: set.templates[index].rows(at: $0)) }
    switch form {
    case .objects:
      try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: true)
      for (frame, points) in frames.enumerated() {
        try AtomicFile.write(
          OBJ.encode(Mesh(positions: points, faces: set.faces)), to: "\(name)/\(frame).obj")
      }
      return name
    case .binary, .json:
      let path = "\(name).\(form == .binary ? "glb" : "gltf")"
      let sequence = MeshSequence(
        name: "petal", faces: set.faces, frames: frames, times: set.times)
      try AtomicFile.write(
        GLTF.encode(sequence, as: form == .binary ? .binary : .text), to: path)
      return path
    }
  }

  @Test("come back from OBJ as they were, from glTF within 1e-6", arguments: Form.allCases)
  func roundTrip(form: Form) throws {
    try withTemporaryFolder { folder in
      for set in [TemplateSet.petals, .petals(seed: 4, count: 3)] {
        let paths = try set.templates.indices.map { try Self.write(set, $0, as: form, in: folder) }
        let read = try TemplateSet(meshes: paths, times: set.times, rows: set.rows)
        #expect(read.times == set.times && read.rows == set.rows && read.hasGrid)
        #expect(read.templates.map(\.name) == set.templates.indices.map { "petal\($0)" })
        let faces = form == .objects ? set.faces : try GLTF.read(path: paths[0]).faces
        #expect(read.faces == faces && (form == .objects || faces.allSatisfy { $0.count == 3 }))
        for (found, template) in zip(read.templates, set.templates) {
          expectClose(found.values, template.values, form == .objects ? 0 : 1e-6, "\(form)")
          #expect(found.places == template.places)
        }
      }
    }
  }

  @Test("take times in a unit of their own, such as frames, from the map's 0 to its 1")
  func ownUnit() throws {
    try withTemporaryFolder { folder in
      let path = try Self.write(.petals, 0, as: .binary, in: folder)
      let frames: [Float] = [0, 12, 24, 48, 72, 84, 96]
      let read = try TemplateSet(meshes: [path], times: frames)
      #expect(read.timeAxis == MapAxis("time", zero: 0, one: 96))
      expectClose(read.times, frames.map { $0 / 96 }, 1e-7)
      #expect(read.times.map(read.timeAxis.value) == frames.map(Double.init))
      #expect(read.hasGrid)
    }
  }

  @Test("without times of one's own take the file's, from 0 to 1, and even rows")
  func standardAxes() throws {
    try withTemporaryFolder { folder in
      let set = TemplateSet.petals
      let animated = try TemplateSet(meshes: [Self.write(set, 0, as: .binary, in: folder)])
      expectClose(animated.times, set.times.map { $0 / 1.1 }, 1e-6)
      expectClose(animated.rows, (0..<7).map { Float($0) / 6 }, 0)
      let frames = try TemplateSet(meshes: [Self.write(set, 0, as: .objects, in: folder)])
      expectClose(frames.times, (0..<7).map { Float($0) / 6 }, 1e-7)
    }
  }

  @Test("need times and rows that rise, are numbers and as many as there are")
  func axes() throws {
    try withTemporaryFolder { folder in
      let path = try Self.write(.petals, 0, as: .binary, in: folder)
      let few = sentence(of: TemplateError.self) { try TemplateSet(meshes: [path], times: [0, 1]) }
      #expect(few == "--times: expected 7 numbers, one for each that the templates have, found 2")
      let falling = sentence(of: TemplateError.self) {
        try TemplateSet(meshes: [path], rows: [0, 1, 2, 3, 4, 5, 5])
      }
      #expect(
        falling == "--rows: expected numbers that rise, found 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.0")
      for wrong in [Float.infinity, .nan] {
        _ = sentence(of: TemplateError.self) {
          try TemplateSet(meshes: [path], times: [0, 1, 2, 3, 4, 5, wrong])
        }
      }
      let still = "\(folder)/still.obj"
      try AtomicFile.write(OBJ.encode(Self.grid(2, 3, .quads).mesh), to: still)
      for wrong in [Float.infinity, -.infinity, .nan] {
        _ = sentence(of: TemplateError.self) { try TemplateSet(meshes: [still], times: [wrong]) }
      }
    }
  }

  enum Cells: CaseIterable { case quads, falling, rising, mixed }

  static func grid(_ rows: Int, _ columns: Int, _ cells: Cells) -> (mesh: Mesh, faces: [[Int]]) {
    let faces = (0..<rows - 1).flatMap { row in
      (0..<columns - 1).flatMap { column -> [[Int]] in
        let (a, b) = (row * columns + column, row * columns + column + 1)
        let (c, d) = (a + columns, b + columns)
        switch cells {
        case .quads: return [[a, c, d, b]]
        case .falling: return [[a, c, d], [a, d, b]]
        case .rising: return [[a, c, b], [b, c, d]]
        case .mixed:
          return (row + column).isMultiple(of: 3)
            ? [[d, b, a, c]]
            : (row + column).isMultiple(of: 2)
              ? [[d, a, c], [b, a, d]] : [[c, b, a], [d, b, c]]
        }
      }
    }
    let points = (0..<rows * columns).map {
      SIMD3(Float($0 / columns), Float($0 % columns), Float($0 * $0 % 7) / 10)
    }
    return (Mesh(positions: points, faces: faces), faces)
  }

  @Test("are grids where their faces are, whatever the order of faces", arguments: Cells.allCases)
  func grids(cells: Cells) {
    for rows in 2...5 {
      for columns in 2...7 {
        let (mesh, faces) = Self.grid(rows, columns, cells)
        let count = rows * columns
        for (order, faces) in [
          ("in order", faces), ("reversed", faces.reversed()),
          ("turned", faces.map { Array($0[1...]) + [$0[0]] }),
          ("other side", faces.map { $0.reversed() }),
          ("shuffled", faces.indices.map { faces[($0 * 5 + 3) % faces.count] }),
        ] where Set(faces.map { Set($0) }).count == faces.count {
          let grid = MeshGrid(faces: faces, vertexCount: count)
          #expect(
            grid?.rows == rows && grid?.columns == columns, "\(rows) x \(columns) \(cells) \(order)"
          )
        }
        // One face less, or twice, is no grid.
        if faces.count > 1 {
          for missing in faces.indices {
            var fewer = faces
            fewer.remove(at: missing)
            #expect(
              MeshGrid(faces: fewer, vertexCount: count) == nil,
              "\(rows) x \(columns) \(cells) without \(missing)")
            #expect(
              MeshGrid(faces: fewer + [fewer[0]], vertexCount: count) == nil,
              "\(rows) x \(columns) \(cells) without \(missing), first twice")
            #expect(MeshGrid(faces: faces + [faces[missing]], vertexCount: count) == nil)
          }
        }
        #expect(MeshGrid(faces: faces, vertexCount: count + 1) == nil)
        _ = mesh
      }
    }
  }

  @Test("keep their faces: order, corners, winding and triangles", arguments: Cells.allCases)
  func ownFaces(cells: Cells) throws {
    try withTemporaryFolder { folder in
      let (mesh, faces) = Self.grid(4, 5, cells)
      for (index, faces) in [
        faces, faces.reversed(), faces.map { $0.reversed() },
        faces.map { Array($0[1...]) + [$0[0]] },
      ].enumerated() {
        let path = "\(folder)/\(index).obj"
        try AtomicFile.write(OBJ.encode(Mesh(positions: mesh.positions, faces: faces)), to: path)
        let set = try TemplateSet(meshes: [path])
        #expect(set.rows.count == 4 && set.faces == faces && set.faces(rows: 4) == faces)
        let frame = ShapeFrame(
          time: 0, path: ContextPath(set.grid.map { DesignPoint($0, context: []) }),
          rows: set.templates[0].values, regenerationError: 0)
        let written = ShapeExport([frame], of: set, comments: []).objects[0]
        #expect(try OBJ.decode(written, file: "export").faces == faces)
        #expect(try OBJ.decode(written, file: "export").positions == mesh.positions)
      }
    }
  }

  /// Which way faces are wound in the plane of rows and columns: the signs of their areas.
  private static func windings(_ faces: [[Int]], columns: Int) -> Set<Int> {
    Set(
      faces.map { face in
        let (a, b, c) = (face[0], face[1], face[2])
        let (u, v) = (
          (b / columns - a / columns, b % columns - a % columns),
          (c / columns - b / columns, c % columns - b % columns)
        )
        return (u.0 * v.1 - u.1 * v.0).signum()
      })
  }

  @Test(
    "have faces of the same kind and winding for other rows, and quadrilaterals to be smoothed",
    arguments: Cells.allCases, [false, true])
  func otherRows(cells: Cells, isTurned: Bool) {
    let columns = 5
    let faces = Self.grid(4, columns, cells).faces.map { isTurned ? $0.reversed() : $0 }
    let place = { (index: Int) in MapPlace(time: 0, row: Float(index / columns)) }
    let set = TemplateSet(
      name: "grid", times: [0], rows: [0, 1, 2, 3],
      templates: [
        Template(
          name: "one", places: (0..<4).map { place($0 * columns) },
          values: Array(repeating: 0, count: 4 * columns * 3))
      ], content: .points(faces: faces))
    let winding: Set = [isTurned ? -1 : 1]
    for rows in [2, 3, 5, 12] {
      let other = set.faces(rows: rows)
      #expect(MeshGrid(faces: other, vertexCount: rows * columns)?.rows == rows, "\(rows)")
      #expect(Self.windings(other, columns: columns) == winding, "\(rows)")
      #expect(Set(other.map(\.count)).isSubset(of: Set(faces.map(\.count))), "\(rows)")
    }
    let smoothed = set.smoothedFaces
    #expect(smoothed.count == 12 && smoothed.allSatisfy { $0.count == 4 })
    #expect(MeshGrid(faces: smoothed, vertexCount: 20)?.columns == columns)
    #expect(Self.windings(smoothed, columns: columns) == winding)
  }

  @Test("are no grid where two triangles of a cell lie over each other")
  func overlapping() {
    // Both leave the last corner's half of the cell open.
    #expect(MeshGrid(faces: [[0, 1, 2], [0, 1, 3]], vertexCount: 4) == nil)
    #expect(MeshGrid(faces: [[0, 1, 2], [2, 1, 0]], vertexCount: 4) == nil)
    #expect(MeshGrid(faces: [[0, 1, 2], [1, 3, 2]], vertexCount: 4) != nil)
  }

  @Test(
    "are no grid where faces are others",
    arguments: [
      [], [[0, 1, 2]], [[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 2, 3]],
      [[0, 1, 2, 3, 4, 5]], [[0, 1, 5, 4]],
    ] as [[[Int]]])
  func noGrid(faces: [[Int]]) {
    for count in [4, 6, 8, 9, 12] where faces.joined().allSatisfy({ $0 < count }) {
      #expect(MeshGrid(faces: faces, vertexCount: count) == nil, "\(faces) of \(count)")
    }
  }

  @Test("that are no grid are one row a frame, of all points, with their own faces")
  func oneRow() throws {
    try withTemporaryFolder { folder in
      let faces = [[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]]
      let frames: [[SIMD3<Float>]] = (0..<3).map { frame in
        [
          SIMD3(0, 0, 0), SIMD3(1, 0, Float(frame)), SIMD3(0, 1.5, 0),
          SIMD3(0, 0, 2 + Float(frame)),
        ]
      }
      let path = "\(folder)/tetrahedron.glb"
      try AtomicFile.write(
        GLTF.encode(MeshSequence(name: "t", faces: faces, frames: frames, times: [0, 1, 2])),
        to: path)
      let set = try TemplateSet(meshes: [path])
      #expect(set.rows == [0] && set.times == [0, 0.5, 1] && set.rowSize == 12)
      #expect(set.pointsPerRow == 4 && set.faces == faces && set.rowAxis.name == "row")
      #expect(set.templates[0].row(1) == [0, 1, 0, 0, 0, 0, 1.5, 0, 0, 1, 0, 3])
      #expect(set.points(of: set.templates[0].rows(at: 0.5)) == frames[1])
    }
  }

  @Test("of quadrilaterals and of their triangles are one and the same mesh")
  func triangulated() throws {
    try withTemporaryFolder { folder in
      let paths = [Cells.quads, .falling, .rising].map { "\(folder)/\($0).obj" }
      for (path, cells) in zip(paths, [Cells.quads, .falling, .rising]) {
        try AtomicFile.write(OBJ.encode(Self.grid(3, 4, cells).mesh), to: path)
      }
      let set = try TemplateSet(meshes: paths)
      #expect(set.templates.count == 3 && set.rows.count == 3 && set.pointsPerRow == 4)
      #expect(set.templates[0].values == set.templates[2].values)
    }
  }

  @Test("that are different meshes are refused, with what differs")
  func differentMeshes() throws {
    try withTemporaryFolder { folder in
      func file(_ name: String, _ mesh: Mesh) throws -> String {
        let path = "\(folder)/\(name).obj"
        try AtomicFile.write(OBJ.encode(mesh), to: path)
        return path
      }
      let first = try file("first", Self.grid(3, 3, .quads).mesh)
      let points = try file("points", Self.grid(3, 4, .quads).mesh)
      let base = Self.grid(3, 3, .quads).mesh
      let faces = try file(
        "faces", Mesh(positions: base.positions, faces: Array(base.faces.dropLast())))
      #expect(
        sentence(of: TemplateError.self) { try TemplateSet(meshes: [first, points]) }
          == "\(points): expected 9 points, as \(first) has, found 12; templates are the same mesh in"
          + " different shapes, export them from one model")
      #expect(
        sentence(of: TemplateError.self) { try TemplateSet(meshes: [first, faces]) }
          == "\(faces): expected the same faces, as \(first) has, found others; templates are the"
          + " same mesh in different shapes, export them from one model")
      let moving = try Self.write(.petals, 0, as: .binary, in: folder)
      let still = try file(
        "still",
        Mesh(
          positions: TemplateSet.petals.points(of: TemplateSet.petals.templates[0].rows(at: 1)),
          faces: TemplateSet.petals.faces))
      #expect(
        sentence(of: TemplateError.self) { try TemplateSet(meshes: [moving, still]) }
          == "\(still): expected 7 frames, as \(moving) has, found 1; templates are the same mesh in"
          + " different shapes, export them from one model")
    }
  }

  @Test("are divided by a power of two, so that every number comes back as it was")
  func scale() {
    for factor in [1e-30, 3e-4, 0.4, 1, 1.3, 1.5, 47, 1e7, 1e30] as [Float] {
      for shift in [0, 3] as [Float] {
        let set = TemplateSet(
          name: "scaled", times: [0, 1], rows: [0, 1],
          templates: [
            Template(
              name: "one",
              places: [0, 0, 1, 1].enumerated().map {
                MapPlace(time: $0.element, row: Float($0.offset % 2))
              },
              values: (0..<24).map { (Float($0 * 7 % 11) / 7 - 0.6 + shift) * factor })
          ], content: .points(faces: [[0, 2, 3, 1]]))
        let scale = set.scale
        #expect(Set(scale.factors).count == 1 && scale.factors[0].significand == 1)
        let values = set.templates[0].values
        let normalized = scale.normalized(values)
        // Rows of two points: the largest extent along an axis.
        let extent = (0..<3).map { axis in
          let numbers = normalized.indices.filter { $0 % 6 / 2 == axis }.map { normalized[$0] }
          return numbers.max()! - numbers.min()!
        }.max()!
        #expect(extent > 0.999 && extent < 2.001, "\(factor) \(shift): \(extent)")
        if shift == 0 {
          #expect(scale.offsets.allSatisfy { $0 == 0 })
          #expect(scale.restored(normalized) == values, "\(factor)")
        } else {
          expectClose(scale.restored(normalized), values, 1e-6 * 4 * factor)
        }
      }
    }
  }

  @Test("of a single point or of no extent have a scale all the same")
  func noExtent() throws {
    let place = [MapPlace(time: 0, row: 0)]
    for value in [0, 5, -1e30] as [Float] {
      let set = TemplateSet(
        name: "point", times: [0], rows: [0],
        templates: [Template(name: "one", places: place, values: [value, value, value])],
        content: .points(faces: []))
      #expect(set.scale.normalized([value, value, value]).allSatisfy { $0 == 0 })
      #expect(set.scale.restored([0, 0, 0]) == [value, value, value])
    }
  }

  @Test("with a number that is none are refused before anything is fitted")
  func notFinite() throws {
    for wrong in [Float.nan, .infinity] {
      var set = TemplateSet.petals
      set.templates[1].values[30] = wrong
      try withTemporaryFolder { path in
        let text = sentence(of: TemplateError.self) { try TinyFit(templates: set).fit(in: path) }
        #expect(text == "template 'curled': expected numbers of at most 1e+30, found \(wrong)")
        let files = try snapshot(path)
        #expect(files.isEmpty)
      }
    }
  }
}
