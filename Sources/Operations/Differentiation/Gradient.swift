public import GnomonIR
internal import GnomonTensors

/// What the gradient is with respect to a value that the loss does not depend on.
public enum Disconnected: Sendable {
  /// A mistake (G0032), with the place where the path ends.
  case refused
  /// Zeros of the value's type.
  case zeros
}

/// The derivative of a scalar with respect to `x`, as an expression of the type of `x`.
///
///     let dw = gradient(of: loss, withRespectTo: w)
///     let (dw, db) = gradient(of: loss, withRespectTo: w, b)
///     let h = gradient(of: dw[0], withRespectTo: w)      // differentiate again for second derivatives
///
/// Reverse mode, from graph to graph: the result is ordinary expressions. `x` may be an input, a
/// variable or any intermediate value. Derivatives at kinks are those the functions state.
///
/// - Parameters:
///   - loss: a floating-point scalar, else G0030.
///   - x: a floating-point value, else G0033.
///   - disconnected: what to do when the loss does not depend on `x` in a differentiable way: by
///     default the mistake G0032.
@_transparent public func gradient(
  of loss: Expr, withRespectTo x: Expr, disconnected: Disconnected = .refused
) -> Expr { _gradient(loss, [x], disconnected, .here())[0] }

/// The derivatives of a scalar with respect to each of `xs`.
@_transparent public func gradient(
  of loss: Expr, withRespectTo xs: [Expr], disconnected: Disconnected = .refused
) -> [Expr] { _gradient(loss, xs, disconnected, .here()) }

@usableFromInline func _gradient(
  _ loss: Expr, _ xs: [Expr], _ disconnected: Disconnected, _ at: Location
) -> [Expr] {
  let loss = loss.settled()
  func all(_ e: Expr) -> [Expr] { xs.map { _ in e } }
  if loss.isInvalid { return all(loss) }
  guard loss.rank == 0, loss.dtype.isFloat else {
    let help =
      loss.dtype.isFloat
      ? "reduce it to a scalar: sum(loss) or mean(loss)"
      : "a loss is computed in a floating-point dtype; cast earlier, before the integers"
    return all(
      .invalid(
        Diagnostic(
          Refusal(
            .lossNotScalar, "the loss is not a floating-point scalar", marks: [Refusal.Mark(0)],
            help: help), function: "gradient", rule: nil, [loss], at: at)))
  }
  // Values without a derivative each get their own diagnostic; the others are not held up by them.
  var results: [Expr?] = xs.map { x in
    if x.isInvalid { return x }
    if x.literalValue != nil || !x.dtype.isFloat { return integerRefusal(x, at) }
    return nil
  }
  let open = xs.indices.filter { results[$0] == nil }
  let seed = Expr.constant(1, loss.dtype, at: at.inScope("gradient"))
  do {
    let found = try reverseSweep(
      outputs: [loss], upstream: [seed], inputs: open.map { xs[$0] })
    for (i, d) in zip(open, found) {
      results[i] =
        d
        ?? (disconnected == .zeros
          ? at.serving("gradient") { zeros(like: xs[i]) } : disconnection(loss, xs[i], at))
    }
  } catch let error as GnomonError {
    let bad = error.diagnostics.map(Expr.invalid)
    for i in open { results[i] = bad[0] }
  } catch {
    preconditionFailure("\(error)")
  }
  return results.map { $0 ?? zeros(like: loss) }
}

private func integerRefusal(_ x: Expr, _ at: Location) -> Expr {
  if let value = x.literalValue {
    return .invalid(
      Diagnostic(
        .disconnected, "gradient: the number \(value) is not a value of the expression", at: at))
  }
  return .invalid(
    Diagnostic(
      Refusal(
        .integerVariable, "`\(x.label)` is \(x.dtype); a derivative needs a floating-point dtype",
        marks: [Refusal.Mark(0)],
        help: "differentiate with respect to its cast: let f = {0}.cast(to: .float32)"),
      function: "gradient", rule: nil, [x], at: at))
}
