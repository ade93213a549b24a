public import GnomonIR
package import GnomonTensors

/// X with `A X + X B = C`, or for each of a batch.
///
/// By the Schur forms of A and B. Where an eigenvalue of A is the negative of one of B there is no
/// unique solution, and infinities and NaN come out.
///
/// - Parameters:
///   - a: float32 or float64, `[..., m, m]`; batch axes broadcast.
///   - b: the same dtype, `[..., n, n]`.
///   - c: the same dtype, `[..., m, n]`.
@_transparent public func sylvester(_ a: Expr, _ b: Expr, _ c: Expr) -> Expr {
  _sylvester(a, b, c, .here())
}

@usableFromInline func _sylvester(_ a: Expr, _ b: Expr, _ c: Expr, _ at: Location) -> Expr {
  let x = [a, b, c].map { $0.settled() }
  if x.contains(where: { $0.isInvalid || $0.rank < 2 }) {
    return .make(Sylvester(), x, at: at)
  }
  return at.serving("sylvester") {
    guard let all = alike(x, [2, 2, 2]) else {
      return .refused(
        Refusal(.broadcastMismatch, "the batches do not broadcast"), "sylvester", x, at: at)
    }
    return .make(Sylvester(), all, at: .here())
  }
}

/// X with `A X + X Aᵀ = Q`, or, of discrete time, `X - A X Aᵀ = Q`; for each of a batch.
///
/// - Parameters:
///   - a: float32 or float64, `[..., n, n]`.
///   - q: the same dtype and shape.
///   - discrete: whether time is discrete: by the bilinear transformation, for which -1 must be no
///     eigenvalue of `a`.
@_transparent public func lyapunov(_ a: Expr, _ q: Expr, discrete: Bool = false) -> Expr {
  _lyapunov(a, q, discrete, .here())
}

@usableFromInline func _lyapunov(_ a: Expr, _ q: Expr, _ isDiscrete: Bool, _ at: Location) -> Expr {
  let (a, q) = settledPair(a, q)
  if a.isInvalid || q.isInvalid { return a.isInvalid ? a : q }
  if let bad = notSquare(a, "lyapunov", at) { return bad }
  return at.serving("lyapunov") {
    guard isDiscrete else { return sylvester(a, a.transposed(), q) }
    // With B = (A + 1)⁻¹ (A - 1) it is B X + X Bᵀ = -2 (A + 1)⁻¹ Q (A + 1)⁻ᵀ.
    let one = Expr.eye(a.shape[a.rank - 1], a.dtype)
    let b = solve(a + one, a - one)
    let half = solve(a + one, q)
    let right = solve(a + one, half.transposed()).transposed()
    return sylvester(b, b.transposed(), -2 * right)
  }
}

/// The stabilizing X of the discrete algebraic Riccati equation
/// `X = Aᵀ X A - Aᵀ X B (R + Bᵀ X B)⁻¹ Bᵀ X A + Q`.
///
/// By the doubling algorithm, which squares its error in each of its steps (Chu et al. 2004, "A
/// structure-preserving doubling algorithm for periodic discrete-time algebraic Riccati equations").
///
/// - Parameters:
///   - a: float32 or float64, `[..., n, n]`.
///   - b: the same dtype, `[..., n, k]`.
///   - q: symmetric, `[..., n, n]`.
///   - r: symmetric and regular, `[..., k, k]`.
///   - steps: of doubling; 30 follow the equation over 2³⁰ units of time.
@_transparent public func dare(_ a: Expr, _ b: Expr, _ q: Expr, _ r: Expr, steps: Int = 30) -> Expr
{ _dare(a, b, q, r, steps, .here()) }

@usableFromInline func _dare(
  _ a: Expr, _ b: Expr, _ q: Expr, _ r: Expr, _ steps: Int, _ at: Location
) -> Expr {
  let x = [a, b, q, r].map { $0.settled() }
  if let bad = x.first(where: \.isInvalid) { return bad }
  for m in [x[0], x[2], x[3]] { if let bad = notSquare(m, "dare", at) { return bad } }
  return at.serving("dare") {
    let first = matmul(x[1], solve(x[3], x[1].transposed()))
    if first.isInvalid { return first }
    guard let start = alike([x[0], first, x[2]], [2, 2, 2]) else {
      return .refused(
        Refusal(.broadcastMismatch, "the batches do not broadcast"), "dare", x, at: at)
    }
    let one = Expr.eye(x[0].shape[x[0].rank - 1], x[0].dtype)
    let (_, _, h) = scan(steps: Dim(steps), from: (start[0], start[1], start[2])) { a, g, h in
      let w = one + matmul(g, h)
      let (p, t) = (solve(w, a), solve(w, g))
      return (
        matmul(a, p), g + matmul(a, matmul(t, a.transposed())),
        h + matmul(matmul(a.transposed(), h), p)
      )
    }
    return h.last
  }
}

package struct Sylvester: RoutineOp {
  package static let mnemonic = "sylvester"
  package static let summary = "X with A X + X B = C."
  package static let arity = 3...3
  package static let constraints =
    commonConstraints + [
      "the first two operands are square",
      "the third one has as many rows as the first, as many columns as the second",
    ]
  package var operandRanks: [Int] { [2, 2, 2] }

  package func check(_ operands: [TensorType], _ context: inout TypeContext) throws(Refusal) {
    try squareOnly(operands[0], 0, "C3", &context)
    try squareOnly(operands[1], 1, "C3", &context)
    try sameSize((0, 0), (2, 0), "C4", &context)
    try sameSize((1, 0), (2, 1), "C4", &context)
  }

  package func resultTypes(ofOne x: [TensorType]) -> [TensorType] { [x[2]] }

  /// C̄ solves Aᵀ C̄ + C̄ Bᵀ = X̄; Ā = -C̄ Xᵀ and B̄ = -Xᵀ C̄.
  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil, nil] }
    let x = c.results[0].transposed()
    let d = Expr.make(
      Sylvester(), [c.operands[0].transposed(), c.operands[1].transposed(), g], at: .here())
    return [-matmul(d, x), -matmul(x, d), d]
  }

  package func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix] {
    // One linear system for all elements, row by row.
    let (a, b, c) = (x[0], x[1], x[2])
    let (m, n) = (c.rows, c.columns)
    let whole = DenseMatrix(m * n, m * n) { p, q in
      (p % n == q % n ? a[p / n, q / n] : 0) + (p / n == q / n ? b[q % n, p % n] : 0)
    }
    guard whole.values.allSatisfy(\.isFinite) else { return [c.invalid] }
    let factors = LU().reference([whole], [])
    let line = LinearSolve().reference(
      [whole, factors[0], factors[1], DenseMatrix([m * n, 1], c.values)], [])[0]
    return [DenseMatrix([m, n], line.values)]
  }

  package func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine {
    let (m, n) = operands.matrix(2)
    return Routine(
      .sylvester, operands[0].dtype, sizes: [m, n], operandRanks: operandRanks, resultRanks: [2],
      workspace: 4 * m * m + 4 * n * n + 4 * m * n, flops: 60 * (m * m * m + n * n * n))
  }
}
