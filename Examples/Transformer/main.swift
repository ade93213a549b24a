// A small transformer that reads a digit as 16 patches of 7 by 7 pixels.
//
//     swift run -c release Transformer [--quiet | --dump]
import ExampleSupport
import GnomonLayers

/// The place of each patch, learnt: `x + table`.
final class Positions: Layer {
  private var table: Expr!

  override func build(inputShape: [Dim]) {
    table = addWeight("table", shape: Array(inputShape[1...]), initializer: .randomUniform)
  }

  override func call(_ x: Expr) -> Expr { x + table }
}

/// Self-attention and two dense layers, each with a way around and normalized before.
func encoder(_ x: Expr, width: Int) -> Expr {
  let n = LayerNormalization()(x)
  let a = x + MultiHeadAttention(heads: 4, keySize: width / 4)(n, n)
  let m = LayerNormalization()(a)
  return a + Dense(width)(Dense(2 * width, activation: .gelu)(m))
}

let image = Input(shape: [28, 28])
// [batch, 28, 28] -> 4 by 4 patches, each 7 by 7 pixels in a row.
let patches = Permute(1, 3, 2, 4)(Reshape([4, 7, 4, 7])(image))
var x = Positions()(Dense(64)(Reshape([16, 49])(patches)))
for _ in 0..<2 { x = encoder(x, width: 64) }
let digit = Dense(10, activation: .softmax)(
  GlobalAveragePooling1D()(LayerNormalization()(x)))
let model = Model(inputs: image, outputs: digit)

try model.compile(
  optimizer: .adam(), loss: .sparseCategoricalCrossEntropy, metrics: [.accuracy])
print(model.summary())

let (training, test) = (try Digits.training(), try Digits.test())
try model.fit(
  training.rows, training.labels, batchSize: 64, epochs: 15)
let scores = try model.evaluate(test.rows, test.labels)
try report("accuracy", scores, of: model)
