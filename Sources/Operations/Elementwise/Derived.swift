public import GnomonIR
internal import GnomonTensors

// Functions in terms of the primitives. Each serves its caller: the nodes it makes belong to the
// user's line, within a scope of the function's name.

/// The square of each element, `x * x`.
@_transparent public func square(_ x: Expr) -> Expr { _square(x, .here()) }

@usableFromInline func _square(_ x: Expr, _ at: Location) -> Expr {
  at.serving("square") { x * x }
}

/// The reciprocal of each element, `1 / x`.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func reciprocal(_ x: Expr) -> Expr { _reciprocal(x, .here()) }

@usableFromInline func _reciprocal(_ x: Expr, _ at: Location) -> Expr {
  if let refusal = floatsOnly(x, "reciprocal", at) { return refusal }
  return at.serving("reciprocal") { 1 / x }
}

/// The larger of each element and 0; NaN stays NaN. The slope at 0 is 0.
@_transparent public func relu(_ x: Expr) -> Expr { _relu(x, .here()) }

@usableFromInline func _relu(_ x: Expr, _ at: Location) -> Expr {
  at.serving("relu") { maximum(x, 0) }
}

/// Each element, or the nearer of two bounds: `minimum(maximum(x, lower), upper)`.
///
/// NaN stays NaN. The derivative at a bound is that of the bound.
@_transparent public func clip(_ x: Expr, _ lower: Expr, _ upper: Expr) -> Expr {
  _clip(x, lower, upper, .here())
}

@usableFromInline func _clip(_ x: Expr, _ lower: Expr, _ upper: Expr, _ at: Location) -> Expr {
  at.serving("clip") { minimum(maximum(x, lower), upper) }
}

/// The Gaussian error linear unit, `x Φ(x)`, in its exact form `x/2 (1 + erf(x/√2))`.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - approximate: whether by tanh, `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
/// - Returns: the same shape and dtype. See Hendrycks and Gimpel, *Gaussian Error Linear Units*,
///   2016.
@_transparent public func gelu(_ x: Expr, approximate: Bool = false) -> Expr {
  _gelu(x, approximate, .here())
}

@usableFromInline func _gelu(_ x: Expr, _ approximate: Bool, _ at: Location) -> Expr {
  if let refusal = floatsOnly(x, "gelu", at) { return refusal }
  return at.serving("gelu") {
    if approximate {
      return 0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))
    }
    return 0.5 * x * (1 + erf(x * 0.7071067811865476))
  }
}

/// Whether each element is NaN.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func isNaN(_ x: Expr) -> Expr { _isNaN(x, .here()) }

@usableFromInline func _isNaN(_ x: Expr, _ at: Location) -> Expr {
  if let refusal = floatsOnly(x, "isNaN", at) { return refusal }
  return at.serving("isNaN") { x .!= x }
}

/// Whether each element is neither infinite nor NaN.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func isFinite(_ x: Expr) -> Expr { _isFinite(x, .here()) }

@usableFromInline func _isFinite(_ x: Expr, _ at: Location) -> Expr {
  if let refusal = floatsOnly(x, "isFinite", at) { return refusal }
  return at.serving("isFinite") { abs(x) .< Expr(.infinity) }
}

/// Whether each element is infinite, of either sign.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func isInfinite(_ x: Expr) -> Expr { _isInfinite(x, .here()) }

@usableFromInline func _isInfinite(_ x: Expr, _ at: Location) -> Expr {
  if let refusal = floatsOnly(x, "isInfinite", at) { return refusal }
  return at.serving("isInfinite") { abs(x) .== Expr(.infinity) }
}

/// The refusal of an operand that is not of a floating-point dtype.
func floatsOnly(_ x: Expr, _ function: String, _ at: Location) -> Expr? {
  if x.isInvalid || x.dtype.isFloat { return nil }
  return .refused(
    Refusal(
      .dtypeNotSupported, "not defined for \(x.dtype); it needs a floating-point dtype",
      help: "cast it first: {0}.cast(to: .float32)"), function, [x], at: at)
}
