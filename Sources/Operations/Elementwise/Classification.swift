public import GnomonIR
internal import GnomonTensors

/// Whether each element is +inf.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func isPositiveInfinity(_ x: Expr) -> Expr { _isPositiveInfinity(x, .here()) }

@usableFromInline func _isPositiveInfinity(_ x: Expr, _ at: Location) -> Expr {
  Expr.truths("isPositiveInfinity", x, at) { x in
    x .== Expr(.infinity)
  }
}

/// Whether each element is -inf.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func isNegativeInfinity(_ x: Expr) -> Expr { _isNegativeInfinity(x, .here()) }

@usableFromInline func _isNegativeInfinity(_ x: Expr, _ at: Location) -> Expr {
  Expr.truths("isNegativeInfinity", x, at) { x in
    x .== Expr(-.infinity)
  }
}

/// Whether each element is negative, -0 included. The sign of NaN is no part of the language:
/// false.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func signBit(_ x: Expr) -> Expr { _signBit(x, .here()) }

@usableFromInline func _signBit(_ x: Expr, _ at: Location) -> Expr {
  Expr.truths("signBit", x, at) { x in
    (x .< 0) .| ((x .== 0) .& (1 / x .< 0))
  }
}

/// The size of `x` with the sign of `y`; -0 has a sign, NaN counts as positive.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func copySign(_ x: Expr, _ y: Expr) -> Expr { _copySign(x, y, .here()) }

@usableFromInline func _copySign(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .elementwise("copySign", x, y, at) { x, y in
    let size = abs(x)
    return select(signBit(y), -size, size)
  }
}

/// Whether each pair is equal, or as near as `|x - y| <= absolute + relative |y|`.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype; broadcasts.
///   - relative: the part of `|y|` that is allowed.
///   - absolute: what is allowed in any case.
///   - nanIsEqual: whether NaN is close to NaN.
@_transparent public func isClose(
  _ x: Expr, _ y: Expr, relative: Double = 1e-5, absolute: Double = 1e-8, nanIsEqual: Bool = false
) -> Expr { _isClose(x, y, relative, absolute, nanIsEqual, .here()) }

@usableFromInline func _isClose(
  _ x: Expr, _ y: Expr, _ relative: Double, _ absolute: Double, _ nanIsEqual: Bool, _ at: Location
) -> Expr {
  Expr.truths("isClose", x, y, at) { x, y in
    let near = isFinite(y) .& (abs(x - y) .<= absolute + relative * abs(y))
    let same = near .| (x .== y)
    return nanIsEqual ? same .| (isNaN(x) .& isNaN(y)) : same
  }
}

/// Whether all pairs are close: a bool scalar; see `isClose`.
@_transparent public func allClose(
  _ x: Expr, _ y: Expr, relative: Double = 1e-5, absolute: Double = 1e-8, nanIsEqual: Bool = false
) -> Expr { _allClose(x, y, relative, absolute, nanIsEqual, .here()) }

@usableFromInline func _allClose(
  _ x: Expr, _ y: Expr, _ relative: Double, _ absolute: Double, _ nanIsEqual: Bool, _ at: Location
) -> Expr {
  at.serving("allClose") {
    all(isClose(x, y, relative: relative, absolute: absolute, nanIsEqual: nanIsEqual))
  }
}
