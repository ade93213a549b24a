public import GnomonIR
internal import GnomonTensors

/// What an iteration found.
public struct Solution: Sendable {
  /// The solution, with the derivative of what it solves.
  public let value: Expr
  /// Whether the iteration reached its tolerance (a bool scalar): `asserting` turns false into an error.
  public let hasConverged: Expr
  /// How many steps it took (int64).
  public let steps: Expr
}

/// A root of as many equations as unknowns, by Newton's method.
///
///     let x = root(from: Expr.ones(.float64, [2])) { x in f(x, parameter) }
///     gradient(of: sum(x.value), withRespectTo: parameter)     // of the root, not of the iteration
///
/// Each step solves the linearized equations with the whole matrix of derivatives, so it is for some
/// hundred unknowns at most; of the lengths 1, 1/2, 1/4, … it takes the one with the least residual.
/// The derivative is that of the implicit function, which takes one more such system.
///
/// - Parameters:
///   - initial: where to begin; a floating-point tensor.
///   - tolerance: the largest magnitude of a residual that counts as 0; by default 1e-10 in float64 and
///     1e-5 otherwise.
///   - maximum: the largest number of steps.
///   - function: the residuals, of the type of the unknowns.
@_transparent public func root(
  from initial: Expr, tolerance: Double? = nil, maximum: Int = 50, _ function: (Expr) -> Expr
) -> Solution { _root(initial, tolerance, maximum, .here(), function) }

/// A value that a function maps to itself, by applying it again and again.
///
/// Converges where the function contracts. So does the derivative, which is iterated as well: it is
/// that of the fixed point, whatever path led to it.
///
/// - Parameters:
///   - initial: where to begin; a floating-point tensor.
///   - tolerance: the largest change of an element that counts as none; by default 1e-12 in float64 and
///     1e-6 otherwise.
///   - maximum: the largest number of steps, for the value and for the derivative.
///   - function: gives a value of the same type.
@_transparent public func fixedPoint(
  from initial: Expr, tolerance: Double? = nil, maximum: Int = 1000, _ function: (Expr) -> Expr
) -> Solution { _fixedPoint(initial, tolerance, maximum, .here(), function) }

/// The root of one equation for each element between two bounds, by halving the interval.
///
///     let rate = rootScalar(between: Expr(0.0), 1) { r in presentValue(r) - price }
///
/// - Parameters:
///   - low: a floating-point tensor, where the function has one sign or is 0.
///   - high: of the same type, where it has the other one.
///   - maximum: how often to halve; by default until the dtype's precision.
///   - function: element by element: what it gives for an element depends on that one alone.
@_transparent public func rootScalar(
  between low: Expr, _ high: Expr, maximum: Int? = nil, _ function: (Expr) -> Expr
) -> Expr { _rootScalar(low, high, maximum, .here(), function) }

@usableFromInline func _root(
  _ initial: Expr, _ tolerance: Double?, _ maximum: Int, _ at: Location,
  _ function: (Expr) -> Expr
) -> Solution {
  let x0 = initial.settled()
  if x0.isInvalid { return Solution(failed: x0) }
  if let bad = floatsOnly(x0, "root", at) { return Solution(failed: bad) }
  let probe = function(Expr.regionParameter(x0.type, "unknown", at: at)).settled(x0.dtype)
  if let bad = residualRefusal("root", probe, x0, at) { return Solution(failed: bad) }
  let limit = tolerance ?? (x0.dtype == .float64 ? 1e-10 : 1e-5)
  let n = x0.type.elementCount
  return at.serving("root") {
    func residual(_ flat: Expr) -> Expr {
      function(flat._reshaped(x0.shape, .here()))._reshaped([n], .here())
    }
    func size(_ r: Expr) -> Expr { max(abs(r)) }
    let start = stopGradient(x0)._reshaped([n], .here())
    let lengths = Expr.constant(
      Tensor(dtype: x0.dtype, shape: [8], doubles: (0..<8).map { 1 / Double(1 << $0) }))
    let found = whileLoop(
      [start, size(residual(start)), Expr.constant(0, .int64, at: .here())],
      while: { ($0[1] .> Expr(limit)) .& ($0[2] .< Expr(Double(maximum))) },
      {
        let x = $0[0]
        let r = residual(x)
        let step = solved(jacobian(of: r, withRespectTo: x), r)
        let sizes = vectorize(lengths) { t in size(residual(x - t * step)) }
        let best = argmin(select(isNaN(sizes), Expr(.infinity), sizes), axis: 0)
        return [x - take(lengths, best) * step, take(sizes, best), $0[2] + 1]
      })
    if found[0].isInvalid { return Solution(failed: found[0]) }
    let value = implicit("root", found[0]._reshaped(x0.shape, .here()), at, residual: function) {
      product, unknown, right in
      transposedSystem(product, unknown, right)
    }
    return Solution(value: value, hasConverged: found[1] .<= Expr(limit), steps: found[2])
  }
}

/// The solution of `Jᵀ u = right` with the matrix whose columns are products with basis vectors.
func transposedSystem(_ product: (Expr) -> Expr, _ unknown: Expr, _ right: Expr) -> Expr {
  let n = unknown.type.elementCount
  let basis = Expr._eye(n, n, unknown.dtype, .here())
  // Row k of the batch is Jᵀ e_k: the transpose of Jᵀ.
  let rows = vectorize(basis) { e in
    product(e._reshaped(unknown.shape, .here()))._reshaped([n], .here())
  }
  return solved(rows.transposed(), right._reshaped([n], .here()))
    ._reshaped(unknown.shape, .here())
}

@usableFromInline func _fixedPoint(
  _ initial: Expr, _ tolerance: Double?, _ maximum: Int, _ at: Location,
  _ function: (Expr) -> Expr
) -> Solution {
  let x0 = initial.settled()
  if x0.isInvalid { return Solution(failed: x0) }
  if let bad = floatsOnly(x0, "fixedPoint", at) { return Solution(failed: bad) }
  let probe = function(Expr.regionParameter(x0.type, "unknown", at: at)).settled(x0.dtype)
  if let bad = residualRefusal("fixedPoint", probe, x0, at) { return Solution(failed: bad) }
  let limit = tolerance ?? (x0.dtype == .float64 ? 1e-12 : 1e-6)
  return at.serving("fixedPoint") {
    func iterated(_ start: Expr, _ step: (Expr) -> Expr) -> [Expr] {
      whileLoop(
        [
          start, Expr.constant(.infinity, x0.dtype, at: .here()), .constant(0, .int64, at: .here()),
        ],
        maximum: maximum, while: { $0[1] .> Expr(limit) },
        {
          let next = step($0[0])
          return [next, max(abs(next - $0[0])), $0[2] + 1]
        })
    }
    let found = iterated(stopGradient(x0), function)
    if found[0].isInvalid { return Solution(failed: found[0]) }
    let value = implicit(
      "fixedPoint", found[0], at, residual: { $0 - function($0) },
      transposedSolve: { product, _, right in
        // u = right + Gᵀ u, where the residual's derivative is 1 - G.
        iterated(right) { u in right + (u - product(u)) }[0]
      })
    return Solution(value: value, hasConverged: found[1] .<= Expr(limit), steps: found[2])
  }
}

@usableFromInline func _rootScalar(
  _ low: Expr, _ high: Expr, _ maximum: Int?, _ at: Location, _ function: (Expr) -> Expr
) -> Expr {
  let (low, high) = settledPair(low, high)
  if low.isInvalid || high.isInvalid {
    return .refused(Refusal(.shapeMismatch, ""), "rootScalar", [low, high], at: at)
  }
  if let bad = floatsOnly(low, "rootScalar", at) { return bad }
  guard low.type == high.type else {
    return .refused(
      Refusal(.shapeMismatch, "the bounds {0} and {1} have different types"), "rootScalar",
      [low, high], at: at)
  }
  let probe = function(Expr.regionParameter(low.type, "unknown", at: at)).settled(low.dtype)
  if let bad = residualRefusal("rootScalar", probe, low, at) { return bad }
  let halvings = maximum ?? (low.dtype == .float64 ? 1100 : 180)
  return at.serving("rootScalar") {
    let (a, b) = (stopGradient(low), stopGradient(high))
    let isNegative = function(a) .< 0
    // Until the middle is one of the ends.
    let (left, right) = whileLoop(
      (a, b), maximum: halvings,
      while: { l, r in
        let middle = l + (r - l) * 0.5
        return any((middle .!= l) .& (middle .!= r))
      },
      { l, r in
        let middle = l + (r - l) * 0.5
        let isLeft = (function(middle) .< 0) .== isNegative
        return (select(isLeft, middle, l), select(isLeft, r, middle))
      })
    let isBetter = abs(function(left)) .<= abs(function(right))
    return implicit(
      "rootScalar", select(isBetter, left, right), at, residual: function,
      transposedSolve: { product, unknown, right in
        // Each equation has its own unknown: the matrix is diagonal.
        right / product(zeros(like: unknown) + 1)
      })
  }
}

extension Solution {
  init(failed e: Expr) { self.init(value: e, hasConverged: e, steps: e) }
}
