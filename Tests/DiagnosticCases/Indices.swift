internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

// Looking elements up by tensors of indices.

let indexCases: [Case] = [
  Case("take/index-dtype") {
    let table = Expr.variable("table", .zeros(.float32, [1000, 16]))
    let words = Expr.input("words", .float32, ["batch"])
    return take(table, words)
  },
  Case("take/axis") {
    let table = Expr.variable("table", .zeros(.float32, [1000, 16]))
    let words = Expr.input("words", .int32, ["batch"])
    return take(table, words, axis: 2)
  },
  Case("take-along-axis/rank") {
    let x = Expr.input("x", .float32, ["batch", 10])
    let labels = Expr.input("labels", .int32, ["batch"])
    return takeAlongAxis(x, labels, axis: 1)
  },
  Case("one-hot/dtype") {
    let labels = Expr.input("labels", .float32, ["batch"])
    return oneHot(labels, classes: 10)
  },
]
