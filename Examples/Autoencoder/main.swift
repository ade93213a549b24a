// Digits squeezed through 32 numbers and back: 784-128-32-128-784.
//
//     swift run -c release Autoencoder [--quiet | --dump]
import ExampleSupport
import GnomonLayers

let image = Input(shape: [784])
let code = Dense(32, activation: .relu, name: "code")(Dense(128, activation: .relu)(image))
let output = Dense(784, activation: .sigmoid)(Dense(128, activation: .relu)(code))
let model = Model(inputs: image, outputs: output)
// The two halves share their layers with the whole.
let encoder = Model(inputs: image, outputs: code)

try model.compile(optimizer: .adam(), loss: .meanSquaredError)
print(model.summary())

let (training, test) = (try Digits.training(), try Digits.test())
try model.fit(training.floats, training.floats, batchSize: 32, epochs: 20)
let scores = try model.evaluate(test.floats, test.floats)
print("a digit becomes \(try encoder.predict(test.floats).shape[1]) numbers")
try report("loss", as: "test MSE", scores, of: model)
