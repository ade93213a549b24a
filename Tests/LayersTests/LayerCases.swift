import GnomonLayers

/// The layers of `scripts/make-layer-fixtures.py`, written with ours.
enum LayerCases {
  static let all: [LayerCase] =
    core + activations + merging + normalization + convolution + pooling + shaping + attention
    + recurrent + preprocessing

  private static let core = [
    LayerCase("dense") { Dense(3, activation: .tanh) },
    LayerCase("dense_3d") { Dense(3, useBias: false) },
    LayerCase("einsum_dense") {
      EinsumDense("abc,cde->abde", outputShape: [-1, 2, 3], biasAxes: "de")
    },
    LayerCase("embedding") { Embedding(7, 3) },
    LayerCase("flatten") { Flatten() },
    LayerCase("reshape") { Reshape([6, -1]) },
    LayerCase("permute") { Permute(2, 1) },
    LayerCase("repeat_vector") { RepeatVector(3) },
  ]

  private static let activations = [
    LayerCase("leaky_relu") { LeakyReLU(negativeSlope: 0.2) },
    LayerCase("prelu") { PReLU(sharedAxes: [1]) },
    LayerCase("elu") { ELU(alpha: 0.7) },
    LayerCase("relu") { ReLU(maximumValue: 1, negativeSlope: 0.1, threshold: 0.2) },
    LayerCase("softmax") { Softmax(axis: 1) },
  ]

  private static let merging = [
    LayerCase("add") { Add() },
    LayerCase("subtract") { Subtract() },
    LayerCase("multiply") { Multiply() },
    LayerCase("average") { Average() },
    LayerCase("maximum") { Maximum() },
    LayerCase("minimum") { Minimum() },
    LayerCase("concatenate") { Concatenate(axis: 1) },
    LayerCase("dot") { Dot(axes: 1) },
    LayerCase("dot_normalized") { Dot(axes: 2, 1, normalize: true) },
  ]

  private static let normalization = [
    LayerCase("batch_normalization") { BatchNormalization(momentum: 0.8) },
    LayerCase("layer_normalization") { LayerNormalization(axes: [1, 2]) },
    LayerCase("rms_normalization") { RMSNormalization() },
    LayerCase("group_normalization") { GroupNormalization(groups: 2) },
    LayerCase("unit_normalization") { UnitNormalization() },
  ]

  private static let convolution = [
    LayerCase("conv1d") { Conv1D(3, kernelSize: 3, strides: 2, activation: .relu) },
    LayerCase("conv1d_causal") { Conv1D(3, kernelSize: 2, padding: .causal, dilations: 2) },
    LayerCase("conv2d") { Conv2D(4, kernelSize: 3, strides: 2, padding: .same) },
    LayerCase("conv2d_groups") { Conv2D(4, kernelSize: [2, 3], dilations: 2, groups: 2) },
    LayerCase("conv3d") { Conv3D(2, kernelSize: 2) },
    LayerCase("depthwise_conv1d") { DepthwiseConv1D(kernelSize: 3, depthMultiplier: 2) },
    LayerCase("depthwise_conv2d") {
      DepthwiseConv2D(kernelSize: 3, padding: .same, depthMultiplier: 2)
    },
    LayerCase("separable_conv1d") { SeparableConv1D(4, kernelSize: 3, depthMultiplier: 2) },
    LayerCase("separable_conv2d") { SeparableConv2D(4, kernelSize: 3, padding: .same) },
    LayerCase("conv1d_transpose") { Conv1DTranspose(3, kernelSize: 3, strides: 2) },
    LayerCase("conv2d_transpose") {
      Conv2DTranspose(3, kernelSize: 3, strides: 2, padding: .same)
    },
    LayerCase("conv2d_transpose_output_padding") {
      Conv2DTranspose(3, kernelSize: [3, 2], strides: 2, padding: .same, outputPadding: [1, 0])
    },
    LayerCase("conv1d_transpose_output_padding") {
      Conv1DTranspose(3, kernelSize: 2, strides: 3, outputPadding: 2)
    },
    LayerCase("conv3d_transpose") { Conv3DTranspose(2, kernelSize: 2) },
  ]

  private static let pooling = [
    LayerCase("max_pooling1d") { MaxPooling1D() },
    LayerCase("max_pooling2d") { MaxPooling2D(poolSize: [3, 2], strides: 2, padding: .same) },
    LayerCase("max_pooling3d") { MaxPooling3D() },
    LayerCase("average_pooling1d") { AveragePooling1D(poolSize: 3, strides: 2) },
    LayerCase("average_pooling2d") { AveragePooling2D(poolSize: 3, padding: .same) },
    LayerCase("average_pooling3d") { AveragePooling3D(padding: .same) },
    LayerCase("global_max_pooling1d") { GlobalMaxPooling1D() },
    LayerCase("global_average_pooling2d") { GlobalAveragePooling2D(keepDims: true) },
    LayerCase("global_average_pooling1d_masked") {
      Sequential([Masking(), GlobalAveragePooling1D()])
    },
    LayerCase("adaptive_max_pooling2d") { AdaptiveMaxPooling2D(outputSize: [3, 2]) },
    LayerCase("adaptive_average_pooling1d") { AdaptiveAveragePooling1D(outputSize: 3) },
  ]

  private static let shaping = [
    LayerCase("zero_padding2d") { ZeroPadding2D([(1, 0), (2, 3)]) },
    LayerCase("cropping2d") { Cropping2D([(1, 0), (2, 1)]) },
    LayerCase("up_sampling2d") { UpSampling2D(size: [2, 3]) },
  ]

  private static let attention = [
    LayerCase("attention") { Attention(useScale: true) },
    LayerCase("attention_causal") { Attention(isCausal: true) },
    LayerCase("additive_attention") { AdditiveAttention() },
    LayerCase("multi_head_attention") { MultiHeadAttention(heads: 2, keySize: 3, outputSize: 5) },
    LayerCase("grouped_query_attention") {
      GroupedQueryAttention(headSize: 3, queryHeads: 4, keyHeads: 2)
    },
  ]

  private static let recurrent = [
    LayerCase("simple_rnn") { SimpleRNN(3) },
    LayerCase("lstm") { LSTM(3) },
    LayerCase("lstm_sequences") { LSTM(3, returnSequences: true, returnState: true) },
    LayerCase("lstm_backwards") { LSTM(3, returnSequences: true, goBackwards: true) },
    LayerCase("lstm_masked") { Sequential([Masking(), LSTM(3, returnSequences: true)]) },
    LayerCase("gru") { GRU(3) },
    LayerCase("gru_before") { GRU(3, resetAfter: false, returnSequences: true) },
    LayerCase("gru_masked") { Sequential([Masking(), GRU(3)]) },
    LayerCase("stacked") { RNN(StackedRNNCells([LSTMCell(3), GRUCell(2)])) },
    LayerCase("bidirectional") { Bidirectional(LSTM(3, returnSequences: true)) },
    LayerCase("bidirectional_sum_masked") {
      Sequential([Masking(), Bidirectional(GRU(3), merge: .sum)])
    },
    LayerCase("time_distributed") { TimeDistributed(Dense(3)) },
    LayerCase("bidirectional_sequences_masked") {
      Sequential([Masking(), Bidirectional(LSTM(3, returnSequences: true))])
    },
    LayerCase("bidirectional_states_masked") {
      Sequential([
        Masking(),
        Bidirectional(GRU(3, returnSequences: true, returnState: true), merge: .product),
      ])
    },
    LayerCase("bidirectional_other_masked") {
      Sequential([
        Masking(),
        Bidirectional(
          LSTM(3, returnSequences: true), backward: SimpleRNN(2, returnSequences: true)),
      ])
    },
    LayerCase("lstm_zeros_masked") {
      Sequential([Masking(), LSTM(3, returnSequences: true, zeroOutputForMask: true)])
    },
    LayerCase("gru_last_zeros_masked") {
      Sequential([Masking(), GRU(3, zeroOutputForMask: true)])
    },
    LayerCase("gru_backwards_masked") {
      Sequential([Masking(), GRU(3, returnSequences: true, goBackwards: true)])
    },
    LayerCase("lstm_initial_masked") { MaskedFrom() },
  ]

  private static let preprocessing = [
    LayerCase("rescaling") { Rescaling(1.0 / 255, offset: -0.5) },
    LayerCase("discretization") { Discretization(boundaries: [-1, 0, 0.5]) },
    LayerCase("category_encoding") { CategoryEncoding(5, output: .multiHot) },
  ]
}

/// An LSTM over what is not zero of a sequence, from given states.
private final class MaskedFrom: Layer {
  private let masking = Masking()
  private let inner = LSTM(3, returnSequences: true)

  override func call(_ inputs: [Expr]) -> [Expr] {
    [inner(masking(inputs[0]), inputs[1], inputs[2])]
  }
}
