internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Applies identities of arithmetic, comparison and logic.
///
///     %1 = constant 1 : f32[]
///     %2 = multiply %0, %1 : f32[4]
///     %3 = negate %2 : f32[4]
///     %4 = add %0, %3 : f32[4]
/// ->
///     %1 = constant 1 : f32[]
///     %2 = negate %0 : f32[4]
///     %3 = subtract %0, %0 : f32[4]
///
/// Every rule keeps every bit, for NaN, infinities and both zeros too, except those of
/// `constantPowers`, which may round differently. What was left out, and why, is in
/// `docs/rewrites.md`.
package let simplifyAlgebra = RulePass(
  "simplify-algebra", "Apply identities of arithmetic, comparison and logic.",
  neutralElements + negations + orderings + logic + integerOnly + constantChains + constantPowers
    + solveRules)

private let x = Pattern.value(0)
private let y = Pattern.value(1)
private let z = Pattern.value(2)

private let neutralElements: [Rule] = [
  Rule("x * 1 = x", Multiply()(x, 1), becomes: x),
  Rule("x / 1 = x", Divide()(x, 1), becomes: x),
  // x + 0 = x is false for x = -0.
  Rule("x + (-0) = x", Add()(x, -0.0), becomes: x, for: .floats),
  Rule("x + 0 = x, integers", Add()(x, 0), becomes: x, for: .integers),
  Rule("x - 0 = x", Subtract()(x, 0), becomes: x),
  Rule("maximum(x, -inf) = x", Maximum()(x, .number(-.infinity)), becomes: x, for: .floats),
  Rule("minimum(x, inf) = x", Minimum()(x, .number(.infinity)), becomes: x, for: .floats),
  // 1 / c is exact, so both sides round the same number once.
  Rule("x / 2^k = x * 2^-k", at: Divide.self) { rewriter, _, site in
    let dtype = site.type.dtype
    guard dtype.isFloat, let c = rewriter.scalar(site.operands[1]) else { return nil }
    let inverse = 1 / c.double
    guard inverse.isFinite, inverse != 0, c.double.significand == 1, c.double.magnitude != 1,
      ScalarValue(inverse, dtype).double == inverse
    else { return nil }
    let factor = try rewriter.number(inverse, dtype)
    return try rewriter.fit(
      try rewriter.emit(Multiply(), site.operands[0], factor), site.type)
  },
]

private let negations: [Rule] = [
  Rule("-(-x) = x", Negate()(Negate()(x)), becomes: x),
  Rule("x * -1 = -x", Multiply()(x, -1), becomes: Negate()(x)),
  Rule("x / -1 = -x", Divide()(x, -1), becomes: Negate()(x)),
  Rule("-0 - x = -x", Subtract()(-0.0, x), becomes: Negate()(x), for: .floats),
  Rule("0 - x = -x, integers", Subtract()(0, x), becomes: Negate()(x), for: .integers),
  Rule("-x - (-y) = y - x", Subtract()(Negate()(x), Negate()(y)), becomes: Subtract()(y, x)),
  Rule("x - (-y) = x + y", Subtract()(x, Negate()(y)), becomes: Add()(x, y)),
  Rule("x + (-y) = x - y", Add()(x, Negate()(y)), becomes: Subtract()(x, y)),
  Rule("(-x) * (-y) = x * y", Multiply()(Negate()(x), Negate()(y)), becomes: Multiply()(x, y)),
  Rule(
    "(-x) / (-y) = x / y", Divide()(Negate()(x), Negate()(y)), becomes: Divide()(x, y),
    for: .floats),
  Rule("(-x) * c = x * -c", at: Multiply.self) { rewriter, _, site in
    guard let (_, inner) = rewriter.find(Negate.self, site.operands[0]),
      let c = rewriter.scalar(site.operands[1]), site.type.dtype.isFloat
    else { return nil }
    let factor = try rewriter.number(-c.double, c.dtype)
    return try rewriter.fit(try rewriter.emit(Multiply(), inner[0], factor), site.type)
  },
  // Not for unsigned integers: there -x is another number, and abs nothing.
  Rule("abs(-x) = abs(x)", Absolute()(Negate()(x)), becomes: Absolute()(x), for: .signed),
  Rule("abs(x * x) = x * x", Absolute()(Multiply()(x, x)), becomes: Multiply()(x, x), for: .floats),
  Rule("cos(-x) = cos(x)", Cosine()(Negate()(x)), becomes: Cosine()(x)),
]

private let orderings: [Rule] = [
  Rule("maximum(x, x) = x", Maximum()(x, x), becomes: x),
  Rule("minimum(x, x) = x", Minimum()(x, x), becomes: x),
  Rule(
    "maximum(maximum(x, y), y) = maximum(x, y)", Maximum()(Maximum()(x, y), y),
    becomes: Maximum()(x, y)),
  Rule(
    "minimum(minimum(x, y), y) = minimum(x, y)", Minimum()(Minimum()(x, y), y),
    becomes: Minimum()(x, y)),
  Rule(
    "f(f(x)) = f(x)",
    family: { rewriter, site in
      guard site.op.facts.isIdempotent, site.operands.count == 1,
        let inner = rewriter.definition(of: site.operands[0]), inner.op.isEqual(to: site.op)
      else { return nil }
      return site.operands[0]
    }),
  // NaN is not less than itself either.
  Rule("x < x = false", Less()(x, x), becomes: 0),
  Rule("x == x = true, exact numbers", Equal()(x, x), becomes: 1, for: .exactNumbers),
  Rule("x <= x = true, exact numbers", LessEqual()(x, x), becomes: 1, for: .exactNumbers),
  Rule("x != x = false, exact numbers", NotEqual()(x, x), becomes: 0, for: .exactNumbers),
]

private let logic: [Rule] = [
  Rule("not not x = x", Not()(Not()(x)), becomes: x),
  Rule("not (x == y) = x != y", Not()(Equal()(x, y)), becomes: NotEqual()(x, y), for: .bools),
  Rule("not (x != y) = x == y", Not()(NotEqual()(x, y)), becomes: Equal()(x, y), for: .bools),
  Rule("x and x = x", And()(x, x), becomes: x),
  Rule("x or x = x", Or()(x, x), becomes: x),
  Rule("x xor x = 0", ExclusiveOr()(x, x), becomes: 0),
  Rule("x and true = x", And()(x, 1), becomes: x, for: .bools),
  Rule("x and 0 = 0", And()(x, 0), becomes: 0),
  Rule("x or 0 = x", Or()(x, 0), becomes: x),
  Rule("x or true = true", Or()(x, 1), becomes: 1, for: .bools),
  Rule("x xor 0 = x", ExclusiveOr()(x, 0), becomes: x),
  Rule("x xor true = not x", ExclusiveOr()(x, 1), becomes: Not()(x), for: .bools),
]

// Without NaN, infinities and signed zeros, arithmetic modulo 2^n is a ring.
private let integerOnly: [Rule] = [
  Rule("x * 0 = 0, integers", Multiply()(x, 0), becomes: 0, for: .integers),
  Rule("x - x = 0, integers", Subtract()(x, x), becomes: 0, for: .integers),
  Rule("(x + y) - y = x, integers", Subtract()(Add()(x, y), y), becomes: x, for: .integers),
  Rule("(x - y) + y = x, integers", Add()(Subtract()(x, y), y), becomes: x, for: .integers),
  Rule(
    "-(x - y) = y - x, integers", Negate()(Subtract()(x, y)), becomes: Subtract()(y, x),
    for: .integers),
]

private let constantChains: [Rule] = [
  constantChain("(x + a) + b = x + (a + b), integers", Add()) { $0.isInteger },
  constantChain("(x * a) * b = x * (a * b), integers", Multiply()) { $0.isInteger },
  constantChain("maximum(maximum(x, a), b) = maximum(x, maximum(a, b))", Maximum()) { _ in true },
  constantChain("minimum(minimum(x, a), b) = minimum(x, minimum(a, b))", Minimum()) { _ in true },
]

/// Joins the constants of an associative op; folding computes them.
private func constantChain<O: Op>(
  _ name: String, _ op: O, _ holds: @escaping @Sendable (DType) -> Bool
) -> Rule {
  Rule(name, at: O.self) { rewriter, _, site in
    guard holds(site.type.dtype), let (_, inner) = rewriter.find(O.self, site.operands[0]),
      rewriter.scalar(inner[0]) == nil, let a = rewriter.scalar(inner[1]),
      let b = rewriter.scalar(site.operands[1])
    else { return nil }
    let left = try rewriter.emit(Constant(a))
    let joined = try rewriter.emit(op, left, try rewriter.emit(Constant(b)))
    return try rewriter.fit(try rewriter.emit(op, inner[0], joined), site.type)
  }
}

// `power(x, 0.5)` is not the square root at -0 and -inf, so it stays unless neither can be.
private let constantPowers: [Rule] = [
  Rule("x ** 0 = 1", Power()(x, 0), becomes: 1),
  Rule("x ** -0 = 1", Power()(x, -0.0), becomes: 1),
  Rule("x ** 1 = x", Power()(x, 1), becomes: x),
  Rule("x ** 2 = x * x", Power()(x, 2), becomes: Multiply()(x, x), is: .rounding),
  Rule(
    "x ** 3 = x * x * x", Power()(x, 3), becomes: Multiply()(Multiply()(x, x), x), is: .rounding),
  Rule("x ** -1 = 1 / x", Power()(x, -1), becomes: Divide()(1, x), is: .rounding),
  Rule("x ** (k / 2) by roots, x >= 0", at: Power.self, is: .rounding) { rewriter, _, site in
    let x = site.operands[0]
    guard let exponent = rewriter.scalar(site.operands[1])?.double,
      [-1.5, -0.5, 0.5, 1.5].contains(exponent), rewriter.isNonNegative(x)
    else { return nil }
    let root = try rewriter.emit(exponent < 0 ? ReciprocalSquareRoot() : SquareRoot(), x)
    let result =
      switch exponent {
      case -1.5: try rewriter.emit(Multiply(), root, rewriter.emit(Multiply(), root, root))
      case 1.5: try rewriter.emit(Multiply(), x, root)
      default: root
      }
    return try rewriter.fit(result, site.type)
  },
  Rule("rsqrt(x) / x = rsqrt(x) ** 3, x >= 0", at: Divide.self, is: .rounding) {
    rewriter, _, site in
    let root = site.operands[0]
    guard let (_, x) = rewriter.find(ReciprocalSquareRoot.self, root), x[0] == site.operands[1],
      rewriter.isNonNegative(x[0])
    else { return nil }
    return try rewriter.emit(Multiply(), root, rewriter.emit(Multiply(), root, root))
  },
  Rule(
    "1 / sqrt(x) = rsqrt(x)", Divide()(1, SquareRoot()(x)), becomes: ReciprocalSquareRoot()(x),
    is: .rounding),
]
