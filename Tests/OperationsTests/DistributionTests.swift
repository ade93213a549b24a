import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

/// Means and variances of the random distributions. With 4,000 draws each a correct one is outside five
/// standard errors about once in two million runs; the keys are fixed, so the tests do not vary.
@Suite struct DistributionTests {
  struct Distribution: Sendable {
    let name: String
    let mean: Double
    let variance: Double
    let draw: @Sendable (RandomKey, [Dim]) -> Expr
  }

  static let all: [Distribution] = [
    .init(name: "exponential", mean: 0.5, variance: 0.25) {
      randomExponential(key: $0, shape: $1, rate: 2)
    },
    .init(name: "gumbel", mean: 0.5772156649, variance: 1.6449340668) {
      gumbel(key: $0, shape: $1)
    },
    .init(name: "laplace", mean: 1, variance: 8) {
      laplace(key: $0, shape: $1, location: 1, scale: 2)
    },
    .init(name: "logistic", mean: 0, variance: 3.2898681337) { logistic(key: $0, shape: $1) },
    .init(name: "weibull", mean: 0.8862269255, variance: 0.2146018366) {
      weibull(key: $0, shape: $1, power: 2)
    },
    .init(name: "rayleigh", mean: 1.2533141373, variance: 0.4292036732) {
      rayleigh(key: $0, shape: $1)
    },
    .init(name: "maxwell", mean: 1.5957691216, variance: 0.4535209105) {
      maxwell(key: $0, shape: $1)
    },
    .init(name: "pareto", mean: 1.25, variance: 0.1041666667) {
      pareto(key: $0, shape: $1, power: 5)
    },
    .init(name: "triangular", mean: 4.0 / 3, variance: 7.0 / 18) {
      triangular(key: $0, shape: $1, low: 0, mode: 1, high: 3)
    },
    .init(name: "truncatedNormal", mean: 0, variance: 0.7737413036) {
      truncatedNormal(key: $0, shape: $1)
    },
    .init(name: "halfNormal", mean: 0.7978845608, variance: 0.3633802276) {
      halfNormal(key: $0, shape: $1)
    },
    .init(name: "logNormal", mean: 1.1331484531, variance: 0.3646958540) {
      logNormal(key: $0, shape: $1, standardDeviation: 0.5)
    },
    .init(name: "wald", mean: 1, variance: 0.5) { wald(key: $0, shape: $1, mean: 1, scale: 2) },
    .init(name: "gamma", mean: 2.5, variance: 2.5) {
      randomGamma(key: $0, shapeParameter: 2.5, shape: $1)
    },
    .init(name: "gamma below 1", mean: 0.4, variance: 0.4) {
      randomGamma(key: $0, shapeParameter: 0.4, shape: $1)
    },
    .init(name: "inverseGamma", mean: 0.25, variance: 0.0208333333) {
      inverseGamma(key: $0, shapeParameter: 5, shape: $1)
    },
    .init(name: "generalizedGamma", mean: 1.3293403882, variance: 0.2328541) {
      generalizedGamma(key: $0, shapeParameter: 2, power: 2, shape: $1)
    },
    .init(name: "chiSquare", mean: 3, variance: 6) {
      chiSquare(key: $0, degreesOfFreedom: 3, shape: $1)
    },
    .init(name: "studentT", mean: 0, variance: 1.25) {
      studentT(key: $0, degreesOfFreedom: 10, shape: $1)
    },
    .init(name: "beta", mean: 0.4, variance: 0.04) { randomBeta(key: $0, a: 2, b: 3, shape: $1) },
    .init(name: "poisson, few", mean: 3.5, variance: 3.5) {
      poisson(key: $0, rate: 3.5, shape: $1)
    },
    .init(name: "poisson, many", mean: 40, variance: 40) { poisson(key: $0, rate: 40, shape: $1) },
    .init(name: "binomial, few", mean: 3, variance: 2.1) {
      binomial(key: $0, count: 10, probability: 0.3, shape: $1)
    },
    .init(name: "binomial, many", mean: 70, variance: 21) {
      binomial(key: $0, count: 100, probability: 0.7, shape: $1)
    },
    .init(name: "negativeBinomial", mean: 4, variance: 8) {
      negativeBinomial(key: $0, count: 4, probability: 0.5, shape: $1)
    },
    .init(name: "betaBinomial", mean: 4, variance: 6) {
      betaBinomial(key: $0, count: 10, a: 2, b: 3, shape: $1)
    },
    .init(name: "geometric", mean: 4, variance: 12) {
      geometric(key: $0, probability: 0.25, shape: $1)
    },
    .init(name: "rademacher", mean: 0, variance: 1) { rademacher(key: $0, shape: $1) },
    .init(name: "integers", mean: 4.5, variance: 8.25) {
      randomIntegers(key: $0, shape: $1, below: 10).cast(to: .float32)
    },
    .init(name: "truncatedExponential", mean: 0.4180232931, variance: 0.0793264) {
      truncatedExponential(key: $0, shape: $1, bound: 1)
    },
    // Cauchy's distribution has no mean; the angle is uniform.
    .init(name: "cauchy", mean: 0, variance: 0.8224670334) {
      atan((cauchy(key: $0, shape: $1, location: 2, scale: 3) - 2) / 3)
    },
    .init(name: "halfCauchy", mean: 0.7853981634, variance: 0.2056167584) {
      atan(halfCauchy(key: $0, shape: $1))
    },
    // I₁(2) / I₀(2), and half of 1 + I₂(2) / I₀(2) less its square.
    .init(name: "vonMises", mean: 0.6977746579, variance: 0.1642231) {
      cos(vonMises(key: $0, concentration: 2, shape: $1))
    },
    .init(name: "vonMises, nearly uniform", mean: 0.0025, variance: 0.4999937) {
      cos(vonMises(key: $0, concentration: 0.005, shape: $1))
    },
    .init(name: "hypergeometric", mean: 2.8, variance: 1.1494736842) {
      hypergeometric(key: $0, good: 7, bad: 13, draws: 8, shape: $1)
    },
    .init(name: "multivariateNormal", mean: -1, variance: 4.25) { key, shape in
      let x = multivariateNormal(
        key: key, mean: .constant(Tensor([1, 2] as [Float])),
        factor: .constant(Tensor([[1, 0], [0.5, 2]] as [[Float]])), shape: shape)
      return x[.ellipsis, 0] - x[.ellipsis, 1]
    },
  ]

  @Test(arguments: all.map(\.name))
  func `mean and variance are those of the distribution`(name: String) throws {
    let d = try #require(Self.all.first { $0.name == name })
    let n = 4000
    let x = try Reference.run(d.draw(RandomKey(seed: 77), [Dim(n)])).doubles
    let mean = x.reduce(0, +) / Double(n)
    let variance = x.reduce(0) { $0 + ($1 - d.mean) * ($1 - d.mean) } / Double(n)
    let fourth = x.reduce(0) { $0 + pow4($1 - d.mean) } / Double(n)
    let isFinite = x.allSatisfy { $0.isFinite }
    #expect(isFinite)
    #expect((mean - d.mean).magnitude < 5 * (d.variance / Double(n)).squareRoot(), "mean \(mean)")
    let spread: Double = Swift.max(fourth - variance * variance, 1e-3)
    let error = (spread / Double(n)).squareRoot()
    #expect((variance - d.variance).magnitude < 5 * error, "variance \(variance)")
  }

  private func pow4(_ x: Double) -> Double { x * x * x * x }

  @Test func `categorical draws have the probabilities of softmax`() throws {
    let logits = Expr.constant(Tensor([0.0, 1, 2, -1], dtype: .float32))
    let draws = try Reference.run(
      categorical(key: RandomKey(seed: 5), logits: logits, shape: [4000])
    ).integers
    let p = [0.0871443, 0.2368828, 0.6439142, 0.0320586]
    for k in 0..<4 {
      let share = Double(draws.filter { $0 == Int64(k) }.count) / 4000
      let error: Double = (p[k] * (1 - p[k]) / 4000).squareRoot()
      #expect((share - p[k]).magnitude < 5 * error)
    }
  }

  @Test func `a permutation holds each number once, and orders differ`() throws {
    let orders = try (0..<2).map { seed in
      try Reference.run(permutation(key: RandomKey(seed: UInt64(seed)), count: 50)).integers
    }
    for order in orders { #expect(order.sorted() == Array(0..<50)) }
    #expect(orders[0] != orders[1])
    let x = Expr.iota(20)
    let shuffled = try Reference.run(shuffle(key: RandomKey(seed: 1), x)).integers
    #expect(shuffled.sorted() == Array(0..<20) && shuffled != Array(0..<20))
    let picked = try Reference.run(choice(key: RandomKey(seed: 1), x, count: 12, replace: false))
      .integers
    #expect(Set(picked).count == 12)
  }

  @Test func `vectors of a distribution keep their relations`() throws {
    let p = try Reference.run(
      dirichlet(
        key: RandomKey(seed: 3), concentration: .constant(Tensor([1.0, 2, 3], dtype: .float32)),
        shape: [200, 3])
    ).doubles
    for row in 0..<200 {
      let total: Double = p[3 * row] + p[3 * row + 1] + p[3 * row + 2]
      #expect((total - 1).magnitude < 1e-5)
    }
    let counts = try Reference.run(
      multinomial(
        key: RandomKey(seed: 4), count: 30,
        probabilities: .constant(Tensor([0.2, 0.3, 0.5], dtype: .float32)))
    ).doubles
    #expect(counts.reduce(0, +) == 30 && counts.allSatisfy { $0 >= 0 })
    let ball = try Reference.run(randomBall(key: RandomKey(seed: 5), dimension: 3, shape: [300]))
      .doubles
    var radii: [Double] = []
    for i in stride(from: 0, to: 900, by: 3) {
      let square: Double = ball[i] * ball[i] + ball[i + 1] * ball[i + 1] + ball[i + 2] * ball[i + 2]
      radii.append(square.squareRoot())
    }
    #expect(radii.allSatisfy { $0 <= 1.0001 } && radii.contains { $0 > 0.9 })
  }
}
