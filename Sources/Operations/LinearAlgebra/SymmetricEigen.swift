internal import Foundation
public import GnomonIR
package import GnomonTensors

/// The eigenvalues and eigenvectors of a symmetric matrix, or of each of a batch: `A = V diag(w) Vᵀ`.
///
///     let (w, v) = eigh(a)                   // [n], ascending; [n, n], vectors as columns
///
/// Only the lower triangle of `a` is read. Of the elements of a vector that are at least 0.9 times as
/// large as its largest, the first one is positive. Where a matrix has a NaN or infinity, everything
/// is NaN. The derivative of the vectors leaves out what would turn vectors of equal values into one
/// another.
///
/// - Parameter a: float32 or float64, `[..., n, n]`.
@_transparent public func eigh(_ a: Expr) -> (values: Expr, vectors: Expr) { _eigh(a, .here()) }

@usableFromInline func _eigh(_ a: Expr, _ at: Location) -> (values: Expr, vectors: Expr) {
  let results = Expr.apply(SymmetricEigen(), [a.settled()], at: at)
  return (results[0], results[results.count - 1])
}

/// The eigenvalues of a symmetric matrix, or of each of a batch, in ascending order.
///
/// - Parameter a: float32 or float64, `[..., n, n]`, of which the lower triangle is read.
@_transparent public func symmetricEigenvalues(_ a: Expr) -> Expr { _eigh(a, .here()).values }

package struct SymmetricEigen: RoutineOp {
  package static let mnemonic = "eigh"
  package static let summary =
    "Eigenvalues, ascending, and eigenvectors, as columns, of a symmetric matrix's lower triangle."
  package static let constraints = commonConstraints + ["the matrix is square"]
  package var operandRanks: [Int] { [2] }

  package func check(_ operands: [TensorType], _ context: inout TypeContext) throws(Refusal) {
    try squareOnly(operands[0], 0, "C3", &context)
  }

  package func resultTypes(ofOne x: [TensorType]) -> [TensorType] {
    [TensorType(x[0].dtype, [x[0].shape[0]]), x[0]]
  }

  /// Ā = V (diag(w̄) + F ∘ (Vᵀ V̄)) Vᵀ with F[i, j] = 1 / (w[j] - w[i]), 0 for equal values (Giles 2008).
  package func gradient(_ c: GradientContext) -> [Expr?] {
    let (w, v) = (c.results[0], c.results[1])
    var inner: Expr?
    if let g = c.upstream[1] {
      let distance = w.expanded(axis: -2) - w.expanded(axis: -1)
      inner = matmul(v.transposed(), g) * reciprocalOrZero(distance)
    }
    if let g = c.upstream[0] {
      let own = Expr.onDiagonal(g)
      inner = inner.map { $0 + own } ?? own
    }
    guard let inner else { return [nil] }
    let whole = matmul(v, matmul(inner, v.transposed()))
    return [(whole + whole.transposed()).foldedIntoLowerTriangle()]
  }

  package func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix] {
    let n = x[0].rows
    let a = DenseMatrix(n, n) { $1 <= $0 ? x[0][$0, $1] : x[0][$1, $0] }
    guard a.values.allSatisfy(\.isFinite) else {
      return [DenseMatrix(n, 1).invalid, DenseMatrix(n, n).invalid]
    }
    let (values, vectors) = a.symmetricEigen
    let order = values.indices.sorted { values[$0] < values[$1] }
    var v = vectors.reorderingColumns(order)
    for j in 0..<n where v.column(j).turn < 0 { for i in 0..<n { v[i, j] = -v[i, j] } }
    return [DenseMatrix([n], order.map { values[$0] }), v]
  }

  package func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine {
    let n = operands.matrix(0).rows
    return Routine(
      .eigh, operands[0].dtype, sizes: [n], operandRanks: operandRanks, resultRanks: [1, 2],
      workspace: 3 * n * n + 12 * n + 16, flops: 9 * n * n * n)
  }
}

/// 1 / x, and 0 where x is 0.
func reciprocalOrZero(_ x: Expr) -> Expr {
  let isZero = x .== 0
  return select(isZero, Expr.constant(0, x.dtype, at: .here()), 1 / select(isZero, 1, x))
}

extension DenseMatrix {
  /// Eigenvalues and vectors of a symmetric matrix by the classical method of Jacobi: the largest
  /// element off the diagonal is turned away until all are negligible.
  var symmetricEigen: (values: [Double], vectors: DenseMatrix) {
    var (a, v) = (self, DenseMatrix.identity(rows))
    let scale = values.map(\.magnitude).max() ?? 0
    for _ in 0..<(30 * rows * rows + 1) {
      var (p, q) = (0, 0)
      for i in 0..<rows {
        for j in (i + 1)..<max(i + 1, rows) where p == q || a[i, j].magnitude > a[p, q].magnitude {
          (p, q) = (i, j)
        }
      }
      if p == q || a[p, q].magnitude <= 1e-17 * scale { break }
      let angle = 0.5 * Foundation.atan2(2 * a[p, q], a[q, q] - a[p, p])
      let (c, s) = (Foundation.cos(angle), Foundation.sin(angle))
      for k in 0..<rows {
        (a[p, k], a[q, k]) = (c * a[p, k] - s * a[q, k], s * a[p, k] + c * a[q, k])
      }
      for k in 0..<rows {
        (a[k, p], a[k, q]) = (c * a[k, p] - s * a[k, q], s * a[k, p] + c * a[k, q])
        (v[k, p], v[k, q]) = (c * v[k, p] - s * v[k, q], s * v[k, p] + c * v[k, q])
      }
    }
    return ((0..<rows).map { a[$0, $0] }, v)
  }
}
