import Gnomon

let cnn: [Workload] =
  [
    .training("cnn_train_nodrop_b128") { training(dropout: false) },
    .training("cnn_train_b128") { training(dropout: true) },
  ]
  + [1, 128].map { batch in
    .call("cnn_infer_b\(batch)", [images(batch)] + parameters()) { x in
      [softmax(logits(x[0], Array(x.dropFirst())))]
    }
  } + [
    .call("conv_fwd", [windows(), kernel()]) { x in [conv2d(x[0], x[1])] },
    .call(
      "conv_fwdbwd", [windows(), kernel(), Hashed.fill([128, 24, 24, 64], 45, -1, 1)],
      check: summariesButFirst
    ) { x in
      let loss = sum(conv2d(x[0], x[1]) * x[2])
      return [loss] + gradient(of: loss, withRespectTo: Array(x.prefix(2)))
    },
  ]

private func training(dropout: Bool) -> Workload.Training {
  let (x, y) = (images(128), Hashed.ints(128, 38, 10))
  return Workload.Training(
    arguments: [x, y], steps: 3,
    build: {
      let data = inputs(like: [x, y])
      let p = variables(parameters())
      // A fresh mask every step: the key is state, and becomes another one.
      let words = Expr.variable("key", RandomKey.words(seed: 0))
      let key = RandomKey(words)
      let outputs = logits(data[0], p, dropout ? key : nil)
      let loss = mean(softmaxCrossEntropy(logits: outputs, labels: data[1]))
      let draws = dropout ? [(words, key.folded(0).expr)] : []
      let step = try compile(inputs: data, outputs: [loss], updates: adam(p, loss) + draws)
      return (step, [p[2], p[6]])
    }, isChecked: !dropout)
}

private func images(_ batch: Int) -> Tensor { Hashed.fill([batch, 28, 28, 1], 37, 0, 1) }

private func windows() -> Tensor { Hashed.fill([128, 26, 26, 32], 43, -1, 1) }

private func kernel() -> Tensor { Hashed.glorot([3, 3, 32, 64], 44, fans: (288, 576)) }

private func parameters() -> [Tensor] {
  [
    Hashed.glorot([3, 3, 1, 32], 39, fans: (9, 288)), zeros([32]),
    Hashed.glorot([3, 3, 32, 64], 40, fans: (288, 576)), zeros([64]),
    Hashed.glorot([9216, 128], 41), zeros([128]), Hashed.glorot([128, 10], 42), zeros([10]),
  ]
}

private func logits(_ x: Expr, _ p: [Expr], _ key: RandomKey? = nil) -> Expr {
  func dropped(_ h: Expr, _ rate: Double, _ number: Int) -> Expr {
    key.map { dropout(h, rate: rate, key: $0.folded(number)) } ?? h
  }
  var h = relu(conv2d(x, p[0]) + p[1])
  h = relu(conv2d(h, p[2]) + p[3])
  h = dropped(maxPool2d(h, size: 2), 0.25, 1)
  h = relu(matmul(h.reshaped([x.shape[0], 9216]), p[4]) + p[5])
  return matmul(dropped(h, 0.5, 2), p[6]) + p[7]
}
