public import GnomonIR
internal import GnomonTensors

/// The regularized lower incomplete gamma function `P(a, x)`: the part of `Γ(a)`'s integral below x.
///
/// By its series below `a + 1` and by a continued fraction above, 400 terms of either: good to about
/// 1e-13 for `a` up to 1000, in float64. Derivatives with respect to both.
///
/// - Parameters:
///   - a: a floating-point tensor, positive; NaN elsewhere.
///   - x: the same dtype, not negative; NaN elsewhere. Broadcasts.
@_transparent public func gammaP(_ a: Expr, _ x: Expr) -> Expr { _gammaP(a, x, .here()) }

/// The regularized upper incomplete gamma function `Q(a, x) = 1 - P(a, x)`, without the cancellation.
///
/// - Parameters:
///   - a: a floating-point tensor, positive.
///   - x: the same dtype, not negative. Broadcasts.
@_transparent public func gammaQ(_ a: Expr, _ x: Expr) -> Expr { _gammaQ(a, x, .here()) }

/// The lower incomplete gamma function, `P(a, x) Γ(a)`.
///
/// - Parameters:
///   - a: a floating-point tensor, positive.
///   - x: the same dtype, not negative. Broadcasts.
@_transparent public func lowerGamma(_ a: Expr, _ x: Expr) -> Expr { _lowerGamma(a, x, .here()) }

/// The upper incomplete gamma function, `Q(a, x) Γ(a)`.
///
/// - Parameters:
///   - a: a floating-point tensor, positive.
///   - x: the same dtype, not negative. Broadcasts.
@_transparent public func upperGamma(_ a: Expr, _ x: Expr) -> Expr { _upperGamma(a, x, .here()) }

/// The probability that a chi-square distributed number is above `x`.
///
/// - Parameters:
///   - x: a floating-point tensor, not negative.
///   - degreesOfFreedom: the same dtype, positive. Broadcasts.
@_transparent public func chiSquareSurvival(_ x: Expr, degreesOfFreedom: Expr) -> Expr {
  _chiSquareSurvival(x, degreesOfFreedom, .here())
}

/// The x for which `gammaP(a, x)` is `p`.
///
/// Good to about 1e-10. Derivatives with respect to both, by the theorem of the implicit function.
///
/// - Parameters:
///   - a: a floating-point tensor, positive.
///   - p: the same dtype, from 0 to 1. Broadcasts.
@_transparent public func gammaPInverse(_ a: Expr, _ p: Expr) -> Expr {
  _gammaPInverse(a, p, .here())
}

/// The x for which `gammaQ(a, x)` is `q`.
///
/// - Parameters:
///   - a: a floating-point tensor, positive.
///   - q: the same dtype, from 0 to 1. Broadcasts.
@_transparent public func gammaQInverse(_ a: Expr, _ q: Expr) -> Expr {
  _gammaQInverse(a, q, .here())
}

@usableFromInline func _gammaP(_ a: Expr, _ x: Expr, _ at: Location) -> Expr {
  .inFloat64("gammaP", [a, x], at) { incompleteGamma($0[0], $0[1]).lower }
}

@usableFromInline func _gammaQ(_ a: Expr, _ x: Expr, _ at: Location) -> Expr {
  .inFloat64("gammaQ", [a, x], at) { incompleteGamma($0[0], $0[1]).upper }
}

@usableFromInline func _lowerGamma(_ a: Expr, _ x: Expr, _ at: Location) -> Expr {
  .inFloat64("lowerGamma", [a, x], at) { incompleteGamma($0[0], $0[1]).lower * gamma($0[0]) }
}

@usableFromInline func _upperGamma(_ a: Expr, _ x: Expr, _ at: Location) -> Expr {
  .inFloat64("upperGamma", [a, x], at) { incompleteGamma($0[0], $0[1]).upper * gamma($0[0]) }
}

@usableFromInline func _chiSquareSurvival(_ x: Expr, _ k: Expr, _ at: Location) -> Expr {
  .inFloat64("chiSquareSurvival", [x, k], at) {
    incompleteGamma($0[1] * 0.5, $0[0] * 0.5).upper
  }
}

@usableFromInline func _gammaPInverse(_ a: Expr, _ p: Expr, _ at: Location) -> Expr {
  .inFloat64("gammaPInverse", [a, p], at) { inverseGamma($0[0], lower: $0[1], upper: 1 - $0[1]) }
}

@usableFromInline func _gammaQInverse(_ a: Expr, _ q: Expr, _ at: Location) -> Expr {
  .inFloat64("gammaQInverse", [a, q], at) { inverseGamma($0[0], lower: 1 - $0[1], upper: $0[1]) }
}

/// The two regularized incomplete gamma functions of float64 operands.
func incompleteGamma(_ a: Expr, _ x: Expr) -> (lower: Expr, upper: Expr) {
  let isValid = (a .> 0) .& (x .>= 0)
  let isSeries = x .< a + 1
  let isInside = isValid .& (x .> 0) .& isFinite(x)
  // Each side computes on operands that suit it wherever the other one is taken.
  let s = select(isInside .& isSeries, x, 1)
  let f = select(isInside .& .!isSeries, x, 10)
  let (b, c) = (select(isInside .& isSeries, a, 1), select(isInside .& .!isSeries, a, 1))
  func front(_ a: Expr, _ x: Expr) -> Expr { exp(a * log(x) - x - logGamma(a)) }

  // Σ xⁿ / (a (a + 1) … (a + n)).
  let series = scan(steps: 400, from: [1 / b, 1 / b, b]) { v in
    let n = v[2] + 1
    let term = v[1] * s / n
    return [v[0] + term, term, n]
  }
  let lower = series[0].last * front(b, s)

  // The continued fraction by Lentz' method, as Thompson and Barnett modified it.
  let start = f + 1 - c
  let first = 1 / start
  let fraction = scan(
    steps: 400, from: [first, zeros(like: f) + 1e300, first, start, zeros(like: f)]
  ) {
    v in
    let i = v[4] + 1
    let part = -i * (i - c)
    let step = v[3] + 2
    let d = 1 / away(part * v[2] + step)
    let e = away(step + part / v[1])
    return [v[0] * d * e, e, d, step, i]
  }
  let upper = fraction[0].last * front(c, f)
  func chosen(_ whenSeries: Expr, _ whenFraction: Expr, _ atZero: Double) -> Expr {
    let inside = select(isSeries, whenSeries, whenFraction)
    let outside = select(x .== 0, wide(atZero), wide(1 - atZero))
    return select(isInside, inside, select(isValid, outside, wide(.nan)))
  }
  return (chosen(lower, 1 - upper, 0), chosen(1 - lower, upper, 1))
}

/// A denominator that is not 0.
private func away(_ x: Expr) -> Expr { select(abs(x) .< 1e-300, 1e-300, x) }

/// The inverse of the incomplete gamma function, from both probabilities.
private func inverseGamma(_ a: Expr, lower p: Expr, upper q: Expr) -> Expr {
  let (ownA, ownP, ownQ) = (stopGradient(a), stopGradient(p), stopGradient(q))
  let isInside = (ownA .> 0) .& (ownP .> 0) .& (ownQ .> 0)
  let (b, u, v) = (
    select(isInside, ownA, 1), select(isInside, ownP, 0.5), select(isInside, ownQ, 0.5)
  )
  // Wilson and Hilferty's normal deviate for large a, the first term of the series for small a.
  let t = sqrt(-2 * log(minimum(u, v)))
  let deviate = t - (2.30753 + t * 0.27061) / (1 + t * (0.99229 + t * 0.04481))
  let z = select(u .< 0.5, -deviate, deviate)
  let cube = 1 - 1 / (9 * b) + z / (3 * sqrt(b))
  let large = maximum(b * cube * cube * cube, 1e-3)
  let edge = 1 - b * (0.253 + b * 0.12)
  let small = select(
    u .< edge, exp(log(u / maximum(edge, 1e-300)) / b), 1 - log(v / maximum(1 - edge, 1e-300)))
  // Newton's steps with Halley's correction.
  let found = scan(steps: 14, from: select(b .> 1, large, small)) { x in
    let both = incompleteGamma(b, x)
    let slope = exp((b - 1) * log(x) - x - logGamma(b))
    let error = select(u .< 0.5, both.lower - u, v - both.upper)
    let step = select(slope .> 0, error / select(slope .> 0, slope, 1), 0)
    let corrected = step / (1 - 0.5 * minimum(1, step * ((b - 1) / x - 1)))
    let next = x - corrected
    return select(next .> 0, next, 0.5 * x)
  }.last
  let solution = implicit(
    "inverseGamma", found, .here(),
    residual: { x in incompleteGamma(select(isInside, a, 1), x).lower - select(isInside, p, 0.5) },
    transposedSolve: { product, x, right in right / product(zeros(like: x) + 1) })
  let atEdge = select(ownP .== 0, 0, select(ownQ .== 0, wide(.infinity), wide(.nan)))
  return select(isInside, solution, select(ownA .> 0, atEdge, wide(.nan)))
}
