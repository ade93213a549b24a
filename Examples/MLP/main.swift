// A multilayer perceptron on handwritten digits: 784-512-512-10, SGD with momentum.
//
//     swift run -c release MLP [--quiet | --dump]
import ExampleSupport
import Gnomon

let images = Expr.input("images", .uint8, ["batch", 784])
let labels = Expr.input("labels", .int32, ["batch"])

let w1 = Expr.variable("w1", .glorotUniform(.float32, [784, 512], seed: 1))
let b1 = Expr.variable("b1", .zeros(.float32, [512]))
let w2 = Expr.variable("w2", .glorotUniform(.float32, [512, 512], seed: 2))
let b2 = Expr.variable("b2", .zeros(.float32, [512]))
let w3 = Expr.variable("w3", .glorotUniform(.float32, [512, 10], seed: 3))
let b3 = Expr.variable("b3", .zeros(.float32, [10]))

let x = images.cast(to: .float32) / 255
let h1 = relu(matmul(x, w1) + b1)
let h2 = relu(matmul(h1, w2) + b2)
let logits = matmul(h2, w3) + b3
let loss = mean(softmaxCrossEntropy(logits: logits, labels: labels))

// Each parameter has a velocity: v becomes 0.9 v + dp, and p becomes p - 0.1 (0.9 v + dp).
func velocity(of p: Expr, _ name: String) -> Expr {
  .variable("v_\(name)", .zeros(.float32, p.shape.compactMap(\.constant)))
}
let (v1, c1) = (velocity(of: w1, "w1"), velocity(of: b1, "b1"))
let (v2, c2) = (velocity(of: w2, "w2"), velocity(of: b2, "b2"))
let (v3, c3) = (velocity(of: w3, "w3"), velocity(of: b3, "b3"))

let (dw1, db1, dw2, db2, dw3, db3) = gradient(of: loss, withRespectTo: w1, b1, w2, b2, w3, b3)
let (nv1, nc1) = (0.9 * v1 + dw1, 0.9 * c1 + db1)
let (nv2, nc2) = (0.9 * v2 + dw2, 0.9 * c2 + db2)
let (nv3, nc3) = (0.9 * v3 + dw3, 0.9 * c3 + db3)

let rate = 0.1
let step = try compile(
  inputs: [images, labels], outputs: [loss],
  updates: [
    v1: nv1, v2: nv2, v3: nv3, w1: w1 - rate * nv1, w2: w2 - rate * nv2, w3: w3 - rate * nv3,
    c1: nc1, c2: nc2, c3: nc3, b1: b1 - rate * nc1, b2: b2 - rate * nc2, b3: b3 - rate * nc3,
  ],
  options: CompileOptions(name: "step"))

let isRight = argmax(logits, axis: 1).cast(to: .int32) .== labels
let accuracy = try compile(
  inputs: [images, labels], outputs: [mean(isRight.cast(to: .float32))],
  options: CompileOptions(name: "accuracy"))

try train(step, on: .training(), epochs: 8)
try report(accuracy, on: .test(), step: step)
