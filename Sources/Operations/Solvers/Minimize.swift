public import GnomonIR
internal import GnomonTensors

/// A point where a function is least nearby, by the method of Broyden, Fletcher, Goldfarb and Shanno.
///
///     let best = minimize(from: Expr.zeros(.float64, [2])) { x in rosenbrock(x, a) }
///     gradient(of: best.value[0], withRespectTo: a)          // how the minimum moves
///
/// The matrix of second derivatives is estimated, so it is for some hundred unknowns at most. Of the
/// step lengths 1, 1/2, 1/4, … the one with the least value is taken. The derivative is that of the
/// implicit function, `the slope is 0`, with the true second derivatives.
///
/// - Parameters:
///   - initial: where to begin; a floating-point tensor.
///   - tolerance: the largest magnitude of a slope that counts as 0; by default 1e-8 in float64 and
///     1e-4 otherwise.
///   - maximum: the largest number of steps.
///   - function: a scalar.
@_transparent public func minimize(
  from initial: Expr, tolerance: Double? = nil, maximum: Int = 200, _ function: (Expr) -> Expr
) -> Solution { _minimize(initial, tolerance, maximum, .here(), function) }

/// Where a function of one variable is least between two bounds, by golden sections; for each element
/// on its own.
///
/// - Parameters:
///   - low: a floating-point tensor.
///   - high: of the same type. Between the two the function falls, then rises.
///   - maximum: how many sections; each makes the interval 0.618 times as long. The smallest interval
///     that the values can tell apart has the square root of the dtype's precision.
///   - function: element by element: what it gives for an element depends on that one alone.
@_transparent public func minimizeScalar(
  between low: Expr, _ high: Expr, maximum: Int = 80, _ function: (Expr) -> Expr
) -> Expr { _minimizeScalar(low, high, maximum, .here(), function) }

@usableFromInline func _minimize(
  _ initial: Expr, _ tolerance: Double?, _ maximum: Int, _ at: Location,
  _ function: (Expr) -> Expr
) -> Solution {
  let x0 = initial.settled()
  if x0.isInvalid { return Solution(failed: x0) }
  if let bad = floatsOnly(x0, "minimize", at) { return Solution(failed: bad) }
  let probe = Expr.regionParameter(x0.type, "unknown", at: at)
  let slope = _gradient(function(probe), [probe], .zeros, at)[0]
  if slope.isInvalid { return Solution(failed: slope) }
  let limit = tolerance ?? (x0.dtype == .float64 ? 1e-8 : 1e-4)
  let n = x0.type.elementCount
  return at.serving("minimize") {
    func value(_ flat: Expr) -> Expr { function(flat._reshaped(x0.shape, .here())) }
    func slope(_ flat: Expr) -> Expr {
      gradient(of: value(flat), withRespectTo: flat, disconnected: .zeros)
    }
    let lengths = Expr.constant(
      Tensor(dtype: x0.dtype, shape: [20], doubles: (0..<20).map { 1 / Double(1 << $0) }))
    let identity = Expr._eye(n, n, x0.dtype, .here())
    let start = stopGradient(x0)._reshaped([n], .here())
    // The state: x, its slope, the estimated inverse of the second derivatives.
    let found = whileLoop(
      [start, slope(start), identity, Expr.constant(0, .int64, at: .here())],
      while: { (max(abs($0[1])) .> Expr(limit)) .& ($0[3] .< Expr(Double(maximum))) },
      { s in
        let (x, g, h) = (s[0], s[1], s[2])
        let direction = -matmul(h, g)
        let values = vectorize(lengths) { t in value(x + t * direction) }
        let best = argmin(select(isNaN(values), Expr(.infinity), values), axis: 0)
        let step = take(lengths, best) * direction
        let next = x + step
        let nextSlope = slope(next)
        let change = nextSlope - g
        let curvature = sum(step * change)
        // Only where the slope grew along the step is there something to learn.
        let isUsable = curvature .> 0
        let rho = select(isUsable, 1 / select(isUsable, curvature, 1), 0)
        let left = identity - rho * outer(step, change)
        let updated =
          matmul(matmul(left, h), left.transposed()) + rho * outer(step, step)
        // Where even the shortest step does not help, begin again with the slope itself.
        let isBetter = take(values, best) .< value(x)
        return [
          select(isBetter, next, x), select(isBetter, nextSlope, g),
          select(isBetter .& isUsable, updated, identity), s[3] + 1,
        ]
      })
    if found[0].isInvalid { return Solution(failed: found[0]) }
    let solution = implicit(
      "minimize", found[0]._reshaped(x0.shape, .here()), at,
      residual: { x in
        gradient(of: function(x), withRespectTo: x, disconnected: .zeros)
      }, transposedSolve: transposedSystem)
    return Solution(
      value: solution, hasConverged: max(abs(found[1])) .<= Expr(limit), steps: found[3])
  }
}

@usableFromInline func _minimizeScalar(
  _ low: Expr, _ high: Expr, _ maximum: Int, _ at: Location, _ function: (Expr) -> Expr
) -> Expr {
  let (low, high) = settledPair(low, high)
  if low.isInvalid || high.isInvalid {
    return .refused(Refusal(.shapeMismatch, ""), "minimizeScalar", [low, high], at: at)
  }
  if let bad = floatsOnly(low, "minimizeScalar", at) { return bad }
  guard low.type == high.type, maximum >= 0 else {
    return .refused(
      Refusal(.shapeMismatch, "the bounds {0} and {1} have different types"), "minimizeScalar",
      [low, high], at: at)
  }
  let probe = function(Expr.regionParameter(low.type, "unknown", at: at)).settled(low.dtype)
  if let bad = residualRefusal("minimizeScalar", probe, low, at) { return bad }
  let golden = (5.0.squareRoot() - 1) / 2
  return at.serving("minimizeScalar") {
    let (left, right) = scan(steps: Dim(maximum), from: (stopGradient(low), stopGradient(high))) {
      l, r in
      let reach = (r - l) * Expr(golden)
      let (a, b) = (r - reach, l + reach)
      let isLeft = function(a) .< function(b)
      return (select(isLeft, l, a), select(isLeft, b, r))
    }
    return implicit(
      "minimizeScalar", (left.last + right.last) * 0.5, at,
      residual: { x in
        gradient(of: sum(function(x)), withRespectTo: x, disconnected: .zeros)
      },
      transposedSolve: { product, unknown, right in right / product(zeros(like: unknown) + 1) })
  }
}
