internal import Foundation
public import GnomonIR
package import GnomonTensors

/// The Cholesky factor of a symmetric positive definite matrix, or of each of a batch: `A = L Lᵀ`.
///
///     let l = cholesky(a)                    // [..., n, n], lower triangular
///     let x = choleskySolve(l, b)
///
/// Only the lower triangle of `a` is read, and only there is the derivative not 0. Where a matrix is
/// not positive definite, its whole factor is NaN.
///
/// - Parameters:
///   - a: float32 or float64, `[..., n, n]`.
///   - upper: whether to give `U = Lᵀ` with `A = Uᵀ U` instead.
/// - Returns: the shape and dtype of `a`; 0 in the other triangle.
@_transparent public func cholesky(_ a: Expr, upper: Bool = false) -> Expr {
  _cholesky(a, upper, .here())
}

@usableFromInline func _cholesky(_ a: Expr, _ upper: Bool, _ at: Location) -> Expr {
  let l = Expr.make(Cholesky(), [a.settled()], at: at)
  return upper && !l.isInvalid ? at.serving("cholesky") { l.transposed() } : l
}

package struct Cholesky: RoutineOp {
  package static let mnemonic = "cholesky"
  package static let summary =
    "L with L Lᵀ = A, from the lower triangle of A; NaN where A is not positive definite."
  package static let constraints = commonConstraints + ["the matrix is square"]
  package var operandRanks: [Int] { [2] }

  package func check(_ operands: [TensorType], _ context: inout TypeContext) throws(Refusal) {
    try squareOnly(operands[0], 0, "C3", &context)
  }

  package func resultTypes(ofOne x: [TensorType]) -> [TensorType] { x }

  /// With Φ the lower triangle with half the diagonal, S = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹ is the derivative by a
  /// whole matrix (Murray 2016, "Differentiation of the Cholesky decomposition"); what belongs to the
  /// upper triangle is added to the lower one, which alone is read.
  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil] }
    let l = c.results[0]
    let p = matmul(l.transposed(), tril(g))
    let phi = tril(p, diagonal: -1) + 0.5 * Expr.onDiagonal(diagonal(p))
    let half = solveTriangular(l, phi.transposed(), lower: true, transposed: true)
    let s = solveTriangular(l, half.transposed(), lower: true, transposed: true)
    return [(s + s.transposed()).foldedIntoLowerTriangle()]
  }

  package func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix] {
    let (a, n) = (x[0], x[0].rows)
    var l = DenseMatrix(n, n)
    for i in 0..<n {
      for j in 0...i {
        let rest = a[i, j] - (0..<j).reduce(0) { $0 + l[i, $1] * l[j, $1] }
        if i == j, !(rest > 0) { return [DenseMatrix(n, n) { $1 > $0 ? 0 : .nan }] }
        l[i, j] = i == j ? rest.squareRoot() : rest / l[j, j]
      }
    }
    return [l]
  }

  package func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine {
    let n = operands.matrix(0).rows
    return Routine(
      .cholesky, operands[0].dtype, sizes: [n], operandRanks: operandRanks, resultRanks: [2],
      flops: (n * n * n).quotient(dividingBy: 3))
  }
}

extension Expr {
  /// The last axis as the diagonal of a matrix.
  static func onDiagonal(_ x: Expr) -> Expr {
    .make(DiagonalEmbed(first: x.rank - 1, second: x.rank), [x], at: .here())
  }

  /// Of a symmetric derivative, what arrives at a function that reads the lower triangle only: its
  /// elements count twice there but for the diagonal. The operand is twice the derivative.
  func foldedIntoLowerTriangle() -> Expr {
    tril(self) - 0.5 * .onDiagonal(diagonal(self))
  }
}
