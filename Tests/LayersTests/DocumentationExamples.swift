// swift-format-ignore-file
// Made from the docstrings of Sources/Layers by `BLESS=1 swift test --filter LayerDocumentation`.
import GnomonLayers
import Testing

@Suite(.seeded) struct DocumentationExamples {
  // Sources/Layers/Activations/ReLU.swift
  @Test func `the example of ReLU`() throws {
    let x = Input(shape: [10])
    let y = ReLU(maximumValue: 6)(x)              // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Activations/ReLU.swift
  @Test func `the example of LeakyReLU`() throws {
    let x = Input(shape: [10])
    let y = LeakyReLU(negativeSlope: 0.1)(x)      // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Activations/ReLU.swift
  @Test func `the example of ELU`() throws {
    let x = Input(shape: [10])
    let y = ELU(alpha: 0.5)(x)                    // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Activations/ReLU.swift
  @Test func `the example of PReLU`() throws {
    let x = Input(shape: [28, 28, 8])
    let y = PReLU(sharedAxes: [1, 2])(x)          // [batch, 28, 28, 8]
    try expectShape(y, "[batch, 28, 28, 8]")
  }

  // Sources/Layers/Activations/ReLU.swift
  @Test func `the example of Softmax`() throws {
    let x = Input(shape: [10])
    let y = Softmax()(x)                          // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Attention/Attention.swift
  @Test func `the example of Attention`() throws {
    let (query, value) = (Input(shape: [10, 16]), Input(shape: [20, 16]))
    let y = Attention()(query, value)             // [batch, 10, 16]
    try expectShape(y, "[batch, 10, 16]")
    let (z, weights): (Expr, Expr) = Attention(returnScores: true)(query, value)  // [batch, 10, 16], [batch, 10, 20]
    try expectShape(z, "[batch, 10, 16]")
    try expectShape(weights, "[batch, 10, 20]")
  }

  // Sources/Layers/Attention/Attention.swift
  @Test func `the example of AdditiveAttention`() throws {
    let (query, value) = (Input(shape: [10, 16]), Input(shape: [20, 16]))
    let y = AdditiveAttention()(query, value)     // [batch, 10, 16]
    try expectShape(y, "[batch, 10, 16]")
  }

  // Sources/Layers/Attention/MultiHeadAttention.swift
  @Test func `the example of MultiHeadAttention`() throws {
    let (query, value) = (Input(shape: [10, 16]), Input(shape: [20, 24]))
    let y = MultiHeadAttention(heads: 8, keySize: 64)(query, value)  // [batch, 10, 16]
    try expectShape(y, "[batch, 10, 16]")
  }

  // Sources/Layers/Attention/MultiHeadAttention.swift
  @Test func `the example of GroupedQueryAttention`() throws {
    let x = Input(shape: [10, 32])
    let y = GroupedQueryAttention(headSize: 8, queryHeads: 4, keyHeads: 2)(x, x)  // [batch, 10, 32]
    try expectShape(y, "[batch, 10, 32]")
  }

  // Sources/Layers/Convolution/DepthwiseConvolution.swift
  @Test func `the example of DepthwiseConv1D`() throws {
    let x = Input(shape: [100, 8])
    let y = DepthwiseConv1D(kernelSize: 3, depthMultiplier: 2)(x)            // [batch, 98, 16]
    try expectShape(y, "[batch, 98, 16]")
  }

  // Sources/Layers/Convolution/DepthwiseConvolution.swift
  @Test func `the example of DepthwiseConv2D`() throws {
    let x = Input(shape: [32, 32, 3])
    let y = DepthwiseConv2D(kernelSize: 3, strides: 2, padding: .same)(x)    // [batch, 16, 16, 3]
    try expectShape(y, "[batch, 16, 16, 3]")
  }

  // Sources/Layers/Convolution/PlainConvolution.swift
  @Test func `the example of Conv1D`() throws {
    let x = Input(shape: [100, 8])
    let y = Conv1D(64, kernelSize: 3, padding: .same, activation: .relu)(x)    // [batch, 100, 64]
    try expectShape(y, "[batch, 100, 64]")
  }

  // Sources/Layers/Convolution/PlainConvolution.swift
  @Test func `the example of Conv2D`() throws {
    let x = Input(shape: [28, 28, 1])
    let y = Conv2D(32, kernelSize: 3, activation: .relu)(x)                 // [batch, 26, 26, 32]
    try expectShape(y, "[batch, 26, 26, 32]")
  }

  // Sources/Layers/Convolution/PlainConvolution.swift
  @Test func `the example of Conv3D`() throws {
    let x = Input(shape: [8, 32, 32, 3])
    let y = Conv3D(16, kernelSize: 3, strides: [1, 2, 2])(x)              // [batch, 6, 15, 15, 16]
    try expectShape(y, "[batch, 6, 15, 15, 16]")
  }

  // Sources/Layers/Convolution/SeparableConvolution.swift
  @Test func `the example of SeparableConv1D`() throws {
    let x = Input(shape: [100, 8])
    let y = SeparableConv1D(32, kernelSize: 5, activation: .relu)(x)           // [batch, 96, 32]
    try expectShape(y, "[batch, 96, 32]")
  }

  // Sources/Layers/Convolution/SeparableConvolution.swift
  @Test func `the example of SeparableConv2D`() throws {
    let x = Input(shape: [32, 32, 3])
    let y = SeparableConv2D(64, kernelSize: 3, padding: .same)(x)          // [batch, 32, 32, 64]
    try expectShape(y, "[batch, 32, 32, 64]")
  }

  // Sources/Layers/Convolution/TransposedConvolution.swift
  @Test func `the example of Conv1DTranspose`() throws {
    let x = Input(shape: [25, 16])
    let y = Conv1DTranspose(8, kernelSize: 4, strides: 2, padding: .same)(x)    // [batch, 50, 8]
    try expectShape(y, "[batch, 50, 8]")
  }

  // Sources/Layers/Convolution/TransposedConvolution.swift
  @Test func `the example of Conv2DTranspose`() throws {
    let x = Input(shape: [7, 7, 64])
    let y = Conv2DTranspose(32, kernelSize: 3, strides: 2, padding: .same)(x)   // [batch, 14, 14, 32]
    try expectShape(y, "[batch, 14, 14, 32]")
  }

  // Sources/Layers/Convolution/TransposedConvolution.swift
  @Test func `the example of Conv3DTranspose`() throws {
    let x = Input(shape: [4, 4, 4, 8])
    let y = Conv3DTranspose(2, kernelSize: 3)(x)                          // [batch, 6, 6, 6, 2]
    try expectShape(y, "[batch, 6, 6, 6, 2]")
  }

  // Sources/Layers/Core/Activation.swift
  @Test func `the example of Activation`() throws {
    let x = Input(shape: [10])
    let y = Activation("relu")(x)                 // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Core/Dense.swift
  @Test func `the example of Dense`() throws {
    let x = Input(shape: [784])
    let y = Dense(64, activation: .relu)(x)       // [batch, 64]
    try expectShape(y, "[batch, 64]")
  }

  // Sources/Layers/Core/EinsumDense.swift
  @Test func `the example of EinsumDense`() throws {
    let x = Input(shape: [10, 32])
    let y = EinsumDense("abc,cde->abde", outputShape: [-1, 8, 4], biasAxes: "de")(x)  // [batch, 10, 8, 4]
    try expectShape(y, "[batch, 10, 8, 4]")
  }

  // Sources/Layers/Core/Embedding.swift
  @Test func `the example of Embedding`() throws {
    let words = Input(shape: [10], dtype: .int32)
    let y = Embedding(1000, 64)(words)            // [batch, 10, 64]
    try expectShape(y, "[batch, 10, 64]")
  }

  // Sources/Layers/Core/Identity.swift
  @Test func `the example of Identity`() throws {
    let x = Input(shape: [10])
    let y = Identity()(x)                         // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Core/Lambda.swift
  @Test func `the example of Lambda`() throws {
    let x = Input(shape: [10])
    let y = Lambda { x in square(x) }(x)          // [batch, 10]
    try expectShape(y, "[batch, 10]")
    let z: Expr = Lambda { inputs in [inputs[0] * inputs[1]] }(x, y)      // [batch, 10]
    try expectShape(z, "[batch, 10]")
  }

  // Sources/Layers/Core/Masking.swift
  @Test func `the example of Masking`() throws {
    let x = Input(shape: [20, 8])
    let y = Masking(maskValue: 0)(x)              // [batch, 20, 8]
    try expectShape(y, "[batch, 20, 8]")
    let mask = y.mask!                            // [batch, 20]
    try expectShape(mask, "[batch, 20]")
  }

  // Sources/Layers/Layer/Layer.swift
  @Test func `the example of Layer`() throws {
    final class MyDense: Layer {
      let units: Int
      var kernel: Expr!
      init(_ units: Int) { self.units = units; super.init() }
      override func build(inputShape: [Dim]) {
        kernel = addWeight("kernel", shape: [inputShape[1], Dim(units)])
      }
      override func call(_ x: Expr) -> Expr { matmul(x, kernel) }
    }
    let x = Input(shape: [784])
    let y = MyDense(10)(x)                        // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Merging/Concatenate.swift
  @Test func `the example of Concatenate`() throws {
    let (a, b) = (Input(shape: [3]), Input(shape: [4]))
    let y = Concatenate()(a, b)                   // [batch, 7]
    try expectShape(y, "[batch, 7]")
  }

  // Sources/Layers/Merging/Dot.swift
  @Test func `the example of Dot`() throws {
    let (u, v) = (Input(shape: [64]), Input(shape: [64]))
    let cosine = Dot(axes: 1, normalize: true)(u, v)      // [batch, 1]
    try expectShape(cosine, "[batch, 1]")
    let (a, b) = (Input(shape: [3, 4]), Input(shape: [4, 5]))
    let y = Dot(axes: 2, 1)(a, b)                 // [batch, 3, 5]
    try expectShape(y, "[batch, 3, 5]")
  }

  // Sources/Layers/Merging/Merge.swift
  @Test func `the example of Add`() throws {
    let (a, b) = (Input(shape: [10]), Input(shape: [10]))
    let y = Add()(a, b)                           // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Merging/Merge.swift
  @Test func `the example of Subtract`() throws {
    let (a, b) = (Input(shape: [10]), Input(shape: [10]))
    let y = Subtract()(a, b)                      // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Merging/Merge.swift
  @Test func `the example of Multiply`() throws {
    let (a, b) = (Input(shape: [10]), Input(shape: [10]))
    let y = Multiply()(a, b)                      // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Merging/Merge.swift
  @Test func `the example of Average`() throws {
    let (a, b) = (Input(shape: [10]), Input(shape: [10]))
    let y = Average()(a, b)                       // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Merging/Merge.swift
  @Test func `the example of Maximum`() throws {
    let (a, b) = (Input(shape: [10]), Input(shape: [10]))
    let y = Maximum()(a, b)                       // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Merging/Merge.swift
  @Test func `the example of Minimum`() throws {
    let (a, b) = (Input(shape: [10]), Input(shape: [10]))
    let y = Minimum()(a, b)                       // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Models/Input.swift
  @Test func `the example of InputLayer`() throws {
    let model = Sequential([InputLayer(shape: [784]), Dense(10)])
    let y = model.outputs[0]                      // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Models/Model.swift
  @Test func `the example of Model`() throws {
    let model = Sequential([Dense(64, activation: .relu), Dense(10, activation: .softmax)])

    let x = Input(shape: [784])                                     // functional
    let y = Dense(10, activation: .softmax)(Dense(64, activation: .relu)(x))
    let functional = Model(inputs: x, outputs: y)

    final class Classifier: Model {                                 // a subclass
      let hidden = Dense(64, activation: .relu), last = Dense(10, activation: .softmax)
      override func call(_ x: Expr) -> Expr { last(hidden(x)) }
    }
    let z = model(x) + functional(x) + Classifier()(x)              // [batch, 10]
    try expectShape(z, "[batch, 10]")
  }

  // Sources/Layers/Models/Sequential.swift
  @Test func `the example of Sequential`() throws {
    let model = Sequential([
      Dense(64, activation: .relu, inputShape: [784]),
      Dense(10, activation: .softmax),
    ])
    let other = Sequential {
      Flatten(inputShape: [28, 28])
      Dense(10)
    }
    let y = other(Input(shape: [28, 28]))         // [batch, 10]
    try expectShape(y, "[batch, 10]")
  }

  // Sources/Layers/Normalization/BatchNormalization.swift
  @Test func `the example of BatchNormalization`() throws {
    let x = Input(shape: [28, 28, 8])
    let y = BatchNormalization(momentum: 0.9)(x)  // [batch, 28, 28, 8]
    try expectShape(y, "[batch, 28, 28, 8]")
  }

  // Sources/Layers/Normalization/GroupNormalization.swift
  @Test func `the example of GroupNormalization`() throws {
    let x = Input(shape: [28, 28, 8])
    let y = GroupNormalization(groups: 4)(x)      // [batch, 28, 28, 8]
    try expectShape(y, "[batch, 28, 28, 8]")
  }

  // Sources/Layers/Normalization/LayerNormalization.swift
  @Test func `the example of LayerNormalization`() throws {
    let x = Input(shape: [10, 64])
    let y = LayerNormalization()(x)               // [batch, 10, 64]
    try expectShape(y, "[batch, 10, 64]")
  }

  // Sources/Layers/Normalization/RMSNormalization.swift
  @Test func `the example of RMSNormalization`() throws {
    let x = Input(shape: [10, 64])
    let y = RMSNormalization()(x)                 // [batch, 10, 64]
    try expectShape(y, "[batch, 10, 64]")
  }

  // Sources/Layers/Normalization/RMSNormalization.swift
  @Test func `the example of UnitNormalization`() throws {
    let x = Input(shape: [64])
    let y = UnitNormalization()(x)                // [batch, 64]
    try expectShape(y, "[batch, 64]")
  }

  // Sources/Layers/Normalization/SpectralNormalization.swift
  @Test func `the example of SpectralNormalization`() throws {
    let x = Input(shape: [784])
    let y = SpectralNormalization(Dense(64))(x)   // [batch, 64]
    try expectShape(y, "[batch, 64]")
  }

  // Sources/Layers/Pooling/AdaptivePooling.swift
  @Test func `the example of AdaptiveMaxPooling1D`() throws {
    let x = Input(shape: [100, 8])
    let y = AdaptiveMaxPooling1D(outputSize: 4)(x)  // [batch, 4, 8]
    try expectShape(y, "[batch, 4, 8]")
  }

  // Sources/Layers/Pooling/AdaptivePooling.swift
  @Test func `the example of AdaptiveMaxPooling2D`() throws {
    let x = Input(shape: [28, 28, 32])
    let y = AdaptiveMaxPooling2D(outputSize: [4, 3])(x)  // [batch, 4, 3, 32]
    try expectShape(y, "[batch, 4, 3, 32]")
  }

  // Sources/Layers/Pooling/AdaptivePooling.swift
  @Test func `the example of AdaptiveMaxPooling3D`() throws {
    let x = Input(shape: [8, 16, 16, 4])
    let y = AdaptiveMaxPooling3D(outputSize: 2)(x)  // [batch, 2, 2, 2, 4]
    try expectShape(y, "[batch, 2, 2, 2, 4]")
  }

  // Sources/Layers/Pooling/AdaptivePooling.swift
  @Test func `the example of AdaptiveAveragePooling1D`() throws {
    let x = Input(shape: [100, 8])
    let y = AdaptiveAveragePooling1D(outputSize: 4)(x)  // [batch, 4, 8]
    try expectShape(y, "[batch, 4, 8]")
  }

  // Sources/Layers/Pooling/AdaptivePooling.swift
  @Test func `the example of AdaptiveAveragePooling2D`() throws {
    let x = Input(shape: [28, 28, 32])
    let y = AdaptiveAveragePooling2D(outputSize: [4, 3])(x)  // [batch, 4, 3, 32]
    try expectShape(y, "[batch, 4, 3, 32]")
  }

  // Sources/Layers/Pooling/AdaptivePooling.swift
  @Test func `the example of AdaptiveAveragePooling3D`() throws {
    let x = Input(shape: [8, 16, 16, 4])
    let y = AdaptiveAveragePooling3D(outputSize: 2)(x)  // [batch, 2, 2, 2, 4]
    try expectShape(y, "[batch, 2, 2, 2, 4]")
  }

  // Sources/Layers/Pooling/AveragePooling.swift
  @Test func `the example of AveragePooling1D`() throws {
    let x = Input(shape: [100, 8])
    let y = AveragePooling1D(poolSize: 2)(x)      // [batch, 50, 8]
    try expectShape(y, "[batch, 50, 8]")
  }

  // Sources/Layers/Pooling/AveragePooling.swift
  @Test func `the example of AveragePooling2D`() throws {
    let x = Input(shape: [28, 28, 32])
    let y = AveragePooling2D(poolSize: 2)(x)      // [batch, 14, 14, 32]
    try expectShape(y, "[batch, 14, 14, 32]")
  }

  // Sources/Layers/Pooling/AveragePooling.swift
  @Test func `the example of AveragePooling3D`() throws {
    let x = Input(shape: [8, 16, 16, 4])
    let y = AveragePooling3D(poolSize: 2)(x)      // [batch, 4, 8, 8, 4]
    try expectShape(y, "[batch, 4, 8, 8, 4]")
  }

  // Sources/Layers/Pooling/GlobalPooling.swift
  @Test func `the example of GlobalMaxPooling1D`() throws {
    let x = Input(shape: [100, 8])
    let y = GlobalMaxPooling1D()(x)               // [batch, 8]
    try expectShape(y, "[batch, 8]")
  }

  // Sources/Layers/Pooling/GlobalPooling.swift
  @Test func `the example of GlobalMaxPooling2D`() throws {
    let x = Input(shape: [28, 28, 32])
    let y = GlobalMaxPooling2D()(x)               // [batch, 32]
    try expectShape(y, "[batch, 32]")
  }

  // Sources/Layers/Pooling/GlobalPooling.swift
  @Test func `the example of GlobalMaxPooling3D`() throws {
    let x = Input(shape: [8, 16, 16, 4])
    let y = GlobalMaxPooling3D()(x)               // [batch, 4]
    try expectShape(y, "[batch, 4]")
  }

  // Sources/Layers/Pooling/GlobalPooling.swift
  @Test func `the example of GlobalAveragePooling1D`() throws {
    let x = Input(shape: [100, 8])
    let y = GlobalAveragePooling1D()(x)           // [batch, 8]
    try expectShape(y, "[batch, 8]")
  }

  // Sources/Layers/Pooling/GlobalPooling.swift
  @Test func `the example of GlobalAveragePooling2D`() throws {
    let x = Input(shape: [28, 28, 32])
    let y = GlobalAveragePooling2D()(x)           // [batch, 32]
    try expectShape(y, "[batch, 32]")
  }

  // Sources/Layers/Pooling/GlobalPooling.swift
  @Test func `the example of GlobalAveragePooling3D`() throws {
    let x = Input(shape: [8, 16, 16, 4])
    let y = GlobalAveragePooling3D()(x)           // [batch, 4]
    try expectShape(y, "[batch, 4]")
  }

  // Sources/Layers/Pooling/MaxPooling.swift
  @Test func `the example of MaxPooling1D`() throws {
    let x = Input(shape: [100, 8])
    let y = MaxPooling1D(poolSize: 2)(x)          // [batch, 50, 8]
    try expectShape(y, "[batch, 50, 8]")
  }

  // Sources/Layers/Pooling/MaxPooling.swift
  @Test func `the example of MaxPooling2D`() throws {
    let x = Input(shape: [28, 28, 32])
    let y = MaxPooling2D(poolSize: 2)(x)          // [batch, 14, 14, 32]
    try expectShape(y, "[batch, 14, 14, 32]")
  }

  // Sources/Layers/Pooling/MaxPooling.swift
  @Test func `the example of MaxPooling3D`() throws {
    let x = Input(shape: [8, 16, 16, 4])
    let y = MaxPooling3D(poolSize: 2)(x)          // [batch, 4, 8, 8, 4]
    try expectShape(y, "[batch, 4, 8, 8, 4]")
  }

  // Sources/Layers/Preprocessing/CategoryEncoding.swift
  @Test func `the example of CategoryEncoding`() throws {
    let x = Input(shape: [3], dtype: .int32)
    let y = CategoryEncoding(5, output: .multiHot)(x)  // [batch, 5]
    try expectShape(y, "[batch, 5]")
  }

  // Sources/Layers/Preprocessing/Discretization.swift
  @Test func `the example of Discretization`() throws {
    let x = Input(shape: [5])
    let y = Discretization(boundaries: [0, 10, 100])(x)  // [batch, 5]
    try expectShape(y, "[batch, 5]")
  }

  // Sources/Layers/Preprocessing/IntegerLookup.swift
  @Test func `the example of IntegerLookup`() throws {
    let x = Input(shape: [3], dtype: .int64)
    let y = IntegerLookup(vocabulary: [10, 42, 7])(x)  // [batch, 3]
    try expectShape(y, "[batch, 3]")
  }

  // Sources/Layers/Preprocessing/Normalization.swift
  @Test func `the example of Normalization`() throws {
    let rows = Tensor.uniform(.float32, [100, 4], seed: 1)
    let normalization = Normalization()
    try normalization.adapt(to: rows)
    let x = Input(shape: [4])
    let y = normalization(x)                      // [batch, 4]
    try expectShape(y, "[batch, 4]")
  }

  // Sources/Layers/Preprocessing/Rescaling.swift
  @Test func `the example of Rescaling`() throws {
    let x = Input(shape: [28, 28, 1])
    let y = Rescaling(1.0 / 255)(x)               // [batch, 28, 28, 1]
    try expectShape(y, "[batch, 28, 28, 1]")
  }

  // Sources/Layers/Recurrent/Bidirectional.swift
  @Test func `the example of Bidirectional`() throws {
    let x = Input(shape: [20, 8])
    let y = Bidirectional(LSTM(32, returnSequences: true))(x)  // [batch, 20, 64]
    try expectShape(y, "[batch, 20, 64]")
  }

  // Sources/Layers/Recurrent/GRU.swift
  @Test func `the example of GRUCell`() throws {
    let (x, h) = (Input(shape: [8]), Input(shape: [32]))
    let (y, h1): (Expr, Expr) = GRUCell(32)(x, h)  // [batch, 32], [batch, 32]
    try expectShape(y, "[batch, 32]")
    try expectShape(h1, "[batch, 32]")
  }

  // Sources/Layers/Recurrent/GRU.swift
  @Test func `the example of GRU`() throws {
    let x = Input(shape: [20, 8])
    let last = GRU(32)(x)                         // [batch, 32]
    try expectShape(last, "[batch, 32]")
    let all = GRU(32, returnSequences: true)(x)     // [batch, 20, 32]
    try expectShape(all, "[batch, 20, 32]")
    let (y, h): (Expr, Expr) = GRU(32, returnSequences: true, returnState: true)(x)  // [batch, 20, 32], [batch, 32]
    try expectShape(y, "[batch, 20, 32]")
    try expectShape(h, "[batch, 32]")
  }

  // Sources/Layers/Recurrent/LSTM.swift
  @Test func `the example of LSTMCell`() throws {
    let (x, h, c) = (Input(shape: [8]), Input(shape: [32]), Input(shape: [32]))
    let (y, h1, c1): (Expr, Expr, Expr) = LSTMCell(32)(x, h, c)  // [batch, 32], [batch, 32], [batch, 32]
    try expectShape(y, "[batch, 32]")
    try expectShape(h1, "[batch, 32]")
    try expectShape(c1, "[batch, 32]")
  }

  // Sources/Layers/Recurrent/LSTM.swift
  @Test func `the example of LSTM`() throws {
    let x = Input(shape: [20, 8])
    let last = LSTM(32)(x)                        // [batch, 32]
    try expectShape(last, "[batch, 32]")
    let all = LSTM(32, returnSequences: true)(x)    // [batch, 20, 32]
    try expectShape(all, "[batch, 20, 32]")
    let (y, h, c): (Expr, Expr, Expr) = LSTM(32, returnSequences: true, returnState: true)(x)  // [batch, 20, 32], [batch, 32], [batch, 32]
    try expectShape(y, "[batch, 20, 32]")
    try expectShape(h, "[batch, 32]")
    try expectShape(c, "[batch, 32]")
  }

  // Sources/Layers/Recurrent/RNN.swift
  @Test func `the example of RNN`() throws {
    let x = Input(shape: [20, 8])
    let last = RNN(LSTMCell(32))(x)               // [batch, 32]
    try expectShape(last, "[batch, 32]")
    let all = RNN(StackedRNNCells([LSTMCell(32), GRUCell(16)]), returnSequences: true)(x)  // [batch, 20, 16]
    try expectShape(all, "[batch, 20, 16]")
  }

  // Sources/Layers/Recurrent/RNNCell.swift
  @Test func `the example of RNNCell`() throws {
    final class Leaky: RNNCell {
      let units: Int
      var kernel: Expr!
      init(_ units: Int) { self.units = units; super.init() }
      override var stateSizes: [Int] { [units] }
      override func build(inputShape: [Dim]) {
        kernel = addWeight("kernel", shape: [inputShape.last!, Dim(units)])
      }
      override func step(_ x: Expr, _ states: [Expr]) -> (output: Expr, states: [Expr]) {
        let h = 0.9 * states[0] + tanh(matmul(x, kernel))
        return (h, [h])
      }
    }
    let x = Input(shape: [20, 8])
    let y = RNN(Leaky(32))(x)                     // [batch, 32]
    try expectShape(y, "[batch, 32]")
  }

  // Sources/Layers/Recurrent/SimpleRNN.swift
  @Test func `the example of SimpleRNNCell`() throws {
    let (x, h) = (Input(shape: [8]), Input(shape: [32]))
    let (y, h1): (Expr, Expr) = SimpleRNNCell(32)(x, h)  // [batch, 32], [batch, 32]
    try expectShape(y, "[batch, 32]")
    try expectShape(h1, "[batch, 32]")
  }

  // Sources/Layers/Recurrent/SimpleRNN.swift
  @Test func `the example of SimpleRNN`() throws {
    let x = Input(shape: [20, 8])
    let last = SimpleRNN(32)(x)                   // [batch, 32]
    try expectShape(last, "[batch, 32]")
    let all = SimpleRNN(32, returnSequences: true)(x)  // [batch, 20, 32]
    try expectShape(all, "[batch, 20, 32]")
    let (y, h): (Expr, Expr) = SimpleRNN(32, returnSequences: true, returnState: true)(x)  // [batch, 20, 32], [batch, 32]
    try expectShape(y, "[batch, 20, 32]")
    try expectShape(h, "[batch, 32]")
  }

  // Sources/Layers/Recurrent/StackedRNNCells.swift
  @Test func `the example of StackedRNNCells`() throws {
    let x = Input(shape: [20, 8])
    let y = RNN(StackedRNNCells([LSTMCell(32), LSTMCell(16)]))(x)  // [batch, 16]
    try expectShape(y, "[batch, 16]")
  }

  // Sources/Layers/Recurrent/TimeDistributed.swift
  @Test func `the example of TimeDistributed`() throws {
    let x = Input(shape: [20, 64])
    let y = TimeDistributed(Dense(10))(x)         // [batch, 20, 10]
    try expectShape(y, "[batch, 20, 10]")
  }

  // Sources/Layers/Regularization/ActivityRegularization.swift
  @Test func `the example of ActivityRegularization`() throws {
    let x = Input(shape: [128])
    let y = ActivityRegularization(l2: 0.01)(x)   // [batch, 128]
    try expectShape(y, "[batch, 128]")
  }

  // Sources/Layers/Regularization/AlphaDropout.swift
  @Test func `the example of AlphaDropout`() throws {
    let x = Input(shape: [128])
    let y = AlphaDropout(0.1)(x)                  // [batch, 128]
    try expectShape(y, "[batch, 128]")
  }

  // Sources/Layers/Regularization/Dropout.swift
  @Test func `the example of Dropout`() throws {
    let x = Input(shape: [128])
    let y = Dropout(0.5)(x)                       // [batch, 128]
    try expectShape(y, "[batch, 128]")
  }

  // Sources/Layers/Regularization/GaussianNoise.swift
  @Test func `the example of GaussianNoise`() throws {
    let x = Input(shape: [128])
    let y = GaussianNoise(0.1)(x)                 // [batch, 128]
    try expectShape(y, "[batch, 128]")
  }

  // Sources/Layers/Regularization/GaussianNoise.swift
  @Test func `the example of GaussianDropout`() throws {
    let x = Input(shape: [128])
    let y = GaussianDropout(0.2)(x)               // [batch, 128]
    try expectShape(y, "[batch, 128]")
  }

  // Sources/Layers/Regularization/SpatialDropout.swift
  @Test func `the example of SpatialDropout1D`() throws {
    let x = Input(shape: [100, 8])
    let y = SpatialDropout1D(0.3)(x)              // [batch, 100, 8]
    try expectShape(y, "[batch, 100, 8]")
  }

  // Sources/Layers/Regularization/SpatialDropout.swift
  @Test func `the example of SpatialDropout2D`() throws {
    let x = Input(shape: [28, 28, 32])
    let y = SpatialDropout2D(0.3)(x)              // [batch, 28, 28, 32]
    try expectShape(y, "[batch, 28, 28, 32]")
  }

  // Sources/Layers/Regularization/SpatialDropout.swift
  @Test func `the example of SpatialDropout3D`() throws {
    let x = Input(shape: [8, 16, 16, 4])
    let y = SpatialDropout3D(0.3)(x)              // [batch, 8, 16, 16, 4]
    try expectShape(y, "[batch, 8, 16, 16, 4]")
  }

  // Sources/Layers/Shaping/Cropping.swift
  @Test func `the example of Cropping1D`() throws {
    let x = Input(shape: [10, 8])
    let y = Cropping1D(2)(x)                      // [batch, 6, 8]
    try expectShape(y, "[batch, 6, 8]")
  }

  // Sources/Layers/Shaping/Cropping.swift
  @Test func `the example of Cropping2D`() throws {
    let x = Input(shape: [28, 28, 1])
    let y = Cropping2D([(1, 0), (2, 3)])(x)       // [batch, 27, 23, 1]
    try expectShape(y, "[batch, 27, 23, 1]")
  }

  // Sources/Layers/Shaping/Cropping.swift
  @Test func `the example of Cropping3D`() throws {
    let x = Input(shape: [4, 4, 4, 2])
    let y = Cropping3D()(x)                       // [batch, 2, 2, 2, 2]
    try expectShape(y, "[batch, 2, 2, 2, 2]")
  }

  // Sources/Layers/Shaping/Flatten.swift
  @Test func `the example of Flatten`() throws {
    let x = Input(shape: [7, 7, 64])
    let y = Flatten()(x)                          // [batch, 3136]
    try expectShape(y, "[batch, 3136]")
  }

  // Sources/Layers/Shaping/Permute.swift
  @Test func `the example of Permute`() throws {
    let x = Input(shape: [2, 64])
    let y = Permute(2, 1)(x)                      // [batch, 64, 2]
    try expectShape(y, "[batch, 64, 2]")
  }

  // Sources/Layers/Shaping/RepeatVector.swift
  @Test func `the example of RepeatVector`() throws {
    let x = Input(shape: [32])
    let y = RepeatVector(5)(x)                    // [batch, 5, 32]
    try expectShape(y, "[batch, 5, 32]")
  }

  // Sources/Layers/Shaping/Reshape.swift
  @Test func `the example of Reshape`() throws {
    let x = Input(shape: [784])
    let y = Reshape([28, -1, 1])(x)               // [batch, 28, 28, 1]
    try expectShape(y, "[batch, 28, 28, 1]")
  }

  // Sources/Layers/Shaping/UpSampling.swift
  @Test func `the example of UpSampling1D`() throws {
    let x = Input(shape: [10, 8])
    let y = UpSampling1D(size: 3)(x)              // [batch, 30, 8]
    try expectShape(y, "[batch, 30, 8]")
  }

  // Sources/Layers/Shaping/UpSampling.swift
  @Test func `the example of UpSampling2D`() throws {
    let x = Input(shape: [7, 7, 4])
    let y = UpSampling2D(size: [2, 3])(x)         // [batch, 14, 21, 4]
    try expectShape(y, "[batch, 14, 21, 4]")
  }

  // Sources/Layers/Shaping/UpSampling.swift
  @Test func `the example of UpSampling3D`() throws {
    let x = Input(shape: [4, 4, 4, 2])
    let y = UpSampling3D()(x)                     // [batch, 8, 8, 8, 2]
    try expectShape(y, "[batch, 8, 8, 8, 2]")
  }

  // Sources/Layers/Shaping/ZeroPadding.swift
  @Test func `the example of ZeroPadding1D`() throws {
    let x = Input(shape: [10, 8])
    let y = ZeroPadding1D(2)(x)                   // [batch, 14, 8]
    try expectShape(y, "[batch, 14, 8]")
  }

  // Sources/Layers/Shaping/ZeroPadding.swift
  @Test func `the example of ZeroPadding2D`() throws {
    let x = Input(shape: [28, 28, 1])
    let y = ZeroPadding2D([(1, 0), (2, 3)])(x)    // [batch, 29, 33, 1]
    try expectShape(y, "[batch, 29, 33, 1]")
  }

  // Sources/Layers/Shaping/ZeroPadding.swift
  @Test func `the example of ZeroPadding3D`() throws {
    let x = Input(shape: [4, 4, 4, 2])
    let y = ZeroPadding3D()(x)                    // [batch, 6, 6, 6, 2]
    try expectShape(y, "[batch, 6, 6, 6, 2]")
  }
}
