// Two digits through one tower: do they show the same number?
//
//     swift run -c release SharedLayers [--quiet | --dump]
import ExampleSupport
import GnomonLayers

// A shared layer is one object called twice: its weights learn from both sides.
let tower = Sequential([
  Dense(128, activation: .relu, inputShape: [784]), Dropout(0.1), Dense(32, name: "embedding"),
])
let (left, right) = (Input(shape: [784], name: "left"), Input(shape: [784], name: "right"))
// Which of the 32 numbers must agree is learnt too.
let isSame = Dense(1, activation: .sigmoid)(abs(tower(left) - tower(right)))
let model = Model(inputs: [left, right], outputs: isSame)

try model.compile(
  optimizer: .adam(), loss: .binaryCrossEntropy, metrics: [.binaryAccuracy])
print(model.summary())

/// Pairs of digits, half of which show the same number.
func pairs(_ digits: Digits, seed: UInt64) throws -> (inputs: [Tensor], labels: Tensor) {
  let labels = try digits.labels.array(of: Int32.self)
  let places = Dictionary(grouping: labels.indices, by: { labels[$0] })
  let draws = Tensor.uniform(.float64, [digits.count, 2], seed: seed).doubles
  var partners: [Int] = []
  for (i, label) in labels.enumerated() {
    let other = (label + 1 + Int32(draws[2 * i + 1] * 9)) % 10
    let pool = places[i % 2 == 0 ? label : other]!
    partners.append(pool[Int(draws[2 * i] * Double(pool.count))])
  }
  let same = zip(labels, partners).map { $0 == labels[$1] ? Float(1) : 0 }
  let images = try digits.floats
  return ([images, try images.gatherRows(partners)], try Tensor(same).reshaped([digits.count, 1]))
}

// Each epoch compares other pairs.
for epoch in 1...20 {
  let training = try pairs(.training(), seed: UInt64(epoch))
  try model.fit(
    training.inputs, [training.labels], batchSize: 64, epochs: epoch, initialEpoch: epoch - 1)
}
let test = try pairs(.test(), seed: 1000)
let scores = try model.evaluate(test.inputs, [test.labels])
try report("binary_accuracy", as: "test accuracy", scores, of: model)
