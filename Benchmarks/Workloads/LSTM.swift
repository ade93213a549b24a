import Gnomon

// The 64 steps are written out one after the other.
let lstm: [Workload] = [
  .call("lstm_fwd", [sequence()] + parameters()) { x in
    [stack(states(x[0], Array(x.dropFirst())))]
  },
  .training("lstm_train") {
    let (x, target) = (sequence(), Hashed.fill([32, 256], 50, -1, 1))
    return Workload.Training(arguments: [x, target], steps: 5) {
      let data = inputs(like: [x, target])
      let p = variables(parameters())
      let loss = mean(square(states(data[0], p)[63] - data[1]))
      let step = try compile(inputs: data, outputs: [loss], updates: descent(p, loss, rate: 0.1))
      return (step, p)
    }
  },
]

private func sequence() -> Tensor { Hashed.fill([64, 32, 128], 46, -1, 1) }

private func parameters() -> [Tensor] {
  [
    Hashed.fill([128, 1024], 47, -0.0625, 0.0625), Hashed.fill([256, 1024], 48, -0.0625, 0.0625),
    Hashed.fill([1024], 49, -0.0625, 0.0625),
  ]
}

/// The state h after each step.
private func states(_ x: Expr, _ p: [Expr]) -> [Expr] {
  let projected = matmul(x, p[0]) + p[2]
  var (h, c) = (Expr.zeros(.float32, [32, 256]), Expr.zeros(.float32, [32, 256]))
  return (0..<64).map { t in
    let gates = (projected[t] + matmul(h, p[1])).split(parts: 4, axis: 1)
    c = sigmoid(gates[1]) * c + sigmoid(gates[0]) * tanh(gates[2])
    h = sigmoid(gates[3]) * tanh(c)
    return h
  }
}
