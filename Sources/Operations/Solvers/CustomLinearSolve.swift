public import GnomonIR
internal import GnomonTensors

/// The solution x of `product(x) = right` for a linear function, found by a solver of yours.
///
///     let x = customLinearSolve({ v in matmul(a, v) }, b) { product, right in
///       conjugateGradient(product, right).value
///     }
///
/// The derivative takes one more solution, with the transposed function, and none of the solver's
/// steps.
///
/// - Parameters:
///   - product: linear; it may use any expression from outside, and derivatives reach these.
///   - right: a floating-point tensor, of the type that `product` takes and gives.
///   - transposedSolve: solves with the transposed function; `solve` itself by default, which is right
///     where it serves any function, or the function is symmetric.
///   - solve: gives x, from a linear function and a right side.
@_transparent public func customLinearSolve(
  _ product: @escaping (Expr) -> Expr, _ right: Expr,
  transposedSolve: ((_ product: @escaping (Expr) -> Expr, _ right: Expr) -> Expr)? = nil,
  solve: @escaping (_ product: @escaping (Expr) -> Expr, _ right: Expr) -> Expr
) -> Expr { _customLinearSolve(product, right, transposedSolve, .here(), solve) }

@usableFromInline func _customLinearSolve(
  _ product: @escaping (Expr) -> Expr, _ right: Expr,
  _ transposedSolve: ((@escaping (Expr) -> Expr, Expr) -> Expr)?, _ at: Location,
  _ solve: @escaping (@escaping (Expr) -> Expr, Expr) -> Expr
) -> Expr {
  let right = right.settled()
  if right.isInvalid { return right }
  let found = solve(product, stopGradient(right)).settled(right.dtype)
  return implicit(
    "customLinearSolve", found, at, residual: { product($0) - right },
    transposedSolve: { transposed, _, upstream in
      transposedSolve.map { $0(transposed, upstream) } ?? solve(transposed, upstream)
    })
}

/// The solution of `product(x) = right` for a symmetric positive definite function, by conjugate
/// gradients (Hestenes and Stiefel, 1952).
///
/// - Parameters:
///   - product: linear, symmetric and positive definite.
///   - right: a floating-point tensor.
///   - tolerance: the length of the residual, relative to that of `right`, that counts as 0; by default
///     1e-10 in float64 and 1e-5 otherwise.
///   - maximum: the largest number of steps.
@_transparent public func conjugateGradient(
  _ product: (Expr) -> Expr, _ right: Expr, tolerance: Double? = nil, maximum: Int = 100
) -> Solution { _conjugateGradient(product, right, tolerance, maximum, .here()) }

@usableFromInline func _conjugateGradient(
  _ product: (Expr) -> Expr, _ right: Expr, _ tolerance: Double?, _ maximum: Int, _ at: Location
) -> Solution {
  let right = right.settled()
  if right.isInvalid { return Solution(failed: right) }
  if let bad = floatsOnly(right, "conjugateGradient", at) { return Solution(failed: bad) }
  let limit = tolerance ?? (right.dtype == .float64 ? 1e-10 : 1e-5)
  return at.serving("conjugateGradient") {
    let goal = sum(right * right) * Expr(limit * limit)
    // The state: x, the residual, the direction, the residual's square.
    let found = whileLoop(
      [
        zeros(like: right), right, right, sum(right * right),
        Expr.constant(0, .int64, at: .here()),
      ], maximum: maximum, while: { $0[3] .> goal },
      { s in
        let image = product(s[2])
        let length = s[3] / sum(s[2] * image)
        let r = s[1] - length * image
        let square = sum(r * r)
        return [s[0] + length * s[2], r, r + square / s[3] * s[2], square, s[4] + 1]
      })
    if found[0].isInvalid { return Solution(failed: found[0]) }
    return Solution(value: found[0], hasConverged: found[3] .<= goal, steps: found[4])
  }
}
