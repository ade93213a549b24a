public import Gnomon

/// The convolution of each channel with kernels of its own:
/// `activation(depthwiseConv(x, kernel) + bias)`.
///
/// - Weights: `kernel` `[kernel sizes..., channels, depthMultiplier]`, `bias`
///   `[channels · depthMultiplier]`.
public class DepthwiseConvolution: ConvolutionLayer {
  public let depthMultiplier: Int

  /// - Parameter depthMultiplier: how many channels of the output each one of the input has.
  public required init(
    kernelSize: PerAxis, strides: PerAxis = 1, padding: Padding = .valid, depthMultiplier: Int = 1,
    dilations: PerAxis = 1, activation: ActivationFunction? = nil, useBias: Bool = true,
    depthwiseInitializer: any Initializer = .glorotUniform,
    biasInitializer: any Initializer = .zeros, depthwiseRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    depthwiseConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    self.depthMultiplier = depthMultiplier
    super.init(
      filters: depthMultiplier, kernelSize: kernelSize, strides: strides, padding: padding,
      dilations: dilations, activation: activation, useBias: useBias,
      kernel: WeightOptions(
        initializer: depthwiseInitializer, regularizer: depthwiseRegularizer,
        constraint: depthwiseConstraint),
      bias: WeightOptions(
        initializer: biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint),
      activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
  }

  override func buildKernels(_ channels: Dim) {
    kernel = addWeight(
      "kernel", shape: kernelSize.map { Dim($0) } + [channels, Dim(depthMultiplier)],
      options: kernelOptions)
  }

  override func outputChannels(_ channels: Dim) -> Dim { channels * Dim(depthMultiplier) }

  override func convolved(_ x: Expr) -> Expr {
    Self.spatialRank == 1
      ? depthwiseConv1d(x, kernel, strides: strides, padding: padding, dilations: dilations)
      : depthwiseConv2d(x, kernel, strides: strides, padding: padding, dilations: dilations)
  }
}

/// The convolution of each channel of sequences with kernels of its own:
/// `activation(depthwiseConv1d(x, kernel) + bias)`.
///
///     let x = Input(shape: [100, 8])
///     let y = DepthwiseConv1D(kernelSize: 3, depthMultiplier: 2)(x)            // [batch, 98, 16]
///
/// - Input: `[batch, length, channels]`; output the same rank, with `channels · depthMultiplier`
///   channels, those of one input channel together.
/// - Weights: `kernel` `[length, channels, depthMultiplier]`, `bias` `[channels · depthMultiplier]`.
public final class DepthwiseConv1D: DepthwiseConvolution {
  override class var spatialRank: Int { 1 }
}

/// The convolution of each channel of images with kernels of its own:
/// `activation(depthwiseConv2d(x, kernel) + bias)`.
///
///     let x = Input(shape: [32, 32, 3])
///     let y = DepthwiseConv2D(kernelSize: 3, strides: 2, padding: .same)(x)    // [batch, 16, 16, 3]
///
/// - Input: `[batch, height, width, channels]`; output the same rank, with `channels · depthMultiplier`
///   channels, those of one input channel together.
/// - Weights: `kernel` `[height, width, channels, depthMultiplier]`, `bias` `[channels · depthMultiplier]`.
public final class DepthwiseConv2D: DepthwiseConvolution {
  override class var spatialRank: Int { 2 }
}
