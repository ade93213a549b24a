internal import Foundation
public import GnomonIR
internal import GnomonTensors

/// The Bessel function of the first kind of a whole order.
///
/// - Parameters:
///   - order: from -50 to 50.
///   - x: a floating-point tensor. Good to about 1e-13 of 1.
@_transparent public func besselJ(_ order: Int, _ x: Expr) -> Expr { _besselJ(order, x, .here()) }

/// The modified Bessel function of the first kind of a real order.
///
/// - Parameters:
///   - order: a floating-point tensor, from 0 to 10.
///   - x: the same dtype, not negative; NaN elsewhere. Broadcasts.
@_transparent public func besselI(_ order: Expr, _ x: Expr) -> Expr { _besselI(order, x, .here()) }

/// `besselI` times `e⁻ˣ`, which does not overflow.
///
/// - Parameters:
///   - order: a floating-point tensor, from 0 to 10.
///   - x: the same dtype, not negative; NaN elsewhere. Broadcasts.
@_transparent public func besselIScaled(_ order: Expr, _ x: Expr) -> Expr {
  _besselIScaled(order, x, .here())
}

/// The modified Bessel function of the second kind of a real order.
///
/// - Parameters:
///   - order: a floating-point tensor, from -30 to 30.
///   - x: the same dtype, positive; infinite at 0 and NaN below. Broadcasts.
@_transparent public func besselK(_ order: Expr, _ x: Expr) -> Expr { _besselK(order, x, .here()) }

/// `besselK` times `eˣ`, which does not underflow.
///
/// - Parameters:
///   - order: a floating-point tensor, from -30 to 30.
///   - x: the same dtype, positive; infinite at 0 and NaN below. Broadcasts.
@_transparent public func besselKScaled(_ order: Expr, _ x: Expr) -> Expr {
  _besselKScaled(order, x, .here())
}

@usableFromInline func _besselJ(_ order: Int, _ x: Expr, _ at: Location) -> Expr {
  guard (-50...50).contains(order) else {
    return .refused(
      Refusal(
        .invalidAttribute, "the order \(order) is not from -50 to 50", marks: [Refusal.Mark(0)]),
      "besselJ", [x], at: at)
  }
  return .inFloat64("besselJ", [x], at) { v in
    let x = v[0]
    let n = order.magnitude
    let sign = order < 0 && n % 2 == 1 ? -1.0 : 1.0
    if n == 0 { return besselJ0(x) }
    if n == 1 { return Expr(sign) * besselJ1(x) }
    // Bessel's integral over half a turn. The trapezoid rule is exact for periodic functions up to
    // J of the number of points, which is nothing there.
    let isNear = abs(x) .<= 60
    let count = 128
    let angles = (0...count).map { Double($0) * .pi / Double(count) }
    let weights = angles.indices.map { ($0 == 0 || $0 == count ? 0.5 : 1) / Double(count) }
    func constant(_ values: [Double]) -> Expr {
      .constant(Tensor(dtype: .float64, shape: [values.count], doubles: values))
    }
    let near = select(isNear, x, 0).expanded(axis: -1)
    let phase = constant(angles.map { Double(n) * $0 })
    let wave = cos(phase - near * constant(angles.map { Foundation.sin($0) }))
    let integral = sum(wave * constant(weights), axes: [-1])
    // Where the order is below x, going up from 0 and 1 loses nothing.
    let far = select(isNear, 100, x)
    var (before, now) = (besselJ0(far), besselJ1(far))
    for k in 1..<Int(n) { (before, now) = (now, Expr(Double(2 * k)) / far * now - before) }
    return Expr(sign) * select(isNear, integral, now)
  }
}

@usableFromInline func _besselI(_ order: Expr, _ x: Expr, _ at: Location) -> Expr {
  .inFloat64("besselI", [order, x], at) { exp($0[1]) * scaledI($0[0], $0[1]) }
}

@usableFromInline func _besselIScaled(_ order: Expr, _ x: Expr, _ at: Location) -> Expr {
  .inFloat64("besselIScaled", [order, x], at) { scaledI($0[0], $0[1]) }
}

@usableFromInline func _besselK(_ order: Expr, _ x: Expr, _ at: Location) -> Expr {
  .inFloat64("besselK", [order, x], at) { exp(-$0[1]) * scaledK($0[0], $0[1]) }
}

@usableFromInline func _besselKScaled(_ order: Expr, _ x: Expr, _ at: Location) -> Expr {
  .inFloat64("besselKScaled", [order, x], at) { scaledK($0[0], $0[1]) }
}

private func scaledI(_ order: Expr, _ x: Expr) -> Expr {
  let isValid = (x .>= 0) .& (order .>= 0)
  let isNear = isValid .& (x .> 0) .& (x .<= 60)
  let isFar = isValid .& (x .> 60)
  let s = select(isNear, x, 1)
  let v = select(isNear, order, 0)
  // (x / 2)ᵛ / Γ(v + 1) Σ (x² / 4)ᵏ / (k! (v + 1) … (v + k)).
  let quarter = 0.25 * s * s
  let zero = zeros(like: s)
  let sums = scan(steps: 120, from: [zero + 1, zero + 1, zero]) {
    let k = $0[2] + 1
    let term = $0[1] * quarter / (k * (k + v))
    return [$0[0] + term, term, k]
  }
  let near = exp(v * log(0.5 * s) - logGamma(v + 1) - s) * sums[0].last
  // Hankel's expansion.
  let f = select(isFar, x, 100)
  let square = select(isFar, 4 * order * order, 0)
  let far =
    scan(steps: 40, from: [zeros(like: f) + 1, zeros(like: f) + 1, zeros(like: f)]) {
      let k = $0[2] + 1
      let odd = 2 * k - 1
      let term = -$0[1] * (square - odd * odd) / (8 * k * f)
      return [$0[0] + term, term, k]
    }[0].last / sqrt(Expr(2 * Double.pi) * f)
  let atZero = select(isValid, select(order .== 0, wide(1), 0), wide(.nan))
  return select(isNear, near, select(isFar, select(isFinite(x), far, 0), atZero))
}

/// Basset's integral, `∫ exp(-x (cosh t - 1)) cosh(v t) dt` from 0: the trapezoid rule converges
/// geometrically, as the integrand is even and dies away.
private func scaledK(_ order: Expr, _ x: Expr) -> Expr {
  let isInside = (x .> 0) .& isFinite(x)
  let y = select(isInside, x, 1)
  let v = abs(order)
  let count = 128
  // Where the integrand has fallen below the precision.
  let first = acosh(1 + 60 / stopGradient(y))
  let end = acosh(1 + (45 + stopGradient(v) * (first + 1)) / stopGradient(y))
  let steps = Expr.constant(
    Tensor(dtype: .float64, shape: [count], doubles: (0..<count).map { Double($0) / Double(count) })
  )
  let weights = Expr.constant(
    Tensor(
      dtype: .float64, shape: [count],
      doubles: (0..<count).map { ($0 == 0 ? 0.5 : 1) / Double(count) }))
  let t = end.expanded(axis: -1) * steps
  let half = sinh(0.5 * t)
  let fall = 2 * y.expanded(axis: -1) * half * half
  let rise = v.expanded(axis: -1) * t
  let height = 0.5 * (exp(rise - fall) + exp(-rise - fall))
  let value = sum(height * weights, axes: [-1]) * end
  let outside = select(x .== 0, wide(.infinity), select(x .> 0, 0, wide(.nan)))
  return select(isInside, value, outside)
}
