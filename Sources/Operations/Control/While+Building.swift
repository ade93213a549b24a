public import GnomonIR
internal import GnomonTensors

/// A loop that goes on as long as a condition holds.
///
///     let root = whileLoop(x / 2, while: { abs($0 * $0 - x) .> 1e-6 }) { ($0 + x / $0) / 2 }
///
/// - Parameters:
///   - initial: the state before the first step.
///   - maximum: a number of steps after which the loop ends in any case. Derivatives need it, and
///     cost that many steps; a loop without it has none (G0034).
///   - condition: a bool scalar, computed before each step.
///   - step: the next state, of the same type.
/// - Returns: the state for which the condition fails.
@_transparent public func whileLoop(
  _ initial: Expr, maximum: Int? = nil, while condition: (Expr) -> Expr,
  _ step: (Expr) -> Expr
) -> Expr {
  _whileLoop([initial], maximum, .here(), { condition($0[0]) }) { [step($0[0])] }[0]
}

/// A loop with a state of two values.
@_transparent public func whileLoop(
  _ initial: (Expr, Expr), maximum: Int? = nil, while condition: (Expr, Expr) -> Expr,
  _ step: (Expr, Expr) -> (Expr, Expr)
) -> (Expr, Expr) {
  let r = _whileLoop([initial.0, initial.1], maximum, .here(), { condition($0[0], $0[1]) }) {
    let next = step($0[0], $0[1])
    return [next.0, next.1]
  }
  return (r[0], r[1])
}

/// A loop with a state of several values.
@_transparent public func whileLoop(
  _ initial: [Expr], maximum: Int? = nil, while condition: ([Expr]) -> Expr,
  _ step: ([Expr]) -> [Expr]
) -> [Expr] { _whileLoop(initial, maximum, .here(), condition, step) }

@usableFromInline func _whileLoop(
  _ initial: [Expr], _ maximum: Int?, _ at: Location, _ condition: ([Expr]) -> Expr,
  _ step: ([Expr]) -> [Expr]
) -> [Expr] {
  let dtype =
    initial.first { $0.literalValue == nil && !$0.isInvalid && $0.dtype.isFloat }?.dtype
    ?? .float32
  var before = initial.map { $0.settled(dtype) }
  let loop = LoopBuilder("whileLoop", at)
  var state = before.enumerated().map { loop.parameter($1, "state \($0)") }
  var goesOn = condition(state).settled()
  var after = step(state)
  for i in after.indices where i < before.count { after[i] = after[i].settled(before[i].dtype) }
  func all(_ e: Expr) -> [Expr] { initial.map { _ in e } }
  if let invalid = loop.invalid(before + after + [goesOn]) { return all(invalid) }
  let rule = "\(While.mnemonic) C4: \(While.constraints[3])"
  if let mistake = loop.mismatch(before, after, rule: rule) { return all(mistake) }
  if goesOn.type != TensorType(.bool, []) {
    return all(
      .refused(
        Refusal(
          .loopMalformed, "the condition is not a bool scalar",
          help: "compare, and reduce with any() or all()"), "whileLoop", [goesOn], at: at))
  }
  if let maximum {
    guard maximum >= 0 else {
      return all(
        .refused(
          Refusal(.loopMalformed, "the largest number of steps, \(maximum), is negative"),
          "whileLoop", before, at: at))
    }
    // The loop counts its steps.
    let count = Expr.regionParameter(TensorType(.int64, []), "number of the step", at: at)
    before.append(.constant(0, .int64, at: at))
    state.append(count)
    at.serving("whileLoop") {
      after.append(count + 1)
      goesOn = goesOn .& (count .< Expr.constant(Double(maximum), .int64, at: at))
    }
  }
  let captures = loop.captures(of: after + [goesOn])
  let parameters = state + captures
  let results = Expr.apply(
    While(carries: state.count, maximum: maximum), before + captures,
    regions: [
      Body(parameters: parameters, results: [goesOn]), Body(parameters: parameters, results: after),
    ], at: at)
  return results.count == state.count ? Array(results[..<initial.count]) : all(results[0])
}
