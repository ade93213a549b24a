public import GnomonIR
package import GnomonTensors

/// X with `A X = B` for a square matrix, or for each of a batch.
///
///     let x = solve(a, b)                    // [n, n] and [n] -> [n]
///
/// By LU factors with partial pivoting. The derivative is another solve with the same factors, and
/// several solves with one matrix share them. A singular matrix gives infinities and NaN.
///
/// - Parameters:
///   - a: float32 or float64, `[..., n, n]`; batch axes broadcast.
///   - b: the same dtype, `[..., n, k]`, or one vector `[n]`.
///   - positiveDefinite: whether `a` is known to be symmetric positive definite: half the work, by a
///     Cholesky factor; NaN where it is not.
@_transparent public func solve(_ a: Expr, _ b: Expr, positiveDefinite: Bool = false) -> Expr {
  _solve(a, b, positiveDefinite, .here())
}

@usableFromInline func _solve(
  _ a: Expr, _ b: Expr, _ isPositive: Bool, _ at: Location
) -> Expr {
  solving("solve", a, b, at) { a, b in
    if isPositive { return choleskySolve(cholesky(a), b) }
    let factors = Expr.apply(LU(), [a], at: .here())
    return .make(LinearSolve(), [a, factors[0], factors[1], b], at: .here())
  }
}

/// X with `A X = B` from the factors of A that `luFactor` gives.
///
/// - Parameters:
///   - lu: what `luFactor` gives.
///   - b: `[..., n, k]`, or one vector `[n]`.
///   - transposed: whether to solve `Aᵀ X = B` instead.
@_transparent public func luSolve(
  _ lu: (factors: Expr, permutation: Expr), _ b: Expr, transposed: Bool = false
) -> Expr { _luSolve(lu, b, transposed, .here()) }

@usableFromInline func _luSolve(
  _ lu: (factors: Expr, permutation: Expr), _ b: Expr, _ transposed: Bool, _ at: Location
) -> Expr {
  solving("luSolve", lu.factors, b, at) { f, b in
    // By the two triangles, so that derivatives with respect to the factors are there.
    let p = lu.permutation.expanded(axis: -1)
    func reordered(_ x: Expr, _ p: Expr) -> Expr {
      takeAlongAxis(x, p.broadcast(to: x.shape), axis: x.rank - 2)
    }
    if transposed {
      let y = solveTriangular(f, b, lower: false, transposed: true)
      let z = solveTriangular(f, y, lower: true, transposed: true, unitDiagonal: true)
      return reordered(z, argsort(p, axis: -2))
    }
    let y = solveTriangular(f, reordered(b, p), lower: true, unitDiagonal: true)
    return solveTriangular(f, y, lower: false)
  }
}

/// X with `A X = B` from the Cholesky factor of A.
///
/// - Parameters:
///   - factor: what `cholesky` gives.
///   - b: `[..., n, k]`, or one vector `[n]`.
///   - upper: whether the factor is the upper one.
@_transparent public func choleskySolve(_ factor: Expr, _ b: Expr, upper: Bool = false) -> Expr {
  _choleskySolve(factor, b, upper, .here())
}

@usableFromInline func _choleskySolve(
  _ factor: Expr, _ b: Expr, _ upper: Bool, _ at: Location
) -> Expr {
  solving("choleskySolve", factor, b, at) { f, b in
    let y = solveTriangular(f, b, lower: !upper, transposed: upper)
    return solveTriangular(f, y, lower: !upper, transposed: !upper)
  }
}

package struct LinearSolve: RoutineOp {
  package static let mnemonic = "linear_solve"
  package static let summary =
    "X with A X = B or Aᵀ X = B, from A (not read), its packed factors and permutation, and B."
  package static let arity = 4...4
  package static let constraints =
    commonConstraints + [
      "the first operand is square, the second one as large",
      "the fourth operand has as many rows as the first, the third as many elements",
    ]
  package var operandRanks: [Int] { [2, 2, 1, 2] }

  package var isTransposed: Bool
  package init(isTransposed: Bool = false) { self.isTransposed = isTransposed }

  package func check(_ operands: [TensorType], _ context: inout TypeContext) throws(Refusal) {
    try Self.checkFactors(self, operands, &context)
    try sameSize((0, 0), (3, 0), "C4", &context)
  }

  /// Of A, its factors and their permutation.
  static func checkFactors(
    _ op: some RoutineOp, _ operands: [TensorType], _ context: inout TypeContext
  ) throws(Refusal) {
    try op.squareOnly(operands[0], 0, "C3", &context)
    try op.squareOnly(operands[1], 1, "C3", &context)
    try op.sameSize((0, 0), (1, 0), "C3", &context)
    try op.sameSize((0, 0), (2, 0), "C4", &context)
    guard operands[2].dtype == .int64 else {
      throw Refusal(
        .dtypeNotSupported, "the permutation is \(operands[2].dtype) instead of int64",
        constraint: "C1", marks: [Refusal.Mark(2)])
    }
  }

  package func resultTypes(ofOne x: [TensorType]) -> [TensorType] { [x[3]] }

  /// B̄ = A⁻ᵀ X̄ with the factors at hand, and Ā = -B̄ Xᵀ (Giles 2008). The factors are A's, so they
  /// have no derivative of their own.
  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil, nil, nil] }
    let back = LinearSolve(isTransposed: !isTransposed)
    let b = Expr.make(back, Array(c.operands[..<3]) + [g], at: .here())
    let (left, right) = isTransposed ? (c.results[0], b) : (b, c.results[0])
    return [c.wanted[0] ? -matmul(left, right.transposed()) : nil, nil, nil, b]
  }

  package func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix] {
    let (f, order, b) = (x[1], x[2].values.map { Int($0) }, x[3])
    if isTransposed {
      let t = f.transposed
      let y = t.solvingTriangle(b, lower: true, unit: false)
      let z = t.solvingTriangle(y, lower: false, unit: true)
      return [DenseMatrix(b.rows, b.columns) { z[order.firstIndex(of: $0) ?? 0, $1] }]
    }
    let permuted = DenseMatrix(b.rows, b.columns) { b[order[$0], $1] }
    let y = f.solvingTriangle(permuted, lower: true, unit: true)
    return [f.solvingTriangle(y, lower: false, unit: false)]
  }

  package func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine {
    let (n, k) = operands.matrix(3)
    return Routine(
      .linearSolve, options: isTransposed ? 1 : 0, operands[0].dtype, sizes: [n, k],
      operandRanks: operandRanks, resultRanks: [2], workspace: n * k, flops: 2 * n * n * k)
  }
}
