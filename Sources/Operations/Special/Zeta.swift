public import GnomonIR
internal import GnomonTensors

/// Hurwitz' zeta function, the sum of `1 / (q + k)^s` over k = 0, 1, ….
///
/// - Parameters:
///   - s: a floating-point tensor, above 1; NaN elsewhere.
///   - q: the same dtype, positive; 1 gives Riemann's function. Broadcasts.
@_transparent public func zeta(_ s: Expr, _ q: Expr) -> Expr { _zeta(s, q, .here()) }

@usableFromInline func _zeta(_ s: Expr, _ q: Expr, _ at: Location) -> Expr {
  .inFloat64("zeta", [s, q], at) { x in
    let s = x[0]
    let q = x[1]
    // The first terms, and the rest by Euler and Maclaurin's formula with Bernoulli numbers.
    let start = 12
    var sum = q ** (-s)
    for k in 1..<start { sum = sum + (q + Double(k)) ** (-s) }
    let a = q + Double(start)
    let power = a ** (-s)
    var total = sum + a * power / (s - 1) + 0.5 * power
    // B₂ₖ / (2k)!, with the falling product of s.
    let bernoulli: [Double] = [
      1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1_209_600, 1.0 / 47_900_160,
      -691.0 / 1_307_674_368_000, 1.0 / 74_724_249_600, -3617.0 / 10_670_622_842_880_000,
    ]
    var factor = s * power / a
    for (k, b) in bernoulli.enumerated() {
      total = total + b * factor
      let n = Double(2 * k + 1)
      factor = factor * (s + n) * (s + (n + 1)) / square(a)
    }
    return select((s .> 1) .& (q .> 0), total, Expr(.nan))
  }
}

/// The derivative of order `n` of `digamma`: 0 gives digamma itself, 1 trigamma.
///
/// - Parameters:
///   - n: at least 0.
///   - x: a floating-point tensor, positive; NaN below for orders above 1.
@_transparent public func polygamma(_ n: Int, _ x: Expr) -> Expr { _polygamma(n, x, .here()) }

@usableFromInline func _polygamma(_ n: Int, _ x: Expr, _ at: Location) -> Expr {
  guard n >= 0 else {
    return .refused(
      Refusal(.invalidAttribute, "the order \(n) is negative", marks: [Refusal.Mark(0)]),
      "polygamma", [x], at: at)
  }
  return .inFloat64("polygamma", [x], at) { v in
    let x = v[0]
    if n == 0 { return digamma(x) }
    let factorial = (1...n).reduce(1.0) { $0 * Double($1) }
    let sign = n % 2 == 0 ? -1.0 : 1.0
    func positive(_ x: Expr) -> Expr { (sign * factorial) * zeta(Expr(Double(n + 1)), x) }
    if n > 1 { return positive(x) }
    // ψ′(1 - x) + ψ′(x) = π² / sin² πx.
    let isBelow = x .<= 0
    let side = positive(select(isBelow, 1 - x, x))
    let sine = sin(Double.pi * (x - round(x)))
    return select(isBelow, square(Double.pi / select(isBelow, sine, 1)) - side, side)
  }
}
