// A text written letter by letter: an LSTM learns sonnets of Shakespeare's and continues them.
//
//     swift run -c release CharLSTM [--quiet | --dump]
import ExampleSupport
import Foundation
import GnomonLayers

let text = try String(contentsOfFile: DataFolder.path("sonnets/sonnets.txt"), encoding: .utf8)
let letters = StringLookup(vocabulary: Set(text).map(String.init).sorted())
let window = 48

/// Every window of a text and the window one letter later, int64 `[n, window]`.
func windows(_ text: Substring, step: Int) throws -> (inputs: Tensor, targets: Tensor) {
  let all = text.map { letters.index(of: String($0)) }
  let starts = stride(from: 0, to: all.count - window, by: step)
  func cut(_ shift: Int) throws -> Tensor {
    try Tensor(starts.flatMap { all[($0 + shift)..<($0 + shift + window)] }.map(Int32.init))
      .reshaped([starts.underestimatedCount, window])
  }
  return (try cut(0), try cut(1))
}

let model = Sequential([
  Embedding(letters.count, 32, inputLength: window),
  LSTM(128, returnSequences: true),
  Dense(letters.count, activation: .softmax),
])
try model.compile(
  optimizer: .adam(learningRate: 0.005), loss: .sparseCategoricalCrossEntropy,
  metrics: [.accuracy])
print(model.summary())

// The last sonnet is kept for the test.
let end = text.range(of: "\n\n", options: .backwards)!.lowerBound
let training = try windows(text[..<end], step: 3)
let test = try windows(text[end...], step: window)
try model.fit(training.inputs, training.targets, batchSize: 64, epochs: 8)
let scores = try model.evaluate(test.inputs, test.targets)
try report("accuracy", scores, of: model)

// The likeliest letters, one after the other, with a little chance.
var written = String(text.prefix(window))
let draws = Tensor.uniform(.float64, [300], seed: 1).doubles
for draw in draws {
  let last = written.suffix(window).map { Int32(letters.index(of: String($0))) }
  let probabilities = try model.predict(Tensor(last).reshaped([1, window])).row(0).row(window - 1)
  var weights = probabilities.doubles.map { pow($0, 2) }
  weights[0] = 0
  var rest = draw * weights.reduce(0, +)
  let next = weights.firstIndex { weight in
    rest -= weight
    return rest <= 0
  }
  written += letters.words([next ?? 1])[0] ?? ""
}
print("\n\(written)")
