import Gnomon

let lstm: [Workload] = [
  .call("lstm_fwd", [sequence()] + parameters()) { x in
    [states(x[0], Array(x.dropFirst())).every]
  },
  .training("lstm_train") {
    let (x, target) = (sequence(), Hashed.fill([32, 256], 50, -1, 1))
    return Workload.Training(arguments: [x, target], steps: 5) {
      let data = inputs(like: [x, target])
      return try lstmTraining(data[0], data[1], inputs: data)
    }
  },
]

/// A step of descent on the squared distance of the last state from a target.
///
/// - Parameters:
///   - x: the steps `[64, batch, 128]`.
///   - target: `[batch, 256]`.
///   - inputs: the arguments of the step, of which `x` and `target` are made.
func lstmTraining(
  _ x: Expr, _ target: Expr, inputs: [Expr]
) throws -> (step: CompiledFunction, shown: [Expr]) {
  let p = variables(parameters())
  let loss = mean(square(states(x, p).last - target))
  let step = try compile(inputs: inputs, outputs: [loss], updates: descent(p, loss, rate: 0.1))
  return (step, p)
}

private func sequence() -> Tensor { Hashed.fill([64, 32, 128], 46, -1, 1) }

private func parameters() -> [Tensor] {
  [
    Hashed.fill([128, 1024], 47, -0.0625, 0.0625), Hashed.fill([256, 1024], 48, -0.0625, 0.0625),
    Hashed.fill([1024], 49, -0.0625, 0.0625),
  ]
}

/// The state h after each step.
private func states(_ x: Expr, _ p: [Expr]) -> Scanned {
  let zero = Expr.zeros(.float32, [x.shape[1], 256])
  return scan(x, from: (zero, zero)) { h, c, x in
    let gates = (matmul(x, p[0]) + matmul(h, p[1]) + p[2]).split(parts: 4, axis: 1)
    let next = sigmoid(gates[1]) * c + sigmoid(gates[0]) * tanh(gates[2])
    return (sigmoid(gates[3]) * tanh(next), next)
  }.0
}
