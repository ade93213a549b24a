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
  .call("small_affine10", [Hashed.fill([10], 8, -1, 1)], affine),
  .call("small_sum3", [8, 9, 10].map { Hashed.fill([10], $0, -1, 1) }, sumOfThree),
  // What a call takes beside its work, without the allocation of a result.
  .call("small_affine10_given", [Hashed.fill([10], 8, -1, 1)], isGivenResult: true, affine),
  .call(
    "small_sum3_given", [8, 9, 10].map { Hashed.fill([10], $0, -1, 1) }, isGivenResult: true,
    sumOfThree),
]

/// Only compiled: 50,000 steps that each read the one before and one long before.
let longChain = Workload.call("chain_of_50000", [Hashed.fill([1000], 21, -1, 1)]) { x in
  var steps = [x[0]]
  for i in 0..<50_000 {
    let old = steps[max(0, i - 7)]
    steps.append(i % 3 == 0 ? sin(steps[i]) : i % 3 == 1 ? steps[i] * old : steps[i] - old)
  }
  return [steps[50_000]]
}

@Sendable private func affine(_ x: [Expr]) -> [Expr] { [x[0] * 2 + 1] }
@Sendable private func sumOfThree(_ x: [Expr]) -> [Expr] { [x[0] + x[1] + x[2]] }

private let blackScholesBounds: [(UInt32, Double, Double)] = [
  (1, 50, 150), (2, 50, 150), (3, 0.1, 2), (4, 0.1, 0.5),
]
