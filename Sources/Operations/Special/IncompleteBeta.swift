public import GnomonIR
internal import GnomonTensors

/// The regularized incomplete beta function `I(a, b, x)`: the part of `B(a, b)`'s integral below x.
///
/// By a continued fraction of 300 terms, good to about 1e-13 for parameters up to some hundred, in
/// float64. Derivatives with respect to all three.
///
/// - Parameters:
///   - a: a floating-point tensor, positive; NaN elsewhere.
///   - b: the same dtype, positive.
///   - x: the same dtype, from 0 to 1. All broadcast.
@_transparent public func betaI(_ a: Expr, _ b: Expr, _ x: Expr) -> Expr {
  _betaI(a, b, x, .here())
}

/// The x for which `betaI(a, b, x)` is `p`, to about 1e-12 of 1.
///
/// Derivatives with respect to all three, by the theorem of the implicit function.
///
/// - Parameters:
///   - a: a floating-point tensor, positive.
///   - b: the same dtype, positive.
///   - p: the same dtype, from 0 to 1. All broadcast.
@_transparent public func betaIInverse(_ a: Expr, _ b: Expr, _ p: Expr) -> Expr {
  _betaIInverse(a, b, p, .here())
}

@usableFromInline func _betaI(_ a: Expr, _ b: Expr, _ x: Expr, _ at: Location) -> Expr {
  .inFloat64("betaI", [a, b, x], at) { incompleteBeta($0[0], $0[1], $0[2]) }
}

@usableFromInline func _betaIInverse(_ a: Expr, _ b: Expr, _ p: Expr, _ at: Location) -> Expr {
  .inFloat64("betaIInverse", [a, b, p], at) { v in
    let isInside = (v[0] .> 0) .& (v[1] .> 0) .& (v[2] .> 0) .& (v[2] .< 1)
    let (a, b) = (select(isInside, v[0], 1), select(isInside, v[1], 1))
    let p = select(isInside, v[2], 0.5)
    let (c, d, q) = (stopGradient(a), stopGradient(b), stopGradient(p))
    // The function grows: halve the interval, as often as float64 has digits.
    let (low, high) = scan(steps: 64, from: (zeros(like: c + d + q), zeros(like: c + d + q) + 1)) {
      low, high in
      let middle = 0.5 * (low + high)
      let isAbove = incompleteBeta(c, d, middle) .< q
      return (select(isAbove, middle, low), select(isAbove, high, middle))
    }
    let found = implicit(
      "betaIInverse", 0.5 * (low.last + high.last), .here(),
      residual: { x in incompleteBeta(a, b, x) - p },
      transposedSolve: { product, x, right in right / product(zeros(like: x) + 1) })
    let atEdge = select(v[2] .== 0, 0, select(v[2] .== 1, 1, wide(.nan)))
    let isKnown = (v[0] .> 0) .& (v[1] .> 0)
    return select(isInside, found, select(isKnown, atEdge, wide(.nan)))
  }
}

/// The regularized incomplete beta function of float64 operands.
private func incompleteBeta(_ a: Expr, _ b: Expr, _ x: Expr) -> Expr {
  let isValid = (a .> 0) .& (b .> 0) .& (x .>= 0) .& (x .<= 1)
  let isInside = isValid .& (x .> 0) .& (x .< 1)
  // The fraction converges below the mean; above it the other end is taken.
  let isSwapped = x .> (a + 1) / (a + b + 2)
  func safe(_ e: Expr, _ otherwise: Double) -> Expr { select(isInside, e, Expr(otherwise)) }
  let p = safe(select(isSwapped, b, a), 1)
  let q = safe(select(isSwapped, a, b), 1)
  let y = safe(select(isSwapped, 1 - x, x), 0.25)
  let front = exp(p * log(y) + q * log1p(-y) - logBeta(p, q)) / p
  // Two steps of the fraction at a time, by Lentz' method.
  func away(_ e: Expr) -> Expr { select(abs(e) .< 1e-300, 1e-300, e) }
  let d0 = 1 / away(1 - (p + q) * y / (p + 1))
  let fraction = scan(
    steps: 150, from: [d0, zeros(like: d0) + 1, d0, zeros(like: d0)]
  ) { v in
    let m = v[3] + 1
    let even = m * (q - m) * y / ((p + 2 * m - 1) * (p + 2 * m))
    let d1 = 1 / away(1 + even * v[2])
    let c1 = away(1 + even / v[1])
    let odd = -(p + m) * (p + q + m) * y / ((p + 2 * m) * (p + 2 * m + 1))
    let d2 = 1 / away(1 + odd * d1)
    let c2 = away(1 + odd / c1)
    return [v[0] * d1 * c1 * d2 * c2, c2, d2, m]
  }
  let part = front * fraction[0].last
  let inside = select(isSwapped, 1 - part, part)
  return select(isInside, inside, select(isValid, x, wide(.nan)))
}
