public import Gnomon

/// A convolution with a learnt kernel: `activation(conv(x, kernel) + bias)`.
///
/// - Weights: `kernel` `[kernel sizes..., channels / groups, filters]`, `bias` `[filters]`.
public class PlainConvolution: ConvolutionLayer {
  public let groups: Int

  /// - Parameters:
  ///   - filters: the number of channels of the output.
  ///   - kernelSize: the positions that a window has along each axis.
  ///   - strides: how far the window moves.
  ///   - padding: what lies beside the input; `.causal` lets a step see itself and earlier ones only.
  ///   - dilations: the distance between elements of the window.
  ///   - groups: channels are divided among so many convolutions, a divisor of channels and `filters`.
  public required init(
    _ filters: Int, kernelSize: PerAxis, strides: PerAxis = 1, padding: Padding = .valid,
    dilations: PerAxis = 1, groups: Int = 1, activation: ActivationFunction? = nil,
    useBias: Bool = true, kernelInitializer: any Initializer = .glorotUniform,
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    self.groups = groups
    super.init(
      filters: filters, kernelSize: kernelSize, strides: strides, padding: padding,
      dilations: dilations, activation: activation, useBias: useBias,
      kernel: WeightOptions(
        initializer: kernelInitializer, regularizer: kernelRegularizer,
        constraint: kernelConstraint),
      bias: WeightOptions(
        initializer: biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint),
      activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
  }

  override func buildKernels(_ channels: Dim) {
    kernel = addWeight(
      "kernel",
      shape: kernelSize.map { Dim($0) } + [
        channels.quotient(dividingBy: Dim(groups)), Dim(filters),
      ],
      options: kernelOptions)
  }

  override func convolved(_ x: Expr) -> Expr {
    switch Self.spatialRank {
    case 1:
      conv1d(x, kernel, strides: strides, padding: padding, dilations: dilations, groups: groups)
    case 2:
      conv2d(x, kernel, strides: strides, padding: padding, dilations: dilations, groups: groups)
    default:
      conv3d(x, kernel, strides: strides, padding: padding, dilations: dilations, groups: groups)
    }
  }
}

/// The convolution of sequences with a learnt kernel: `activation(conv1d(x, kernel) + bias)`.
///
///     let x = Input(shape: [100, 8])
///     let y = Conv1D(64, kernelSize: 3, padding: .same, activation: .relu)(x)    // [batch, 100, 64]
///
/// - Input: `[batch, length, channels]`; output the same rank, with `filters` channels.
/// - Weights: `kernel` `[length, channels / groups, filters]`, `bias` `[filters]`.
public final class Conv1D: PlainConvolution {
  override class var spatialRank: Int { 1 }
}

/// The convolution of images with a learnt kernel: `activation(conv2d(x, kernel) + bias)`.
///
///     let x = Input(shape: [28, 28, 1])
///     let y = Conv2D(32, kernelSize: 3, activation: .relu)(x)                 // [batch, 26, 26, 32]
///
/// - Input: `[batch, height, width, channels]`; output the same rank, with `filters` channels.
/// - Weights: `kernel` `[height, width, channels / groups, filters]`, `bias` `[filters]`.
public final class Conv2D: PlainConvolution {
  override class var spatialRank: Int { 2 }
}

/// The convolution of volumes with a learnt kernel: `activation(conv3d(x, kernel) + bias)`.
///
///     let x = Input(shape: [8, 32, 32, 3])
///     let y = Conv3D(16, kernelSize: 3, strides: [1, 2, 2])(x)              // [batch, 6, 15, 15, 16]
///
/// - Input: `[batch, depth, height, width, channels]`; output the same rank, with `filters` channels.
/// - Weights: `kernel` `[depth, height, width, channels / groups, filters]`, `bias` `[filters]`.
public final class Conv3D: PlainConvolution {
  override class var spatialRank: Int { 3 }
}
