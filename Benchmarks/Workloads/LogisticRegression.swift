import Gnomon

let logisticRegression: [Workload] = [
  .training("logreg_step") {
    let x = Hashed.fill([400, 784], 29, -1.7, 1.7)
    let y = Hashed.ints(400, 30, 2).cast(to: .float32)
    return Workload.Training(arguments: [x, y], steps: 1000) {
      let data = inputs(like: [x, y])
      let w = Expr.variable("w", Hashed.fill([784], 31, -1.7, 1.7))
      let b = Expr.variable("b", zeros([]))
      let z = matmul(data[0], w) + b
      let loss = mean(softplus(z) - data[1] * z) + 0.01 * sum(w * w)
      let step = try compile(
        inputs: data, outputs: [loss], updates: descent([w, b], loss, rate: 0.1))
      return (step, [w])
    }
  }
]
