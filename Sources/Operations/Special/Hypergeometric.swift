public import GnomonIR
internal import GnomonTensors

/// Kummer's confluent hypergeometric function, `Σ (a)ₙ xⁿ / ((b)ₙ n!)`.
///
/// By 400 terms of the series, after Kummer's transformation below 0: for `|x|` up to 100 and parameters
/// of some ten, with the error that terms of different signs leave.
///
/// - Parameters:
///   - a: a floating-point tensor.
///   - b: the same dtype, none of 0, -1, ….
///   - x: the same dtype. All broadcast.
@_transparent public func hyp1f1(_ a: Expr, _ b: Expr, _ x: Expr) -> Expr {
  _hyp1f1(a, b, x, .here())
}

/// Gauss' hypergeometric function, `Σ (a)ₙ (b)ₙ xⁿ / ((c)ₙ n!)`.
///
/// By 600 terms of the series, after Pfaff's transformation below 0: for x from -8 to 0.9; NaN from 1 on.
///
/// - Parameters:
///   - a: a floating-point tensor.
///   - b: the same dtype.
///   - c: the same dtype, none of 0, -1, ….
///   - x: the same dtype, below 1. All broadcast.
@_transparent public func hyp2f1(_ a: Expr, _ b: Expr, _ c: Expr, _ x: Expr) -> Expr {
  _hyp2f1(a, b, c, x, .here())
}

@usableFromInline func _hyp1f1(_ a: Expr, _ b: Expr, _ x: Expr, _ at: Location) -> Expr {
  .inFloat64("hyp1f1", [a, b, x], at) { v in
    let (a, b, x) = (v[0], v[1], v[2])
    let isBelow = x .< 0
    let start = select(isBelow, b - a, a)
    let y = abs(x) + zeros(like: start)
    let one = zeros(like: y) + 1
    let sums = scan(steps: 400, from: [one, one, zeros(like: y)]) {
      let n = $0[2]
      let term = $0[1] * (start + n) * y / ((b + n) * (n + 1))
      return [$0[0] + term, term, n + 1]
    }
    return sums[0].last * select(isBelow, exp(x), 1)
  }
}

@usableFromInline func _hyp2f1(
  _ a: Expr, _ b: Expr, _ c: Expr, _ x: Expr, _ at: Location
) -> Expr {
  .inFloat64("hyp2f1", [a, b, c, x], at) { v in
    let (a, b, c, x) = (v[0], v[1], v[2], v[3])
    let isBelow = x .< 0
    let isValid = x .< 1
    let second = select(isBelow, c - b, b)
    let safe = select(isValid, x, 0)
    let y = select(isBelow, safe / (safe - 1), safe) + zeros(like: a + second + c)
    let one = zeros(like: y) + 1
    let sums = scan(steps: 600, from: [one, one, zeros(like: y)]) {
      let n = $0[2]
      let term = $0[1] * (a + n) * (second + n) * y / ((c + n) * (n + 1))
      return [$0[0] + term, term, n + 1]
    }
    let front = select(isBelow, exp(-a * log1p(-safe)), 1)
    return select(isValid, sums[0].last * front, wide(.nan))
  }
}
