public import Gnomon

/// A convolution in two parts, first of each channel alone, then across channels at each position:
/// `activation(pointwise(depthwise(x)) + bias)`.
///
/// - Weights: `depthwise_kernel` `[kernel sizes..., channels, depthMultiplier]`, `pointwise_kernel`
///   `[1..., channels · depthMultiplier, filters]`, `bias` `[filters]`.
/// - See Chollet, *Xception: Deep Learning with Depthwise Separable Convolutions*, 2017.
public class SeparableConvolution: ConvolutionLayer {
  public let depthMultiplier: Int
  private let pointwiseOptions: WeightOptions
  private var pointwiseKernel: Expr!

  /// - Parameter depthMultiplier: how many channels the first part makes of each one of the input.
  public required init(
    _ filters: Int, kernelSize: PerAxis, strides: PerAxis = 1, padding: Padding = .valid,
    depthMultiplier: Int = 1, dilations: PerAxis = 1, activation: ActivationFunction? = nil,
    useBias: Bool = true, depthwiseInitializer: any Initializer = .glorotUniform,
    pointwiseInitializer: any Initializer = .glorotUniform,
    biasInitializer: any Initializer = .zeros, depthwiseRegularizer: (any Regularizer)? = nil,
    pointwiseRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, depthwiseConstraint: (any Constraint)? = nil,
    pointwiseConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    self.depthMultiplier = depthMultiplier
    pointwiseOptions = WeightOptions(
      initializer: pointwiseInitializer, regularizer: pointwiseRegularizer,
      constraint: pointwiseConstraint)
    super.init(
      filters: filters, kernelSize: kernelSize, strides: strides, padding: padding,
      dilations: dilations, activation: activation, useBias: useBias,
      kernel: WeightOptions(
        initializer: depthwiseInitializer, regularizer: depthwiseRegularizer,
        constraint: depthwiseConstraint),
      bias: WeightOptions(
        initializer: biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint),
      activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
  }

  override func buildKernels(_ channels: Dim) {
    let sizes = kernelSize.map { Dim($0) }
    kernel = addWeight(
      "depthwise_kernel", shape: sizes + [channels, Dim(depthMultiplier)], options: kernelOptions)
    pointwiseKernel = addWeight(
      "pointwise_kernel",
      shape: sizes.map { _ in 1 } + [channels * Dim(depthMultiplier), Dim(filters)],
      options: pointwiseOptions)
  }

  override func convolved(_ x: Expr) -> Expr {
    Self.spatialRank == 1
      ? separableConv1d(
        x, depthwise: kernel, pointwise: pointwiseKernel, strides: strides, padding: padding,
        dilations: dilations)
      : separableConv2d(
        x, depthwise: kernel, pointwise: pointwiseKernel, strides: strides, padding: padding,
        dilations: dilations)
  }
}

/// A convolution of sequences in two parts, first of each channel alone, then across channels at each
/// position: `activation(separableConv1d(x, depthwise_kernel, pointwise_kernel) + bias)`.
///
///     let x = Input(shape: [100, 8])
///     let y = SeparableConv1D(32, kernelSize: 5, activation: .relu)(x)           // [batch, 96, 32]
///
/// - Input: `[batch, length, channels]`; output the same rank, with `filters` channels.
/// - Weights: `depthwise_kernel` `[length, channels, depthMultiplier]`, `pointwise_kernel`
///   `[1, channels · depthMultiplier, filters]`, `bias` `[filters]`.
public final class SeparableConv1D: SeparableConvolution {
  override class var spatialRank: Int { 1 }
}

/// A convolution of images in two parts, first of each channel alone, then across channels at each
/// position: `activation(separableConv2d(x, depthwise_kernel, pointwise_kernel) + bias)`.
///
///     let x = Input(shape: [32, 32, 3])
///     let y = SeparableConv2D(64, kernelSize: 3, padding: .same)(x)          // [batch, 32, 32, 64]
///
/// - Input: `[batch, height, width, channels]`; output the same rank, with `filters` channels.
/// - Weights: `depthwise_kernel` `[height, width, channels, depthMultiplier]`, `pointwise_kernel`
///   `[1, 1, channels · depthMultiplier, filters]`, `bias` `[filters]`.
public final class SeparableConv2D: SeparableConvolution {
  override class var spatialRank: Int { 2 }
}
