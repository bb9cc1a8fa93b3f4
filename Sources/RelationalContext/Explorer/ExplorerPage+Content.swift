import FileFormats

extension ExplorerPage {
  /// A fitted model and its templates, as plain numbers.
  ///
  /// Rows of a shape are `columns` x's, then as many y's, then z's, in the networks' coordinates; a
  /// point in the file's coordinates is `offset + scale × point`.
  public struct Content: Sendable, Hashable {
    /// For people: the page's title.
    public var name: String
    /// Where the model came from.
    public var provenance: Provenance
    /// Points of a row.
    public var columns: Int
    /// Polygons of the mesh; corners count points row by row.
    public var faces: [[Int]]
    /// What is smoothed in their place: a grid's quadrilaterals, where they are its triangles.
    public var smoothedFaces: [[Int]]
    /// Names of the map's two axes: `time` and `morphology`.
    public var mapNames: [String]
    /// Times of the templates' frames, rising.
    public var times: [Float]
    /// Places of the rows on the map's second axis, rising.
    public var morphologies: [Float]
    /// Numbers of a context, at least 1.
    public var contexts: Int
    /// One network unit in the file's coordinates.
    public var scale: Float
    /// Where the networks' origin lies in the file's coordinates: x, y, z.
    public var offset: SIMD3<Float>
    /// The point about whose vertical line petals are repeated, in the file's coordinates.
    public var center: SIMD3<Float>
    /// Which way is up in the file.
    public var up: UpAxis
    /// (time, morphology, context…) → row.
    public var generative: Network
    /// Row → (time, morphology, context…).
    public var relational: Network
    /// Two or more.
    public var templates: [Template]

    /// - Precondition: all sizes fit each other; each is named in the message where one does not.
    public init(
      name: String, provenance: Provenance = Provenance(), columns: Int, faces: [[Int]],
      smoothedFaces: [[Int]]? = nil, mapNames: [String] = ["time", "morphology"], times: [Float],
      morphologies: [Float],
      contexts: Int, scale: Float = 1, offset: SIMD3<Float> = .zero, center: SIMD3<Float> = .zero,
      up: UpAxis = .z, generative: Network, relational: Network, templates: [Template]
    ) {
      let (rows, rowSize, inputs) = (morphologies.count, 3 * columns, 2 + contexts)
      precondition(
        rows > 0 && columns > 0 && !times.isEmpty, "\(times.count) × \(rows) × \(columns) points")
      precondition(mapNames.count == 2 && contexts > 0, "\(mapNames) and \(contexts) contexts")
      precondition(
        (faces + (smoothedFaces ?? [])).joined().allSatisfy { (0..<rows * columns).contains($0) },
        "a face's corner is none of \(rows) × \(columns) points")
      precondition(
        generative.sizes.first == inputs && generative.sizes.last == rowSize,
        "a generative network of \(generative.sizes) for \(inputs) inputs and rows of \(rowSize)")
      precondition(
        relational.sizes.first == rowSize && relational.sizes.last == inputs,
        "a relational network of \(relational.sizes) for rows of \(rowSize) and \(inputs) outputs")
      precondition(templates.count > 1, "\(templates.count) templates have nothing between them")
      for template in templates {
        precondition(
          template.vertices.count == times.count * rows * rowSize
            && template.traces.count == times.count * rows * contexts,
          "\(template.name) has \(template.vertices.count) numbers and \(template.traces.count) "
            + "contexts for \(times.count) × \(rows) rows of \(rowSize) and \(contexts)")
        precondition(
          template.model.map { $0.sizes.first == 2 && $0.sizes.last == rowSize } ?? true,
          "a template model of \(template.model?.sizes ?? []) for rows of \(rowSize)")
      }
      (self.name, self.provenance, self.columns, self.faces) = (name, provenance, columns, faces)
      self.smoothedFaces = smoothedFaces ?? faces
      (self.mapNames, self.times, self.morphologies) = (mapNames, times, morphologies)
      (self.contexts, self.scale, self.offset, self.center) = (contexts, scale, offset, center)
      (self.up, self.generative, self.relational) = (up, generative, relational)
      self.templates = templates
    }
  }

  /// Where a model came from; what is unknown is not shown.
  public struct Provenance: Sendable, Hashable {
    /// Seed of the fit.
    public var seed: UInt64?
    /// Epochs it was fitted for.
    public var epochs: Int?
    /// Version of the program.
    public var version: String?

    /// - Parameters: As the properties.
    public init(seed: UInt64? = nil, epochs: Int? = nil, version: String? = nil) {
      (self.seed, self.epochs, self.version) = (seed, epochs, version)
    }
  }

  /// What an artist brought.
  public struct Template: Sendable, Hashable {
    /// For people.
    public var name: String
    /// `#rrggbb`.
    public var color: String
    /// Its rows at every time, `[times, rows, 3 × columns]`, in the networks' coordinates.
    public var vertices: [Float]
    /// What the relational network reads off them, `[times, rows, contexts]`.
    public var traces: [Float]
    /// (time, morphology) → row: gives the template between its frames; without one they are
    /// interpolated.
    public var model: Network?

    /// - Precondition: the colour is `#` and six hexadecimal digits.
    public init(
      name: String, color: String, vertices: [Float], traces: [Float], model: Network? = nil
    ) {
      precondition(
        color.utf8.count == 7 && color.first == "#" && color.dropFirst().allSatisfy(\.isHexDigit),
        "the colour \(color) is not #rrggbb")
      (self.name, self.color, self.vertices, self.traces) = (name, color, vertices, traces)
      self.model = model
    }

    /// Colours that can be told apart, also by the colour-blind; they repeat.
    public static func color(_ index: Int) -> String {
      let colors = ["#c2554d", "#3f6fb0", "#4f8a4c", "#b8862b", "#7d5ba6", "#2f8a8f"]
      return colors[index % colors.count]
    }
  }

  /// Dense layers with ELU (alpha 1) between them.
  public struct Network: Sendable, Hashable {
    /// Numbers at the input, at each hidden layer and at the output.
    public var sizes: [Int]
    /// Each layer's weights, `[outputs, inputs]`.
    public var weights: [[Float]]
    /// Each layer's biases.
    public var biases: [[Float]]
    /// Whether the last layer goes without ELU.
    public var isLastLinear: Bool

    /// - Precondition: weights and biases have the sizes' counts.
    public init(sizes: [Int], weights: [[Float]], biases: [[Float]], isLastLinear: Bool = true) {
      let layers = zip(sizes, sizes.dropFirst())
      precondition(
        sizes.count > 1 && weights.map(\.count) == layers.map { $0 * $1 }
          && biases.map(\.count) == Array(sizes.dropFirst()),
        "weights \(weights.map(\.count)) and biases \(biases.map(\.count)) of a network \(sizes)")
      (self.sizes, self.weights, self.biases) = (sizes, weights, biases)
      self.isLastLinear = isLastLinear
    }
  }
}
