import Gnomon

let transformer: [Workload] = [
  .call("xformer_fwd", [tokens(72)] + parameters()) { x in
    [block(x[0], Array(x.dropFirst()))]
  },
  .call(
    "xformer_fwdbwd", [tokens(72)] + parameters() + [tokens(73)],
    check: lossAndTwoGradients
  ) { x in
    let loss = sum(block(x[0], Array(x[1...12])) * x[13])
    return [loss] + gradient(of: loss, withRespectTo: Array(x[0...12]))
  },
]

/// The loss, and the gradients of x and of the weights of queries, keys and values.
private func lossAndTwoGradients(_ results: [Tensor]) throws -> [Double] {
  [try results[0].item()] + summary(results[1]) + summary(results[4])
}

private func tokens(_ seed: UInt32) -> Tensor { Hashed.fill([8, 128, 256], seed, -1, 1) }

private func parameters() -> [Tensor] {
  [
    Hashed.fill([256], 60, 0.9, 1.1), Hashed.fill([256], 61, -0.1, 0.1),
    Hashed.glorot([256, 768], 62), Hashed.fill([768], 63, -0.1, 0.1),
    Hashed.glorot([256, 256], 64), Hashed.fill([256], 65, -0.1, 0.1),
    Hashed.fill([256], 66, 0.9, 1.1), Hashed.fill([256], 67, -0.1, 0.1),
    Hashed.glorot([256, 1024], 68), Hashed.fill([1024], 69, -0.1, 0.1),
    Hashed.glorot([1024, 256], 70), Hashed.fill([256], 71, -0.1, 0.1),
  ]
}

/// An encoder block, normalized before: eight heads of 32, no mask.
private func block(_ x: Expr, _ p: [Expr]) -> Expr {
  let h = layerNormalization(x, scale: p[0], offset: p[1])
  let qkv = (matmul(h, p[2]) + p[3]).reshaped([8, 128, 3, 8, 32]).permuted(2, 0, 3, 1, 4)
  let (q, k, v) = (qkv[0], qkv[1], qkv[2])
  let attention = softmax(matmul(q, k.swapAxes(2, 3)) * 0.17677669529663687)
  let o = matmul(attention, v).permuted(0, 2, 1, 3).reshaped([8, 128, 256])
  let y = x + matmul(o, p[4]) + p[5]
  let g = gelu(matmul(layerNormalization(y, scale: p[6], offset: p[7]), p[8]) + p[9])
  return y + matmul(g, p[10]) + p[11]
}
