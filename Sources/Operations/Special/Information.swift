public import GnomonIR
internal import GnomonTensors

/// The terms of an entropy, `-x log x`: 0 at 0, -inf below.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func entropyTerm(_ x: Expr) -> Expr { _entropyTerm(x, .here()) }

@usableFromInline func _entropyTerm(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("entropyTerm", x, at) { x in
    select(x .< 0, Expr(-.infinity), -xLogY(x, x))
  }
}

/// The terms of a relative entropy, `x log(x / y)`.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func relativeEntropyTerm(_ x: Expr, _ y: Expr) -> Expr {
  _relativeEntropyTerm(x, y, .here())
}

@usableFromInline func _relativeEntropyTerm(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .elementwise("relativeEntropyTerm", x, y, at) { x, y in
    xLogY(x, x / y)
  }
}

/// The terms of Kullback and Leibler's divergence for sums that are not 1, `x log(x / y) - x + y`.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func klTerm(_ x: Expr, _ y: Expr) -> Expr { _klTerm(x, y, .here()) }

@usableFromInline func _klTerm(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .elementwise("klTerm", x, y, at) { x, y in
    xLogY(x, x / y) - x + y
  }
}
