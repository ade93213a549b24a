internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Writes formulas so that they neither overflow nor cancel.
///
///     %1 = exp %0 : f32[4]
///     %2 = constant 1 : f32[]
///     %3 = add %1, %2 : f32[4]
///     %4 = log %3 : f32[4]
/// ->
///     %1 = softplus %0 : f32[4]
///
/// Both sides are equal in real numbers. Where the left side is accurate the right one agrees within
/// a few units in the last place; where it overflows or cancels, the right one is still accurate.
package let stabilize = RulePass(
  "stabilize", "Write formulas so that they neither overflow nor cancel.",
  softmaxRules + determinantRules + exponentials + sigmoids + squares)

private let x = Pattern.value(0)
private let y = Pattern.value(1)
private let a = Pattern.value(2)
private let b = Pattern.value(3)

private let exponentials: [Rule] = [
  Rule("log(exp(x)) = x", Log()(Exp()(x)), becomes: x, is: .stabilizing),
  // Before log(1 + x), whose left side it has.
  Rule(
    "log(1 + exp(x)) = softplus(x)", Log()(Add()(Exp()(x), 1)), becomes: Softplus()(x),
    is: .stabilizing),
  Rule("log1p(exp(x)) = softplus(x)", Log1p()(Exp()(x)), becomes: Softplus()(x), is: .stabilizing),
  Rule("log(1 + x) = log1p(x)", Log()(Add()(x, 1)), becomes: Log1p()(x), is: .stabilizing),
  Rule(
    "log(1 - x) = log1p(-x)", Log()(Subtract()(1, x)), becomes: Log1p()(Negate()(x)),
    is: .stabilizing),
  Rule("exp(x) - 1 = expm1(x)", Subtract()(Exp()(x), 1), becomes: Expm1()(x), is: .stabilizing),
  Rule("exp(x) + -1 = expm1(x)", Add()(Exp()(x), -1), becomes: Expm1()(x), is: .stabilizing),
  Rule(
    "1 - exp(x) = -expm1(x)", Subtract()(1, Exp()(x)), becomes: Negate()(Expm1()(x)),
    is: .stabilizing),
  Rule("log1p(expm1(x)) = x", Log1p()(Expm1()(x)), becomes: x, is: .stabilizing),
]

private let sigmoids: [Rule] = [
  Rule(
    "1 / (1 + exp(-x)) = sigmoid(x)", Divide()(1, Add()(Exp()(Negate()(x)), 1)),
    becomes: Sigmoid()(x), is: .stabilizing),
  Rule(
    "1 / (1 + exp(x)) = sigmoid(-x)", Divide()(1, Add()(Exp()(x), 1)),
    becomes: Sigmoid()(Negate()(x)), is: .stabilizing),
  Rule(
    "exp(x) / (1 + exp(x)) = sigmoid(x)", Divide()(Exp()(x), Add()(Exp()(x), 1)),
    becomes: Sigmoid()(x), is: .stabilizing),
  Rule(
    "1 - sigmoid(x) = sigmoid(-x)", Subtract()(1, Sigmoid()(x)), becomes: Sigmoid()(Negate()(x)),
    is: .stabilizing),
  Rule(
    "log(sigmoid(x)) = -softplus(-x)", Log()(Sigmoid()(x)),
    becomes: Negate()(Softplus()(Negate()(x))), is: .stabilizing),
  Rule(
    "log1p(-sigmoid(x)) = -softplus(x)", Log1p()(Negate()(Sigmoid()(x))),
    becomes: Negate()(Softplus()(x)), is: .stabilizing),
  // What the derivatives of the forms above leave, where exp(x) and the divisor overflow together.
  Rule(
    "a / (1 + exp(x)) * exp(x) = a * sigmoid(x)",
    Multiply()(Divide()(a, Add()(Exp()(x), 1)), Exp()(x)), becomes: Multiply()(a, Sigmoid()(x)),
    is: .stabilizing),
  Rule(
    "(a * (b / (1 + exp(x)))) * exp(x) = a * (b * sigmoid(x))",
    Multiply()(Multiply()(a, Divide()(b, Add()(Exp()(x), 1))), Exp()(x)),
    becomes: Multiply()(a, Multiply()(b, Sigmoid()(x))), is: .stabilizing),
]

private let squares: [Rule] = [
  Rule(
    "sqrt(x * x) = abs(x)", SquareRoot()(Multiply()(x, x)), becomes: Absolute()(x), is: .stabilizing
  )
]
