public import GnomonIR
public import GnomonTensors

/// Angles from von Mises' distribution about 0, between -π and π, by the rejection of Best and Fisher
/// (1979).
///
/// 24 trials are drawn for each number; all fail with a probability below 1e-11, and then the last one
/// stands.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - concentration: not negative; 0 is uniform.
///   - shape: the shape of the result, to which the concentration broadcasts; by default its own.
/// - Returns: the dtype of the concentration. No derivative passes.
@_transparent public func vonMises(key: RandomKey, concentration: Expr, shape: [Dim]? = nil) -> Expr
{ _vonMises(key, concentration, shape, .here()) }

/// How many good ones are among draws without replacement, from good and bad ones.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - good: how many good ones there are: a floating-point tensor of whole numbers.
///   - bad: how many others; broadcasts.
///   - draws: how many are drawn, at most all; one step of a loop each.
///   - shape: the shape of the result, to which the counts broadcast; by default theirs.
/// - Returns: the dtype of the counts. No derivative passes.
@_transparent public func hypergeometric(
  key: RandomKey, good: Expr, bad: Expr, draws: Int, shape: [Dim]? = nil
) -> Expr { _hypergeometric(key, good, bad, draws, shape, .here()) }

/// A random orthogonal matrix, all equally likely (Haar's measure): the orthonormal columns that Gram
/// and Schmidt's method makes of normal ones.
///
/// - Parameters:
///   - key: the source; the same key gives the same matrix.
///   - size: the number of rows and columns.
///   - dtype: a floating-point dtype.
@_transparent public func randomOrthogonal(
  key: RandomKey, size: Dim, dtype: DType = .float32
) -> Expr { _randomOrthogonal(key, size, dtype, .here()) }

@usableFromInline func _vonMises(
  _ key: RandomKey, _ concentration: Expr, _ shape: [Dim]?, _ at: Location
) -> Expr {
  .draw("vonMises", key, [concentration], shape, at) { p, shape, u in
    let k = p[0]
    let trials = 24
    // For a small concentration the exact formula cancels.
    let isSmall = k .< 0.01
    let safe = select(isSmall, 1, k)
    let r = 1 + sqrt(1 + 4 * safe * safe)
    let rho = (r - sqrt(2 * r)) / (2 * safe)
    let exact = (1 + rho * rho) / (2 * rho)
    let positive = maximum(k, 1e-6)
    let s = select(isSmall, 1 / positive + positive, exact)
    let all = [Dim(trials)] + shape
    let z = cos(Expr(Double.pi) * u(0, all))
    let f = (1 + s * z) / (s + z)
    let c = select(isSmall, positive, safe) * (s - f)
    let second = u(1, all)
    let accepted = (c * (2 - c) .> second) .| (log(c / second) + 1 .>= c)
    let chosen = firstAccepted(f, accepted, trials: trials)
    let angle = acos(minimum(maximum(chosen, -1), 1))
    return select(u(2, shape) .< 0.5, -angle, angle)
  }
}

@usableFromInline func _hypergeometric(
  _ key: RandomKey, _ good: Expr, _ bad: Expr, _ draws: Int, _ shape: [Dim]?, _ at: Location
) -> Expr {
  guard draws >= 0 else {
    return .refused(
      Refusal(
        .invalidAttribute, "the number of draws \(draws) is negative", marks: [Refusal.Mark(0)]),
      "hypergeometric", [good, bad], at: at)
  }
  return .draw("hypergeometric", key, [good, bad], shape, at) { p, shape, u in
    let numbers = u(0, [Dim(draws)] + shape)
    let left = scan([numbers], from: [p[0], p[0] + p[1]]) { state, row in
      let isGood = row[0] * state[1] .< state[0]
      return [select(isGood, state[0] - 1, state[0]), state[1] - 1]
    }
    return p[0] - left[0].last
  }
}

@usableFromInline func _randomOrthogonal(
  _ key: RandomKey, _ n: Dim, _ dtype: DType, _ at: Location
) -> Expr {
  guard dtype.isFloat else {
    return .refused(
      Refusal(
        .dtypeNotSupported, "not defined for \(dtype); it needs a floating-point dtype"),
      "randomOrthogonal", [key.expr], at: at)
  }
  return at.serving("randomOrthogonal") {
    let compute = dtype.computeType
    let columns = normal(key: key, shape: [n, n], dtype: compute)
    let number = Expr.iota(n)
    // Rows of the state are the columns made so far.
    let rows = scan([columns, number], from: [Expr.zeros(compute, [n, n])]) { state, row in
      let q = state[0]
      var v = row[0]
      // Twice is enough to be orthogonal to the last bits.
      for _ in 0..<2 { v = v - matmul(matmul(q, v), q) }
      let unit = v / sqrt(sum(v * v))
      return [select((number .== row[1]).expanded(axis: 1), unit, q)]
    }
    return rows[0].last.transposed().cast(to: dtype)
  }
}
