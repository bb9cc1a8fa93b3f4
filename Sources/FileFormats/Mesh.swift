/// A surface of polygons over shared vertices.
public struct Mesh: Sendable, Hashable {
  /// One position for each vertex, in the units of whoever made it.
  public let positions: [SIMD3<Float>]
  /// The polygons: at least three vertex numbers each, counter-clockwise seen from outside.
  ///
  /// A number may repeat within a polygon, which is then degenerate; a mesh without polygons is a
  /// cloud of points.
  public let faces: [[Int]]

  /// A mesh of these vertices and polygons.
  ///
  /// - Precondition: Every polygon has three corners or more, all of them vertices.
  public init(positions: [SIMD3<Float>], faces: [[Int]]) {
    Self.check(faces, vertexCount: positions.count)
    self.positions = positions
    self.faces = faces
  }

  static func check(_ faces: [[Int]], vertexCount: Int) {
    for (index, face) in faces.enumerated() {
      precondition(face.count >= 3, "Mesh: face \(index) has \(count(face.count, "corner"))")
      precondition(
        face.allSatisfy { $0 >= 0 && $0 < vertexCount },
        "Mesh: face \(index) is \(face), vertices are 0 ..< \(vertexCount)")
    }
  }
}

/// A mesh that changes its shape over time: the same vertices and polygons, other positions.
public struct MeshSequence: Sendable, Hashable {
  /// What it is called in files and messages.
  public let name: String
  /// The polygons of every frame, as in ``Mesh/faces``.
  public let faces: [[Int]]
  /// Positions of all vertices, frame by frame: [frame][vertex].
  public let frames: [[SIMD3<Float>]]
  /// When each frame is shown: seconds where the file says so, otherwise 0, 1, 2 and so on.
  public let times: [Float]

  /// A sequence of at least one frame.
  ///
  /// - Precondition: All frames have the same number of vertices, there is a time for each of them,
  ///   times are finite and increase, and faces are as ``Mesh`` wants them.
  public init(name: String, faces: [[Int]], frames: [[SIMD3<Float>]], times: [Float]) {
    precondition(!frames.isEmpty, "MeshSequence: no frames")
    precondition(
      frames.count == times.count,
      "MeshSequence: \(count(frames.count, "frame")) and \(count(times.count, "time"))")
    for frame in frames {
      precondition(
        frame.count == frames[0].count,
        "MeshSequence: frames of \(frames[0].count) and \(frame.count) vertices")
    }
    precondition(
      times.allSatisfy(\.isFinite) && zip(times, times.dropFirst()).allSatisfy { $0 < $1 },
      "MeshSequence: times \(times) do not increase")
    Mesh.check(faces, vertexCount: frames[0].count)
    self.name = name
    self.faces = faces
    self.frames = frames
    self.times = times
  }

  /// A mesh that stands still: one frame at time 0.
  public init(name: String, _ mesh: Mesh) {
    self.init(name: name, faces: mesh.faces, frames: [mesh.positions], times: [0])
  }

  /// Number of vertices in every frame.
  public var vertexCount: Int { frames[0].count }

  /// One frame as a mesh.
  public func mesh(frame: Int) -> Mesh { Mesh(positions: frames[frame], faces: faces) }
}
