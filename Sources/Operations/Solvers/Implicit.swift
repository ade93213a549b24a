internal import GnomonIR
internal import GnomonTensors

/// A solution, found in whatever way, with the derivative of what it solves.
///
/// Where `residual(x) = 0` defines x as a function of all that the residual captures, the theorem of
/// the implicit function says how x moves: with J the residual's derivative with respect to x, and u
/// the solution of `Jᵀ u = upstream`, the derivative with respect to a captured value c is
/// `-(∂residual/∂c)ᵀ u`. No derivative passes through how the solution was found.
///
/// - Parameters:
///   - solve: the solution of `Jᵀ u = right`, given the product with Jᵀ.
func implicit(
  _ name: String, _ solution: Expr, _ at: Location, residual: (Expr) -> Expr,
  transposedSolve solve: (_ product: @escaping (Expr) -> Expr, _ unknown: Expr, _ right: Expr) ->
    Expr
) -> Expr {
  let loop = LoopBuilder(name, at)
  let x = loop.parameter(solution, "solution")
  let upstream = loop.parameter(solution, "derivative")
  let r = residual(x).settled(solution.isInvalid ? .float32 : solution.dtype)
  if let invalid = loop.invalid([solution, r]) { return invalid }
  if let refused = residualRefusal(name, r, solution, at) { return refused }
  let known = loop.captures(of: [r])
  let floats = known.filter(\.dtype.isFloat)
  do {
    return try at.serving(name) {
      func product(_ v: Expr) -> Expr {
        let found = try? reverseSweep(outputs: [r], upstream: [v], inputs: [x], stopAt: known)
        return (found?[0]) ?? zeros(like: v)
      }
      let u = solve(product, x, upstream)
      if u.isInvalid { return u }
      let found = try reverseSweep(
        outputs: [r], upstream: [-u], inputs: floats, stopAt: known)
      let slopes = zip(floats, found).map { $1 ?? zeros(like: $0) }
      let others = loop.captures(of: [r] + slopes).filter { e in
        !floats.contains { $0.id == e.id } && e.id != solution.id
      }
      let operands = floats + others + [solution]
      return Expr.make(
        CustomGradient(differentiable: floats.count), operands,
        regions: [
          Body(parameters: operands, results: [solution]),
          Body(parameters: operands + [x, upstream], results: slopes),
        ], at: .here())
    }
  } catch let error as GnomonError {
    return error.diagnostics.first.map(Expr.invalid) ?? solution
  } catch {
    preconditionFailure("\(error)")
  }
}

/// The mistake that a function to be solved does not give a value of the type of its unknown.
func residualRefusal(_ name: String, _ r: Expr, _ x: Expr, _ at: Location) -> Expr? {
  if r.isInvalid { return r }
  if let bad = floatsOnly(x, name, at) { return bad }
  guard r.type == x.type else {
    return .refused(
      Refusal(
        .shapeMismatch, "the function gives \(r.type) for the unknown `{1}`, \(x.type)",
        help: "there are as many equations as unknowns, in the unknown's shape"), name, [r, x],
      at: at)
  }
  return nil
}

/// The solution of `a x = b` for a matrix and a vector; that of half floats is computed in float32.
func solved(_ a: Expr, _ b: Expr) -> Expr {
  let dtype = a.dtype.computeType
  return solve(a.cast(to: dtype), b.cast(to: dtype)).cast(to: a.dtype)
}
