// A layer of one's own, as in a tutorial on custom layers in Keras: `MyDense` in a model on digits.
//
//     swift run -c release MyDense [--quiet | --dump]
import ExampleSupport
import GnomonLayers

/// A fully connected layer without a bias: `x · kernel`.
final class MyDense: Layer {
  let units: Int
  private var kernel: Expr!

  init(_ units: Int) {
    self.units = units
    super.init()
  }

  override func build(inputShape: [Dim]) {
    kernel = addWeight(
      "kernel", shape: [inputShape[1], Dim(units)], initializer: .randomUniform)
  }

  override func call(_ x: Expr) -> Expr { matmul(x, kernel) }

  override func computeOutputShape(_ inputShape: [Dim]) -> [Dim] { [inputShape[0], Dim(units)] }
}

let model = Sequential([
  InputLayer(shape: [784]),
  MyDense(64), Activation(.relu),
  MyDense(10), Activation(.softmax),
])
try model.compile(
  optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
print(model.summary())

let (training, test) = (try Digits.training(), try Digits.test())
try model.fit(training.floats, training.labels, batchSize: 32, epochs: 8)
let scores = try model.evaluate(test.floats, test.labels)
try report("accuracy", scores, of: model)
