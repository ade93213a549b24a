// The functional model of Keras' guide on handwritten digits: 784-64-64-10 with rmsprop.
//
//     swift run -c release FunctionalMLP [--quiet | --dump]
import ExampleSupport
import GnomonLayers

let images = Input(shape: [784])
var x = Dense(64, activation: "relu")(images)
x = Dense(64, activation: "relu")(x)
let predictions = Dense(10, activation: "softmax")(x)

let model = Model(inputs: images, outputs: predictions)
try model.compile(optimizer: "rmsprop", loss: "categorical_crossentropy", metrics: ["accuracy"])
print(model.summary())

let (training, test) = (try Digits.training(), try Digits.test())
let clock = Stopwatch()
try model.fit(
  training.floats, training.oneHotLabels, batchSize: 32, epochs: 12, callbacks: [clock])
print(clock)
let scores = try model.evaluate(test.floats, test.oneHotLabels)
try report("accuracy", scores, of: model)
