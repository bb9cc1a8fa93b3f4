import FileFormats
import Foundation
import Testing

@testable import RelationalContext

@Suite("Shapes in files")
struct ShapeExportTests {
  private func frames(_ times: [Float] = [0, 0.3, 1.1], rows: [Float]? = nil) throws -> (
    FittedContext, [ShapeFrame]
  ) {
    let fit = try SharedFits.open(SharedFits.short)
    let request = ShapeRequest(.between(first: 0, second: 1, share: 0.4), times: times, rows: rows)
    return (fit, try fit.shapes(request))
  }

  @Test(
    "OBJ has the points bit for bit with y up, the faces of the grid, and who made it",
    arguments: [7, 12, 2])
  func objects(rows: Int) throws {
    let places = rows == 7 ? nil : (0..<rows).map { Float($0) / Float(rows - 1) }
    let (fit, frames) = try frames(rows: places)
    let files = ShapeExport(frames, of: fit.templates, comments: ["seed 1"]).objects
    #expect(files.count == 3)
    for (file, frame) in zip(files, frames) {
      let mesh = try OBJ.decode(file, file: "frame.obj")
      #expect(mesh.positions.count == 7 * rows && mesh.faces.count == 6 * (rows - 1))
      for row in 0..<rows {
        for column in 0..<7 {
          let numbers = (0..<3).map { frame.rows[21 * row + 7 * $0 + column] }
          // A quarter turn about x: what was up, z, is y, and the front is still the front.
          #expect(mesh.positions[7 * row + column] == SIMD3(numbers[0], numbers[2], -numbers[1]))
        }
      }
      #expect(mesh.faces[0].sorted() == [0, 1, 7, 8])
      #expect(MeshGrid(faces: mesh.faces, vertexCount: 7 * rows)?.rows == rows)
      #expect(String(decoding: file, as: UTF8.self).contains("# seed 1"))
    }
  }

  @Test(
    "glTF has a frame for each shape, at its own time and with y up", arguments: GLTF.Form.allCases)
  func animation(form: GLTF.Form) throws {
    let (fit, frames) = try frames()
    let file = ShapeExport(frames, of: fit.templates, comments: ["seed 1"]).animation(as: form)
    let read = try GLTF.decode(file, file: "petal")
    #expect(read.frames.count == 3 && read.times == [0, 0.3, 1.1])
    for (points, frame) in zip(read.frames, frames) {
      let wanted = fit.templates.points(of: frame.rows).map { SIMD3($0.x, $0.z, -$0.y) }
      for axis in 0..<3 { expectClose(points.map { $0[axis] }, wanted.map { $0[axis] }, 1e-5) }
    }
    #expect(try GLTF.extras(in: file, file: "petal")?["atelier"] == ["seed 1"])
    let still = ShapeExport([frames[0]], of: fit.templates, comments: []).animation(as: form)
    #expect(try GLTF.decode(still, file: "petal").frames.count == 1)
  }

  @Test("what has y up is written as it is")
  func upright() throws {
    var (fit, frames) = try frames()
    var set = fit.templates
    set.up = .y
    let export = ShapeExport(frames, of: set, comments: [])
    let points = set.points(of: frames[1].rows)
    #expect(try OBJ.decode(export.objects[1], file: "frame.obj").positions == points)
    frames = [frames[1]]
    let still = ShapeExport(frames, of: set, comments: []).animation(as: .binary)
    #expect(try GLTF.decode(still, file: "petal").frames == [points])
  }

  @Test(
    "keyframes are at the shapes' times from 0 on, even within a second where those do not rise",
    arguments: [
      ([0.25, 0.5, 2], [0.25, 0.5, 2]), ([-0.5, 0.25, 1], [0, 0.75, 1.5]), ([-1], [0]),
      ([0.8, 0.8, 0.8, 0.8, 0.8], [0, 0.25, 0.5, 0.75, 1]),
      ([0, 1, 0, 1, 0], [0, 0.25, 0.5, 0.75, 1]),
      ([1, 0.5, 0], [0, 0.5, 1]), ([-3e38, 0, 3e38], [0, 0.5, 1]), ([-1e9, 0, 1], [0, 0.5, 1]),
    ] as [([Float], [Float])])
  func keyframes(times: [Float], expected: [Float]) throws {
    let (fit, frames) = try frames([0.5])
    let moved = times.map { time in
      ShapeFrame(time: time, path: frames[0].path, rows: frames[0].rows, regenerationError: 0)
    }
    let file = ShapeExport(moved, of: fit.templates, comments: []).animation(as: .binary)
    #expect(try GLTF.decode(file, file: "petal").times == expected)
  }

  @Test("a table has a line for each row: its place, context, error and numbers")
  func table() throws {
    let (fit, frames) = try frames()
    let written = CSV.encode(ShapeExport(frames, of: fit.templates, comments: []).table)
    let table = try CSV.decode(written, file: "shapes.csv")
    #expect(
      table.columns == ["shape", "time", "morphology", "context", "regeneration error"]
        + ["x", "y", "z"].flatMap { axis in (1...7).map { "\(axis)\($0)" } })
    #expect(table.rows.count == 21)
    for (index, row) in table.rows.enumerated() {
      let frame = frames[index / 7]
      let point = frame.path.points[index % 7]
      let numbers = row.map { Float($0) }
      let place = point.place
      #expect(numbers[..<4] == [Float(index / 7 + 1), place.time, place.row, point.context[0]])
      #expect(numbers[4] == Float(frame.regenerationError))
      #expect(numbers[5...] == frame.rows[21 * (index % 7)..<21 * (index % 7 + 1)].map { $0 }[...])
    }
    let three = try SharedFits.open(SharedFits.shortThree)
    let columns = ShapeExport(try three.templateShapes(2), of: three.templates, comments: []).table
      .columns
    #expect(columns[3..<5] == ["context 1", "context 2"])
  }

  @Test("a table of tables has their own names and units, whatever the names are")
  func tableOfTables() throws {
    let names = ["context", "regeneration error", "x1", "context 1"]
    let axis: [Float] = [0, 1]
    let places = axis.flatMap { time in axis.map { MapPlace(time: time, row: $0) } }
    let set = TemplateSet(
      name: "table", timeAxis: MapAxis("day", zero: 10, one: 20),
      rowAxis: MapAxis("context 2", zero: 0, one: 4), times: axis, rows: axis,
      templates: (0..<2).map { index in
        Template(
          name: "\(index)", places: places,
          values: (0..<16).map { Float(($0 * 5 + index * 3) % 7) })
      }, content: .columns(names))
    let fit = try TinyFit(templates: set, epochs: 1000, templateSteps: 1000) {
      $0.model.contextSize = 2
    }.fitted()
    let request = ShapeRequest(.between(first: 0, second: 1, share: 0), times: axis)
    let frames = try fit.shapes(request)
    let export = ShapeExport(frames, of: set, comments: [])
    #expect(!export.isMesh && export.isFinite)
    let table = export.table
    #expect(
      table.columns == ["shape", "day", "context 2", "fitted context 1", "fitted context 2"]
        + ["fitted regeneration error"] + names)
    #expect(table.rows.map { $0[0] } == ["1", "1", "2", "2"])
    #expect(table.rows.map { $0[1] } == ["10.0", "10.0", "20.0", "20.0"])
    #expect(table.rows.map { $0[2] } == ["0.0", "4.0", "0.0", "4.0"])
    #expect(table.rows.map { Float($0[6])! } == (0..<4).map { frames[$0 / 2].rows[4 * ($0 % 2)] })
  }

  @Test("a table of shapes is known by its columns, all of them and in their order")
  func columns() {
    let error = "regeneration error"
    for columns in [
      ["shape", "time", "row", "context", error, "x"], ["shape", "a", "b", error, "x"],
      ["shape", "a", "b", "context 1", "context 2", error, "x", "y"],
      ["fitted shape", "shape", "b", "fitted fitted context", "fitted \(error)", "context", error],
    ] {
      #expect(ShapeColumns.areOfShapes(columns), "\(columns)")
    }
    for columns in [
      [], [error], ["time", "row", error, "x"], ["time", "row", "context", error, "x"],
      ["shape", "a", "b", "context", error], ["shape", "a", "b", "context 1", error, "x"],
      ["shape", "a", "b", "context 2", "context 1", error, "x"],
      ["shape", "a", "b", "x", "context", error], ["shape", "a", error, "x"],
    ] {
      #expect(!ShapeColumns.areOfShapes(columns), "\(columns)")
    }
  }

  @Test("numbers beyond what files hold are known before they are written")
  func notFinite() throws {
    let (fit, frames) = try frames()
    for wrong in [Float.nan, .infinity, 1e31] {
      var rows = frames[0].rows
      rows[5] = wrong
      let frame = ShapeFrame(time: 0, path: frames[0].path, rows: rows, regenerationError: 0)
      #expect(!ShapeExport([frame], of: fit.templates, comments: []).isFinite)
    }
    #expect(ShapeExport(frames, of: fit.templates, comments: []).isFinite)
  }
}
