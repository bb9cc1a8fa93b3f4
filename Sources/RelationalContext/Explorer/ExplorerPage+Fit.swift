import Models
import Tensors
import Training

extension ExplorerPage {
  /// The page of a fit.
  ///
  /// - Precondition: ``FittedContext/hasPage``.
  /// - Throws: The device's failure.
  public init(_ fit: FittedContext) throws(DeviceError) {
    precondition(fit.hasPage, "a page of a fit without meshes, context or two templates")
    let set = fit.templates
    let count = set.pointsPerRow
    var templates: [ExplorerPage.Template] = []
    for (index, template) in set.templates.enumerated() {
      let values = set.times.flatMap { template.rows(at: $0) }
      templates.append(
        .init(
          name: template.name, color: ExplorerPage.Template.color(index),
          vertices: set.scale.normalized(values),
          traces: try fit.relate(values).flatMap(\.context),
          model: try ExplorerPage.Network(fit.templateModels[index], isLastLinear: true)))
    }
    let isLastLinear = fit.model.isLastLinear
    self.init(
      Content(
        name: set.name,
        provenance: .init(
          seed: fit.configuration.seed, epochs: fit.epoch, version: atelierVersion),
        columns: count, faces: set.faces, smoothedFaces: set.smoothedFaces,
        mapNames: [set.timeAxis.name, set.rowAxis.name],
        times: set.times, morphologies: set.rows, contexts: fit.model.contextSize,
        scale: set.scale.factors[0],
        offset: SIMD3((0..<3).map { set.scale.offsets[$0 * count] }), up: set.up,
        generative: try .init(fit.networks.generative, isLastLinear: isLastLinear),
        relational: try .init(fit.networks.relational, isLastLinear: isLastLinear),
        templates: templates))
  }
}

extension FittedContext {
  /// Whether a page can show it: meshes of at least two templates, and a context.
  public var hasPage: Bool {
    templates.pointsPerRow > 0 && templates.templates.count > 1 && model.contextSize > 0
      && templates.hasGrid
  }
}

extension ExplorerPage.Network {
  fileprivate init(_ network: Perceptron, isLastLinear: Bool) throws(DeviceError) {
    var (weights, biases): ([[Float]], [[Float]]) = ([], [])
    for parameter in network.parameters.trainable {
      let values = try parameter.value.detached().floats()
      if parameter.shape.count == 2 { weights.append(values) } else { biases.append(values) }
    }
    self.init(
      sizes: network.sizes, weights: weights, biases: biases, isLastLinear: isLastLinear)
  }
}
