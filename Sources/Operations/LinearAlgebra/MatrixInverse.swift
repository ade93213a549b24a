public import GnomonIR
package import GnomonTensors

/// The inverse of a square matrix, or of each of a batch.
///
/// `matmul(inverse(a), b)` becomes `solve(a, b)`.
///
/// - Parameter a: float32 or float64, `[..., n, n]`; a singular one gives infinities and NaN.
@_transparent public func inverse(_ a: Expr) -> Expr { _inverse(a, .here()) }

@usableFromInline func _inverse(_ a: Expr, _ at: Location) -> Expr {
  let a = a.settled()
  if a.isInvalid { return a }
  if let bad = notSquare(a, "inverse", at) { return bad }
  let factors = Expr.apply(LU(), [a], at: at.inScope("inverse"))
  guard factors.count == 3 else { return factors[0] }
  return .make(MatrixInverse(), [a, factors[0], factors[1]], at: at.inScope("inverse"))
}

package struct MatrixInverse: RoutineOp {
  package static let mnemonic = "matrix_inverse"
  package static let summary =
    "The inverse of A, from A (not read), its packed factors and permutation."
  package static let arity = 3...3
  package static let constraints =
    commonConstraints + [
      "the first operand is square, the second one as large",
      "the third operand has as many elements as the first has rows",
    ]
  package var operandRanks: [Int] { [2, 2, 1] }

  package init() {}

  package func check(_ operands: [TensorType], _ context: inout TypeContext) throws(Refusal) {
    try LinearSolve.checkFactors(self, operands, &context)
  }

  package func resultTypes(ofOne x: [TensorType]) -> [TensorType] { [x[0]] }

  /// Ā = -A⁻ᵀ X̄ A⁻ᵀ (Giles 2008).
  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil, nil] }
    let t = c.results[0].transposed()
    return [-matmul(t, matmul(g, t)), nil, nil]
  }

  package func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix] {
    LinearSolve().reference(x + [.identity(x[0].rows)], shapes)
  }

  package func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine {
    let n = operands.matrix(0).rows
    return Routine(
      .linearSolve, options: 2, operands[0].dtype, sizes: [n, n], operandRanks: operandRanks,
      resultRanks: [2], flops: 2 * n * n * n)
  }
}
