import Gnomon
import GnomonTensors

/// The operations that layers are made of, by the names of `scripts/neural_values.py`.
enum NeuralCases {
  static let all: [ConformanceTests.Case] = [
    .init(name: "transposed") { x in
      [
        conv2dTransposed(x[0], x[1], strides: 2), conv2dTransposed(x[0], x[1], padding: .same),
        conv2dTransposed(x[0], x[1], strides: 3), conv1dTransposed(x[2], x[3], strides: 2),
        conv3dTransposed(x[4], x[5], strides: 2),
      ]
    },
    .init(name: "depthwise") { x in
      [
        depthwiseConv2d(x[0], x[1], padding: .same), depthwiseConv2d(x[0], x[1], strides: 2),
        separableConv2d(x[0], depthwise: x[1], pointwise: x[2]), depthwiseConv1d(x[3], x[4]),
        depthwiseConv2d(x[0], x[1], dilations: 2),
      ]
    },
    .init(name: "convolutions") { x in
      [
        conv1d(x[0], x[1], strides: 2, padding: .same),
        conv1d(x[0], x[1], padding: .causal, dilations: 2),
        conv3d(x[2], x[3], strides: [1, 2, 2], padding: .same),
      ]
    },
    .init(name: "pooling") { x in
      [
        maxPool1d(x[0], size: 3, strides: 2, padding: .same), averagePool1d(x[0], size: 2),
        averagePool2d(x[1], size: [3, 2], strides: 2, padding: .same), maxPool3d(x[2], size: 2),
        averagePool3d(x[2], size: [1, 2, 3], strides: 1), globalMaxPool(x[1]),
        globalAveragePool(x[1]), adaptiveAveragePool(x[1], to: [3, 4]),
        adaptiveMaxPool(x[1], to: [3, 4]),
      ]
    },
    .init(name: "patches") { x in
      [
        extractPatches(x[0], size: [3, 2], strides: 2),
        extractPatches(x[0], size: 2, padding: .same),
      ]
    },
    // Not sparsemax: the peer's threshold sums all running totals of the support, not its last.
    .init(name: "activations") { x in
      let v = x[0]
      return [
        relu6(v), leakyRelu(v), elu(v), selu(v), celu(v, alpha: 1.5), gelu(v, approximate: true),
        silu(v), hardSilu(v), hardSigmoid(v), hardTanh(v), mish(v), softsign(v), logSigmoid(v),
        tanhShrink(v), softShrink(v), hardShrink(v), threshold(v, level: 1, value: 9),
        squareplus(v), sparsePlus(v), sparseSigmoid(v), glu(v),
      ]
    },
    // In float32 in the peer.
    .init(name: "normalizations", tolerance: 1e-6) { x in
      [
        batchNormalization(x[0], mean: x[3], variance: x[4], scale: x[1], offset: x[2]),
        groupNormalization(x[0], groups: 2), rmsNormalization(x[0], scale: x[1]),
        instanceNormalization(x[0], scale: x[1], offset: x[2]), unitNormalized(x[0]),
        localResponseNormalization(x[0], alpha: 0.5, beta: 0.75),
      ]
    },
    .init(name: "attention") { x in
      [
        attention(x[0], x[1], x[2]), attention(x[0], x[1], x[2], mask: x[3], bias: x[4]),
        attention(x[0], x[1], x[2], isCausal: true),
      ]
    },
    // Images in float32 in the peer.
    .init(name: "resize", tolerance: 1e-6) { x in
      [
        resized(x[0], to: [14, 9]), resized(x[0], to: [3, 4]),
        resized(x[0], to: [14, 9], method: .cubic), resized(x[0], to: [3, 4], method: .lanczos3),
        resized(x[0], to: [14, 3], method: .nearest),
      ]
    },
    .init(name: "ctc") {
      [ctcLoss(logits: $0[0], labels: $0[1], logitLengths: $0[2], labelLengths: $0[3])]
    },
    .init(name: "sampling") { [mapCoordinates($0[0], [$0[1], $0[2]])] },
    .init(name: "classes") { x in
      [
        categoricalCrossEntropy(probabilities: x[0], targets: x[1]),
        confusionMatrix(labels: x[2], predictions: x[3], classes: 4), inTopK(x[5], x[4], k: 4),
      ]
    },
  ]
}
