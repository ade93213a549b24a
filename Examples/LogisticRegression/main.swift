// Logistic regression on handwritten digits.
//
//     swift run -c release LogisticRegression [--quiet | --dump]
import ExampleSupport
import Gnomon

let images = Expr.input("images", .uint8, ["batch", 784])
let labels = Expr.input("labels", .int32, ["batch"])
let w = Expr.variable("w", .zeros(.float32, [784, 10]))
let b = Expr.variable("b", .zeros(.float32, [10]))

let x = images.cast(to: .float32) / 255
let logits = matmul(x, w) + b
let loss = mean(softmaxCrossEntropy(logits: logits, labels: labels)) + 0.0001 * sum(square(w))
let (dw, db) = gradient(of: loss, withRespectTo: w, b)

let step = try compile(
  inputs: [images, labels], outputs: [loss], updates: [w: w - 0.1 * dw, b: b - 0.1 * db],
  options: CompileOptions(name: "step"))

let isRight = argmax(logits, axis: 1).cast(to: .int32) .== labels
let accuracy = try compile(
  inputs: [images, labels], outputs: [mean(isRight.cast(to: .float32))],
  options: CompileOptions(name: "accuracy"))

try train(step, on: .training(), epochs: 10)
try report(accuracy, on: .test(), step: step)
