import Gnomon

let mlp: [Workload] =
  [
    .training("mlp_train_b128") {
      let (x, y) = (images(128), Hashed.ints(128, 33, 10))
      return Workload.Training(arguments: [x, y], steps: 20) {
        let data = inputs(like: [x, y])
        let p = variables(parameters())
        let loss = mean(softmaxCrossEntropy(logits: logits(data[0], p), labels: data[1]))
        let step = try compile(
          inputs: data, outputs: [loss], updates: momentum(p, loss, rate: 0.01))
        return (step, [p[0], p[4]])
      }
    }
  ]
  + [1, 128].map { batch in
    .call("mlp_infer_b\(batch)", [images(batch)] + parameters()) { x in
      [softmax(logits(x[0], Array(x.dropFirst())))]
    }
  }

private func images(_ batch: Int) -> Tensor { Hashed.fill([batch, 784], 32, 0, 1) }

private func parameters() -> [Tensor] {
  [
    Hashed.glorot([784, 512], 34), zeros([512]), Hashed.glorot([512, 512], 35), zeros([512]),
    Hashed.glorot([512, 10], 36), zeros([10]),
  ]
}

private func logits(_ x: Expr, _ p: [Expr]) -> Expr {
  let h1 = relu(matmul(x, p[0]) + p[1])
  let h2 = relu(matmul(h1, p[2]) + p[3])
  return matmul(h2, p[4]) + p[5]
}
