public import GnomonIR
internal import GnomonTensors

/// Radians in degrees.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func degrees(_ x: Expr) -> Expr { _degrees(x, .here()) }

@usableFromInline func _degrees(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("degrees", x, at) { x in
    x * (180 / Double.pi)
  }
}

/// Degrees in radians.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func radians(_ x: Expr) -> Expr { _radians(x, .here()) }

@usableFromInline func _radians(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("radians", x, at) { x in
    x * (Double.pi / 180)
  }
}

/// The sine integral's kernel `sin(πx) / (πx)`, 1 at 0.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func sinc(_ x: Expr) -> Expr { _sinc(x, .here()) }

@usableFromInline func _sinc(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("sinc", x, at) { x in
    // The quotient of what is not 0, so that nothing discarded is NaN.
    let y = Double.pi * select(x .== 0, 1, x)
    return select(x .== 0, 1, sin(y) / y)
  }
}

/// The hypotenuse `√(x² + y²)`, without overflow on the way.
///
/// Infinite if either is, even if the other is NaN. The derivative at 0, 0 is 0.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func hypot(_ x: Expr, _ y: Expr) -> Expr { _hypot(x, y, .here()) }

@usableFromInline func _hypot(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .elementwise("hypot", x, y, at) { x, y in
    // In units of the larger, so that no square overflows or vanishes.
    let large = maximum(abs(x), abs(y))
    let scale = select((large .== 0) .| isInfinite(large), 1, large)
    let root = scale * sqrt(square(x / scale) + square(y / scale))
    let infinite = isInfinite(x) .| isInfinite(y)
    return select(infinite, Expr(.infinity), select(large .== 0, 0, root))
  }
}
