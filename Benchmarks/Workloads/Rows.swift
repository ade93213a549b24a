import Gnomon

let rows: [Workload] = [
  .call("softmax_4096x1000", [Hashed.fill([4096, 1000], 11, -4, 4)]) { x in [softmax(x[0])] },
  .call(
    "lsm_nll_grad_4096x1000",
    [Hashed.fill([4096, 1000], 11, -4, 4), Hashed.ints(4096, 12, 1000)],
    check: lossAndSummary
  ) { x in
    let loss = mean(softmaxCrossEntropy(logits: x[0], labels: x[1]))
    return [loss, gradient(of: loss, withRespectTo: x[0])]
  },
  .call("ln_gelu_fwd", Array(normalizationArguments().prefix(3))) { x in
    [gelu(layerNormalization(x[0], scale: x[1], offset: x[2]))]
  },
  .call(
    "ln_gelu_fwdbwd", normalizationArguments(),
    check: summariesButFirst
  ) { x in
    let loss = sum(gelu(layerNormalization(x[0], scale: x[1], offset: x[2])) * x[3])
    return [loss] + gradient(of: loss, withRespectTo: Array(x.prefix(3)))
  },
]

private func normalizationArguments() -> [Tensor] {
  [
    Hashed.fill([4096, 1024], 13, -2, 2), Hashed.fill([1024], 14, 0.5, 1.5),
    Hashed.fill([1024], 15, -0.5, 0.5), Hashed.fill([4096, 1024], 16, -1, 1),
  ]
}

private func lossAndSummary(_ results: [Tensor]) throws -> [Double] {
  [try results[0].item()] + summary(results[1])
}
