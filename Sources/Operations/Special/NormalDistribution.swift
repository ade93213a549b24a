public import GnomonIR
internal import GnomonTensors

/// The probability that a standard normal number is at most `x`.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func normalCDF(_ x: Expr) -> Expr { _normalCDF(x, .here()) }

@usableFromInline func _normalCDF(_ x: Expr, _ at: Location) -> Expr {
  .inFloat64("normalCDF", [x], at) { x in
    let x = x[0]
    return 0.5 * erfc(x * -0.7071067811865476)
  }
}

/// The number below which a standard normal number lies with probability `p`: the inverse of
/// `normalCDF`.
///
/// - Parameter p: a floating-point tensor, between 0 and 1.
@_transparent public func normalQuantile(_ p: Expr) -> Expr { _normalQuantile(p, .here()) }

@usableFromInline func _normalQuantile(_ p: Expr, _ at: Location) -> Expr {
  .inFloat64("normalQuantile", [p], at) { x in
    let p = x[0]
    return erfcinv(2 * p) * -1.4142135623730951
  }
}

/// The logarithm of `normalCDF`, precise far below 0 too.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func logNormalCDF(_ x: Expr) -> Expr { _logNormalCDF(x, .here()) }

@usableFromInline func _logNormalCDF(_ x: Expr, _ at: Location) -> Expr {
  .inFloat64("logNormalCDF", [x], at) { x in
    let x = x[0]
    // Far below 0 by the scaled function, elsewhere directly.
    let low = minimum(x, -1)
    let tail = log(0.5 * erfcx(low * -0.7071067811865476)) - 0.5 * square(low)
    return select(x .< -1, tail, log1p(-0.5 * erfc(maximum(x, -1) * 0.7071067811865476)))
  }
}
