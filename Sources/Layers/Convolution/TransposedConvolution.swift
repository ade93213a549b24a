public import Gnomon

/// The derivative of a convolution with respect to its input, which spreads every element over a window and
/// so makes the input larger: `activation(convTransposed(x, kernel) + bias)`.
///
/// - Weights: `kernel` `[kernel sizes..., filters, channels]`, `bias` `[filters]`.
/// - See Dumoulin and Visin, *A guide to convolution arithmetic for deep learning*, 2016.
public class TransposedConvolution: ConvolutionLayer {
  public let outputPadding: PerAxis?

  /// - Parameters:
  ///   - filters: the number of channels of the output.
  ///   - kernelSize: the positions that a window has along each axis.
  ///   - strides: how far the windows of neighbours lie apart.
  ///   - padding: `.same` makes `size · stride` positions, `.valid` what the windows reach over besides.
  ///   - outputPadding: less than a stride; makes `(size - 1) · stride + outputPadding` positions, and besides
  ///     the window's length, or with `.same` 1 if that is odd.
  ///   - dilations: the distance between elements of the window.
  public required init(
    _ filters: Int, kernelSize: PerAxis, strides: PerAxis = 1, padding: Padding = .valid,
    outputPadding: PerAxis? = nil, dilations: PerAxis = 1, activation: ActivationFunction? = nil,
    useBias: Bool = true, kernelInitializer: any Initializer = .glorotUniform,
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    self.outputPadding = outputPadding
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
      "kernel", shape: kernelSize.map { Dim($0) } + [Dim(filters), channels],
      options: kernelOptions)
  }

  /// What is cut off at both ends and added at the end: with an output padding the size is said, and `.same`
  /// takes the odd element from the end, as Keras does.
  private var ends: (cut: Padding, more: PerAxis) {
    guard let outputPadding else { return (padding, 0) }
    let rank = Self.spatialRank
    let (more, dilations) = (outputPadding.spread(over: rank), dilations.spread(over: rank))
    let cuts = kernelSize.indices.map { i in
      let extent = (kernelSize[i] - 1) * dilations[i] + 1
      return padding == .same ? extent - extent % 2 - more[i] : -more[i]
    }
    let low = cuts.map { max($0, 0) / 2 }
    return (
      .explicit(low: PerAxis(low), high: PerAxis(zip(cuts, low).map { max($0, 0) - $1 })),
      PerAxis(cuts.map { max(-$0, 0) })
    )
  }

  override func convolved(_ x: Expr) -> Expr {
    let (cut, more) = ends
    return switch Self.spatialRank {
    case 1:
      conv1dTransposed(
        x, kernel, strides: strides, padding: cut, outputPadding: more, dilations: dilations)
    case 2:
      conv2dTransposed(
        x, kernel, strides: strides, padding: cut, outputPadding: more, dilations: dilations)
    default:
      conv3dTransposed(
        x, kernel, strides: strides, padding: cut, outputPadding: more, dilations: dilations)
    }
  }
}

/// The transposed convolution of sequences: `activation(conv1dTransposed(x, kernel) + bias)`.
///
///     let x = Input(shape: [25, 16])
///     let y = Conv1DTranspose(8, kernelSize: 4, strides: 2, padding: .same)(x)    // [batch, 50, 8]
///
/// - Input: `[batch, length, channels]`; output the same rank, with `filters` channels.
/// - Weights: `kernel` `[length, filters, channels]`, `bias` `[filters]`.
public final class Conv1DTranspose: TransposedConvolution {
  override class var spatialRank: Int { 1 }
}

/// The transposed convolution of images: `activation(conv2dTransposed(x, kernel) + bias)`.
///
///     let x = Input(shape: [7, 7, 64])
///     let y = Conv2DTranspose(32, kernelSize: 3, strides: 2, padding: .same)(x)   // [batch, 14, 14, 32]
///
/// - Input: `[batch, height, width, channels]`; output the same rank, with `filters` channels.
/// - Weights: `kernel` `[height, width, filters, channels]`, `bias` `[filters]`.
public final class Conv2DTranspose: TransposedConvolution {
  override class var spatialRank: Int { 2 }
}

/// The transposed convolution of volumes: `activation(conv3dTransposed(x, kernel) + bias)`.
///
///     let x = Input(shape: [4, 4, 4, 8])
///     let y = Conv3DTranspose(2, kernelSize: 3)(x)                          // [batch, 6, 6, 6, 2]
///
/// - Input: `[batch, depth, height, width, channels]`; output the same rank, with `filters` channels.
/// - Weights: `kernel` `[depth, height, width, filters, channels]`, `bias` `[filters]`.
public final class Conv3DTranspose: TransposedConvolution {
  override class var spatialRank: Int { 3 }
}
