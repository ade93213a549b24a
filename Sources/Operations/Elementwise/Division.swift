public import GnomonIR
public import GnomonTensors

/// The quotient as a real number: integers and truth values are cast to `dtype` first.
///
/// - Parameters:
///   - x: any tensor.
///   - y: the same dtype; broadcasts.
///   - dtype: what integers are divided in.
@_transparent public func trueDivide(_ x: Expr, _ y: Expr, dtype: DType = .float32) -> Expr {
  _trueDivide(x, y, dtype, .here())
}

@usableFromInline func _trueDivide(_ x: Expr, _ y: Expr, _ dtype: DType, _ at: Location) -> Expr {
  at.serving("trueDivide") {
    let (a, b) = settledPair(x, y)
    if a.isInvalid || b.isInvalid || a.dtype.isFloat { return a / b }
    return a.cast(to: dtype) / b.cast(to: dtype)
  }
}

/// The quotient rounded down: `(x - x % y) / y`. Integers divided by 0 give 0, floats `x / 0`.
///
/// - Parameters:
///   - x: a numeric tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func floorDivide(_ x: Expr, _ y: Expr) -> Expr { _floorDivide(x, y, .here()) }

@usableFromInline func _floorDivide(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  at.serving("floorDivide") {
    let (a, b) = settledPair(x, y)
    if a.isInvalid || b.isInvalid || !a.dtype.isFloat { return a / b }
    // Through the remainder, which is exact: x / y may round up to the next whole number.
    let q = (a - a % b) / b
    let whole = round(q)
    return select(isFinite(q), whole, select(b .== 0, a / b, q))
  }
}

/// The quotient rounded down, and the remainder, which has the sign of `y`.
@_transparent public func quotientAndRemainder(_ x: Expr, _ y: Expr) -> (
  quotient: Expr, remainder: Expr
) { _quotientAndRemainder(x, y, .here()) }

@usableFromInline func _quotientAndRemainder(_ x: Expr, _ y: Expr, _ at: Location) -> (
  quotient: Expr, remainder: Expr
) {
  at.serving("quotientAndRemainder") {
    let (a, b) = settledPair(x, y)
    return (floorDivide(a, b), a % b)
  }
}

/// The largest number that divides both, 0 for two zeros.
///
/// - Parameters:
///   - x: an integer tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func greatestCommonDivisor(_ x: Expr, _ y: Expr) -> Expr {
  _greatestCommonDivisor(x, y, .here())
}

@usableFromInline func _greatestCommonDivisor(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  let (x, y) = settledPair(x, y)
  if let bad = integersOnly(x, "greatestCommonDivisor", at) { return bad }
  return at.serving("greatestCommonDivisor") {
    var (a, b) = (abs(x), abs(y))
    // Euclid: as many steps as consecutive Fibonacci numbers of this width can need.
    for _ in 0..<(x.dtype.byteCount * 12) {
      (a, b) = (select(b .== 0, a, b), select(b .== 0, b, a % b))
    }
    return a
  }
}

/// The smallest number, not negative, that both divide; 0 if one is 0. Wraps as products do.
///
/// - Parameters:
///   - x: an integer tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func leastCommonMultiple(_ x: Expr, _ y: Expr) -> Expr {
  _leastCommonMultiple(x, y, .here())
}

@usableFromInline func _leastCommonMultiple(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  let (x, y) = settledPair(x, y)
  if let bad = integersOnly(x, "leastCommonMultiple", at) { return bad }
  // A quotient by 0 is 0, which is right: a multiple of 0 is 0.
  return at.serving("leastCommonMultiple") { abs(x / greatestCommonDivisor(x, y) * y) }
}
