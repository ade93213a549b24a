public import GnomonIR
package import GnomonTensors

/// A matrix as a product of one with orthonormal columns and an upper triangle, or each of a batch.
///
///     let (q, r) = qr(a)                     // [m, n] -> [m, k] and [k, n], k = min(m, n)
///
/// The diagonal of R is not negative, which makes the factors of a matrix of full rank unique; LAPACK,
/// and with it NumPy and JAX, leave the signs open.
///
/// - Parameters:
///   - a: float32 or float64, `[..., m, n]`.
///   - complete: whether Q is square, `[..., m, m]`, and R is `[..., m, n]`.
@_transparent public func qr(_ a: Expr, complete: Bool = false) -> (q: Expr, r: Expr) {
  _qr(a, complete, .here())
}

@usableFromInline func _qr(_ a: Expr, _ complete: Bool, _ at: Location) -> (q: Expr, r: Expr) {
  let results = Expr.apply(QR(isComplete: complete), [a.settled()], at: at)
  return (results[0], results[results.count - 1])
}

package struct QR: RoutineOp {
  package static let mnemonic = "qr"
  package static let summary =
    "Q with orthonormal columns and an upper triangle R with Q R = A; no element of its diagonal < 0."
  package static let constraints = commonConstraints
  package var operandRanks: [Int] { [2] }

  package var isComplete: Bool
  package init(isComplete: Bool = false) { self.isComplete = isComplete }

  private func inner(_ x: TensorType) -> Dim {
    isComplete ? x.shape[0] : Dim.minimum(x.shape[0], x.shape[1])
  }

  package func resultTypes(ofOne x: [TensorType]) -> [TensorType] {
    let k = inner(x[0])
    return [
      TensorType(x[0].dtype, [x[0].shape[0], k]), TensorType(x[0].dtype, [k, x[0].shape[1]]),
    ]
  }

  /// With M = R R̄ᵀ - Q̄ᵀ Q, Ā = (Q̄ + Q copyltu(M)) R⁻ᵀ, where copyltu mirrors the lower triangle
  /// (Walter and Lehmann 2010; Seeger et al. 2017). A wide matrix has its first columns as the square
  /// part, and the others are Q times theirs of R (Roberts and Roberts 2020).
  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    let (q, r) = (c.results[0], c.results[1])
    let (m, n) = [c.operands[0].type].matrix(0)
    let k = r.shape[r.rank - 2]
    let isKnown = m == n || (m.constant != nil && n.constant != nil)
    guard isKnown, !isComplete || m == n || (m.constant ?? 0) < (n.constant ?? 0) else {
      throw Refusal(
        .notDifferentiable,
        isKnown
          ? "the columns of a square Q that a tall matrix does not determine have no derivative"
          : "whether \(m) by \(n) is wide or tall is not known here",
        marks: [Refusal.Mark(0)])
    }
    var gq = c.upstream[0] ?? zeros(like: q)
    let gr = c.upstream[1] ?? zeros(like: r)
    let isWide = m != n && m.constant! < n.constant!
    let square = r.part(rows: k, columns: k)
    if isWide {
      gq = gq + matmul(c.operands[0].part(columnsFrom: k), gr.part(columnsFrom: k).transposed())
    }
    let inner =
      matmul(square, gr.part(rows: k, columns: k).transposed()) - matmul(gq.transposed(), q)
    let mirrored = tril(inner) + tril(inner, diagonal: -1).transposed()
    let whole = gq + matmul(q, mirrored)
    let first = solveTriangular(square, whole.transposed(), lower: false).transposed()
    guard isWide else { return [first] }
    return [concatenate([first, matmul(q, gr.part(columnsFrom: k))], axis: -1)]
  }

  package func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix] {
    var (r, q) = (x[0], DenseMatrix.identity(x[0].rows))
    // Rotations of two rows at a time, each of which makes one element zero.
    for j in 0..<r.columns {
      for i in (j + 1)..<max(j + 1, r.rows) where r[i, j] != 0 {
        let (a, b) = (r[j, j], r[i, j])
        let h = (a * a + b * b).squareRoot()
        for k in 0..<r.columns {
          (r[j, k], r[i, k]) = (
            a / h * r[j, k] + b / h * r[i, k], a / h * r[i, k] - b / h * r[j, k]
          )
        }
        for k in 0..<q.rows {
          (q[k, j], q[k, i]) = (
            a / h * q[k, j] + b / h * q[k, i], a / h * q[k, i] - b / h * q[k, j]
          )
        }
        r[i, j] = 0
      }
    }
    for i in 0..<min(r.rows, r.columns) where r[i, i] < 0 {
      for k in 0..<r.columns { r[i, k] = -r[i, k] }
      for k in 0..<q.rows { q[k, i] = -q[k, i] }
    }
    let k = shapes[1][0]
    return [
      q.reorderingColumns(Array(0..<k)), DenseMatrix(k, r.columns) { $1 < $0 ? 0 : r[$0, $1] },
    ]
  }

  package func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine {
    let (m, n) = operands.matrix(0)
    let q = results.matrix(0).columns
    let (k, wide) = (Dim.minimum(m, n), Dim.maximum(n, q))
    return Routine(
      .qr, options: isComplete ? 1 : 0, operands[0].dtype, sizes: [m, n],
      operandRanks: operandRanks, resultRanks: [2, 2], workspace: m * wide + 33 * wide + k,
      flops: 4 * m * n * k)
  }
}
