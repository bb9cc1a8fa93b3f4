import Layers
import Tensors

/// What makes pictures of latent vectors, where it has styles by way of these.
public struct Generator {
  public let parameters: ParameterSet
  private let way: Way

  private enum Way {
    case direct(Sequential)
    case byStyles(Mapping, Synthesis)
  }

  init(_ parameters: ParameterSet, _ layers: Sequential) {
    (self.parameters, way) = (parameters, .direct(layers))
  }

  init(_ parameters: ParameterSet, _ mapping: Mapping, _ synthesis: Synthesis) {
    (self.parameters, way) = (parameters, .byStyles(mapping, synthesis))
  }

  /// What ``pictures(of:_:)`` takes: styles of latent vectors `[N, inputSize]`, or these themselves.
  ///
  /// A `temperature` below 1 draws styles to their mean; latents themselves are as they are.
  func styles(_ latents: Tensor, temperature: Float = 1, _ mode: ForwardMode) -> Tensor {
    guard case .byStyles(let mapping, _) = way else { return latents }
    return mapping(latents, temperature: temperature, mode)
  }

  /// Pictures about −1…1, `[N, H, W, C]`.
  func pictures(of styles: Tensor, _ mode: ForwardMode) -> Tensor {
    switch way {
    case .direct(let layers): layers(styles, mode)
    case .byStyles(_, let synthesis): synthesis(styles, mode)
    }
  }
}
