// Started by SavingTests, and killed halfway.
//
//     save-stress save FILE        saves a model again and again; all its weights are the number of the save
//     save-stress predict FILE     the bits of what the model in a file says of fixed samples
internal import GnomonLayers

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

guard CommandLine.arguments.count == 3 else { exit(2) }
let path = CommandLine.arguments[2]
do {
  switch CommandLine.arguments[1] {
  case "save":
    let model = Sequential([Dense(256, inputShape: [512], name: "a"), Dense(256, name: "b")])
    for number in 1... {
      try model.setWeights(
        model.weightValues.map { .full(Double(number), $0.dtype, $0.shape) })
      try model.save(to: path)
    }
  case "predict":
    let model = try Model.load(from: path)
    let samples = Tensor.normal(.float32, [9, 4], seed: 11)
    let words = try model.predict(samples).array(of: Float.self).map(\.bitPattern)
    print(words.map { String($0, radix: 16) }.joined(separator: " "))
  default: exit(2)
  }
} catch {
  print(error)
  exit(1)
}
