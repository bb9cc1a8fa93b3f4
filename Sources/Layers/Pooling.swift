import Tensors

/// The largest of each window's values: `[N, H, W, C]` → `[N, Ho, Wo, C]`.
public struct MaxPool2D: Layer {
  /// Size of a window, [down, across].
  public let kernel: [Int]
  /// Stride and padding.
  public let geometry: Convolution2DGeometry

  /// - Parameter size: Side of a square window, which windows also lie apart.
  public init(_ size: Int) {
    kernel = [size, size]
    geometry = Convolution2DGeometry(stride: size)
  }

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    x.maxPool2d(kernel: kernel, geometry: geometry)
  }
}

/// The mean of each channel over the whole picture: `[N, H, W, C]` → `[N, C]`.
public struct GlobalAveragePool: Layer {
  /// A layer without parameters.
  public init() {}

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor { x.mean(axes: [1, 2]) }
}
