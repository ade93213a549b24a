import Gnomon

let elementwise: [Workload] = [
  .call("bs_4m", blackScholesBounds.map { Hashed.fill([4_000_000], $0, $1, $2) }) { x in
    let (s, k, t, g) = (x[0], x[1], x[2], x[3])
    let d1 = (log(s / k) + (0.03 + 0.5 * g * g) * t) / (g * sqrt(t))
    let d2 = d1 - g * sqrt(t)
    func cdf(_ z: Expr) -> Expr { 0.5 * (1 + erf(z * 0.7071067811865476)) }
    return [s * cdf(d1) - k * exp(-0.03 * t) * cdf(d2)]
  },
  .call("chain_16m", [5, 6, 7].map { Hashed.fill([16_000_000], $0, -1, 1) }) { x in
    let (a, b, c) = (x[0], x[1], x[2])
    return [maximum(a * b + c, 0) * sigmoid(a)]
  },
  .call("small_affine10", [Hashed.fill([10], 8, -1, 1)]) { x in [x[0] * 2 + 1] },
  .call("small_sum3", [8, 9, 10].map { Hashed.fill([10], $0, -1, 1) }) { x in
    [x[0] + x[1] + x[2]]
  },
]

private let blackScholesBounds: [(UInt32, Double, Double)] = [
  (1, 50, 150), (2, 50, 150), (3, 0.1, 2), (4, 0.1, 0.5),
]
