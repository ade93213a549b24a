internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Divides once where many elements have one divisor whose reciprocal is known to be a normal number.
///
///     %1 = exp %0 : f32[2, 4]
///     %3 = divide %1, %2 : f32[2, 4]
/// ->
///     %1 = exp %0 : f32[2, 4]
///     %3 = constant 1 : f32[]
///     %4 = divide %3, %2 : f32[2, 1]
///     %5 = multiply %1, %4 : f32[2, 4]
///
/// A sum of `exp(x - max(x))` over the axes of the maximum is at least 1 and at most the number of its
/// terms; where the largest is infinite, it is 0, infinite or NaN, and both sides are NaN or 0 alike.
/// Two roundings instead of one: at most 1.5 units in the last place. (For half floats these are
/// roundings to half, so they keep the division.)
package let divideOnce = RulePass(
  "divide-once", "Divide once where many elements have one divisor.", isClosing: true,
  [
    Rule(
      "e / s = e * (1 / s), e = exp(x - max(x)), s = sum(e)", at: Divide.self, is: .rounding
    ) {
      rewriter, _, site in
      let (e, divisor) = (site.operands[0], site.operands[1])
      guard site.type.dtype == .float32 || site.type.dtype == .float64,
        let (_, exponent) = rewriter.find(Exp.self, e),
        let (sum, terms) = rewriter.find(Sum.self, rewriter.unviewed(divisor)), terms[0] == e,
        rewriter.isConstant(divisor, along: sum.axes, of: e),
        let (_, difference) = rewriter.find(Subtract.self, exponent[0]),
        let (max, whole) = rewriter.find(Max.self, rewriter.largest(difference[1])),
        max.axes == sum.axes, whole[0] == difference[0],
        rewriter.isConstant(difference[1], along: max.axes, of: e)
      else { return nil }
      let one = try rewriter.number(1, site.type.dtype)
      let reciprocal = try rewriter.emit(Divide(), one, divisor)
      return try rewriter.fit(try rewriter.emit(Multiply(), e, reciprocal), site.type)
    }
  ])

extension Rewriter {
  /// The maximum that is taken out: under views and marks, or `select(abs(m) < inf, m, 0)`.
  fileprivate func largest(_ value: ValueID) -> ValueID {
    let seen = unmarked(value)
    guard let (_, parts) = find(Select.self, seen), scalar(parts[2])?.double == 0,
      let (_, bound) = find(Less.self, parts[0]), scalar(bound[1])?.double == .infinity,
      let (_, magnitude) = find(Absolute.self, bound[0]),
      unmarked(magnitude[0]) == unmarked(parts[1])
    else { return seen }
    return unmarked(parts[1])
  }

  /// What `value` shows: the operand of views, and of ops that only differentiation looks at.
  private func unmarked(_ value: ValueID) -> ValueID {
    var value = value
    while let i = definition(of: value), i.isConstantView || i.op.facts.isIdentity {
      value = i.operands[0]
    }
    return value
  }
}
