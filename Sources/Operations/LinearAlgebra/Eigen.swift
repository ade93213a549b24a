public import GnomonIR
package import GnomonTensors

/// The eigenvalues and eigenvectors of a square matrix, or of each of a batch: `A V = V diag(w)`.
///
///     let (w, v) = eig(a)                    // w.real, w.imaginary: [n]; v: [n, n], as columns
///
/// The values come in the order of their real, then their imaginary parts; those that are not real are
/// exact pairs. The vectors have length 1, and of the elements that are at least 0.9 times as large as
/// the largest, the first one is real and positive. Where a matrix has a NaN or infinity, everything
/// is NaN. The values have a derivative where they differ; the vectors have none.
///
/// By QR steps on complex numbers, without LAPACK: hundreds of rows take several times as long as there.
///
/// - Parameter a: float32 or float64, `[..., n, n]`.
@_transparent public func eig(_ a: Expr) -> (values: ComplexExpr, vectors: ComplexExpr) {
  _eig(a, .here())
}

@usableFromInline func _eig(_ a: Expr, _ at: Location) -> (
  values: ComplexExpr, vectors: ComplexExpr
) {
  let r = Expr.apply(Eigen(), [a.settled()], at: at)
  guard r.count == 4 else { return (ComplexExpr(r[0], r[0]), ComplexExpr(r[0], r[0])) }
  return (ComplexExpr(r[0], r[1]), ComplexExpr(r[2], r[3]))
}

package struct Eigen: RoutineOp {
  package static let mnemonic = "eig"
  package static let summary =
    "Eigenvalues by real, then imaginary part, and unit eigenvectors as columns: real and imaginary parts."
  package static let constraints = commonConstraints + ["the matrix is square"]
  package var operandRanks: [Int] { [2] }

  package init() {}

  package func check(_ operands: [TensorType], _ context: inout TypeContext) throws(Refusal) {
    try squareOnly(operands[0], 0, "C3", &context)
  }

  package func resultTypes(ofOne x: [TensorType]) -> [TensorType] {
    let line = TensorType(x[0].dtype, [x[0].shape[0]])
    return [line, line, x[0], x[0]]
  }

  /// Ā = Re(V diag(conj(w̄)) V⁻¹)ᵀ, with w̄ the derivatives by real and imaginary parts as one complex
  /// number (Boeddeker et al. 2017, "On the computation of complex-valued gradients").
  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    guard c.upstream[2] == nil, c.upstream[3] == nil else {
      throw Refusal(
        .notDifferentiable, "the eigenvectors of a general matrix have no derivative here",
        marks: [Refusal.Mark(0)], help: "eigh({0}), if the matrix is symmetric")
    }
    let zero = zeros(like: c.results[0])
    let g = ComplexExpr(c.upstream[0] ?? zero, -(c.upstream[1] ?? zero))
    let v = ComplexExpr(c.results[2], c.results[3])
    let scaled = v * ComplexExpr(g.real.expanded(axis: -2), g.imaginary.expanded(axis: -2))
    // Mᵀ = V⁻ᵀ (V diag(conj(w̄)))ᵀ
    return [solve(v.transposed(), scaled.transposed()).real]
  }

  package func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix] {
    let n = x[0].rows
    guard x[0].values.allSatisfy(\.isFinite) else {
      return [1, 1, n, n].map { DenseMatrix(n, $0).invalid }
    }
    let (values, vectors) = x[0].eigen
    return [
      DenseMatrix([n], values.map(\.re)), DenseMatrix([n], values.map(\.im)),
      DenseMatrix(n, n) { vectors[$1][$0].re }, DenseMatrix(n, n) { vectors[$1][$0].im },
    ]
  }

  package func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine {
    let n = operands.matrix(0).rows
    return Routine(
      .eig, operands[0].dtype, sizes: [n], operandRanks: operandRanks, resultRanks: [1, 1, 2, 2],
      workspace: 4 * n * n + 7 * n, flops: 60 * n * n * n)
  }
}
