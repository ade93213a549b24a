import Gnomon

let linkPrediction: [Workload] = [
  .training("link_train_dense") {
    training { e, rest, u, v, y in
      let loss = loss(take(e, u), take(e, v), rest, y)
      return (loss, descent([e] + rest, loss, rate: 0.1))
    }
  },
  .training("link_train_sparse") {
    // The rows of both ends, read and written, the labels and indices, and the other parameters.
    training(touching: 2 * 1024 * 64 * 4 * 2 + 1024 * 20 + 4469 * 4 * 2) { e, rest, u, v, y in
      let (eu, ev) = (take(e, u), take(e, v))
      let loss = loss(eu, ev, rest, y)
      let (du, dv) = gradient(of: loss, withRespectTo: eu, ev)
      let next = scatterAdd(e, concatenate([u, v]), -0.1 * concatenate([du, dv]))
      return (loss, [(e, next)] + descent(rest, loss, rate: 0.1))
    }
  },
]

/// - Parameters:
///   - bytes: what a step must move, where it leaves most of the embedding alone.
///   - step: from the embedding, the other parameters, both ends of each pair and whether they are
///     linked, to the loss and the updates.
private func training(
  touching bytes: Int? = nil,
  _ step: @escaping @Sendable (Expr, [Expr], Expr, Expr, Expr) -> (Expr, [(Expr, Expr)])
) -> Workload.Training {
  let arguments = [
    Hashed.ints(1024, 57, 10000), Hashed.ints(1024, 58, 10000),
    Hashed.ints(1024, 59, 2).cast(to: .float32),
  ]
  let build: @Sendable () throws -> (CompiledFunction, [Expr]) = {
    let data = inputs(like: arguments)
    let e = Expr.variable("e", Hashed.fill([10000, 64], 51, -0.5, 0.5))
    let rest = variables([
      Hashed.glorot([64, 32], 52), Hashed.glorot([64, 32], 53), Hashed.fill([32], 54, -0.1, 0.1),
      Hashed.glorot([32, 10], 55), zeros([10]), Hashed.glorot([10, 1], 56), zeros([1]),
    ])
    let (loss, updates) = step(e, rest, data[0], data[1], data[2])
    return (try compile(inputs: data, outputs: [loss], updates: updates), [e, rest[0]])
  }
  return Workload.Training(arguments: arguments, steps: 20, build: build, touchedBytes: bytes)
}

private func loss(_ eu: Expr, _ ev: Expr, _ p: [Expr], _ y: Expr) -> Expr {
  let z = tanh(matmul(eu * ev, p[0]) + matmul(abs(eu - ev), p[1]) + p[2])
  let s = (matmul(matmul(z, p[3]) + p[4], p[5]) + p[6]).squeezed(axis: 1)
  return mean(softplus(s) - y * s)
}
