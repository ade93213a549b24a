public import GnomonIR
internal import GnomonTensors

/// The larger of two, where a NaN counts as missing.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func fmax(_ x: Expr, _ y: Expr) -> Expr { _fmax(x, y, .here()) }

@usableFromInline func _fmax(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .elementwise("fmax", x, y, at) { x, y in
    select(isNaN(x), y, select(isNaN(y), x, maximum(x, y)))
  }
}

/// The smaller of two, where a NaN counts as missing.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func fmin(_ x: Expr, _ y: Expr) -> Expr { _fmin(x, y, .here()) }

@usableFromInline func _fmin(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .elementwise("fmin", x, y, at) { x, y in
    select(isNaN(x), y, select(isNaN(y), x, minimum(x, y)))
  }
}

/// The step at 0: 0 below it, 1 above it, and `y` at it.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the value at 0; the same dtype; broadcasts.
@_transparent public func heaviside(_ x: Expr, _ y: Expr) -> Expr { _heaviside(x, y, .here()) }

@usableFromInline func _heaviside(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .elementwise("heaviside", x, y, at) { x, y in
    select(x .< 0, 0, select(x .== 0, y, select(isNaN(x), x, 1)))
  }
}

/// The way from `x` to `y` in parts `t` of it: `x + t (y - x)`.
///
/// - Parameters:
///   - x: a floating-point tensor, the value at 0.
///   - y: the value at 1; the same dtype; broadcasts.
///   - t: the part; the same dtype; broadcasts.
@_transparent public func lerp(_ x: Expr, _ y: Expr, _ t: Expr) -> Expr { _lerp(x, y, t, .here()) }

@usableFromInline func _lerp(_ x: Expr, _ y: Expr, _ t: Expr, _ at: Location) -> Expr {
  .elementwise("lerp", [x, y, t], at) { x in x[0] + x[2] * (x[1] - x[0]) }
}

/// The nearest whole number, halves away from 0.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func roundHalfAway(_ x: Expr) -> Expr { _roundHalfAway(x, .here()) }

@usableFromInline func _roundHalfAway(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("roundHalfAway", x, at) { x in
    let cut = truncate(x)
    return select(abs(x - cut) .>= 0.5, cut + sign(x), cut)
  }
}

/// The logarithm of `1 - exp(x)`, precise for small and for large `-x`; NaN above 0.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func log1mexp(_ x: Expr) -> Expr { _log1mexp(x, .here()) }

@usableFromInline func _log1mexp(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("log1mexp", x, at) { x in
    // Mächler, Accurately Computing log(1 - exp(-|a|)), 2012.
    return select(
      x .> -0.6931471805599453, log(-expm1(x)), log1p(-exp(minimum(x, -0.6931471805599453))))
  }
}

/// The product `x log(y)`, where 0 times anything but NaN is 0. The derivative with respect to `x`
/// is 0 there.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func xLogY(_ x: Expr, _ y: Expr) -> Expr { _xLogY(x, y, .here()) }

@usableFromInline func _xLogY(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .elementwise("xLogY", x, y, at) { x, y in
    select((x .== 0) .& .!isNaN(y), 0, x * log(select(x .== 0, 1, y)))
  }
}

/// The product `x log(1 + y)`, where 0 times anything but NaN is 0. The derivative with respect to
/// `x` is 0 there.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func xLog1pY(_ x: Expr, _ y: Expr) -> Expr { _xLog1pY(x, y, .here()) }

@usableFromInline func _xLog1pY(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .elementwise("xLog1pY", x, y, at) { x, y in
    select((x .== 0) .& .!isNaN(y), 0, x * log1p(select(x .== 0, 0, y)))
  }
}

/// The inverse of the sigmoid, `log(x / (1 - x))`.
///
/// - Parameter x: a floating-point tensor, between 0 and 1.
@_transparent public func logit(_ x: Expr) -> Expr { _logit(x, .here()) }

@usableFromInline func _logit(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("logit", x, at) { x in
    log(x) - log1p(-x)
  }
}
