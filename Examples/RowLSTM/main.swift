// A digit read row by row: an LSTM of 128 over 28 rows of 28 pixels.
//
//     swift run -c release RowLSTM [--quiet | --dump]
import ExampleSupport
import GnomonLayers

let model = Sequential([
  LSTM(128, inputShape: [28, 28]),
  Dense(10, activation: .softmax),
])
try model.compile(
  optimizer: .adam(), loss: .sparseCategoricalCrossEntropy, metrics: [.accuracy])
print(model.summary())

let (training, test) = (try Digits.training(), try Digits.test())
try model.fit(
  training.rows, training.labels, batchSize: 32, epochs: 10)
let scores = try model.evaluate(test.rows, test.labels)
try report("accuracy", scores, of: model)
