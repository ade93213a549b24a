// Keras' convolutional network on handwritten digits: two convolutions, pooling, dropout, two dense layers.
//
//     swift run -c release KerasMNIST [--quiet | --dump]
import ExampleSupport
import GnomonLayers

let model = Sequential([
  Conv2D(32, kernelSize: 3, activation: .relu, inputShape: [28, 28, 1]),
  Conv2D(64, kernelSize: 3, activation: .relu),
  MaxPooling2D(poolSize: 2),
  Dropout(0.25),
  Flatten(),
  Dense(128, activation: .relu),
  Dropout(0.5),
  Dense(10, activation: .softmax),
])
try model.compile(
  optimizer: .adam(), loss: .sparseCategoricalCrossEntropy, metrics: [.accuracy])
print(model.summary())

let (training, test) = (try Digits.training(), try Digits.test())
let clock = Stopwatch()
try model.fit(
  training.pictures, training.labels, batchSize: 128, epochs: 12, callbacks: [clock])
print(clock)
let scores = try model.evaluate(test.pictures, test.labels)
try report("accuracy", scores, of: model)
