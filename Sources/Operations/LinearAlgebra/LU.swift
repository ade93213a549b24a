public import GnomonIR
package import GnomonTensors

/// A matrix with permuted rows as a product of triangles, both packed into one matrix, as `luSolve`
/// takes it.
///
/// - Parameter a: float32 or float64, `[..., m, n]`.
/// - Returns: `factors`, `[..., m, n]`: U on and above the diagonal, L below it, without its ones;
///   `permutation` (int64, `[..., m]`): row i of L U is row `permutation[i]` of `a`.
@_transparent public func luFactor(_ a: Expr) -> (factors: Expr, permutation: Expr) {
  _luFactor(a, .here())
}

@usableFromInline func _luFactor(_ a: Expr, _ at: Location) -> (factors: Expr, permutation: Expr) {
  let results = Expr.apply(LU(), [a.settled()], at: at)
  return results.count == 3 ? (results[0], results[1]) : (results[0], results[0])
}

/// The factors of a matrix by Gaussian elimination with partial pivoting, or of each of a batch.
///
///     let (p, l, u) = lu(a)                  // take(a, p) = L U
///
/// - Parameter a: float32 or float64, `[..., m, n]`; k is the smaller of m and n.
/// - Returns: the rows' order (int64, `[..., m]`), L `[..., m, k]` with ones on the diagonal, and
///   U `[..., k, n]`.
@_transparent public func lu(_ a: Expr) -> (permutation: Expr, lower: Expr, upper: Expr) {
  _lu(a, .here())
}

@usableFromInline func _lu(_ a: Expr, _ at: Location) -> (
  permutation: Expr, lower: Expr, upper: Expr
) {
  let (f, p) = _luFactor(a, at)
  if f.isInvalid { return (f, f, f) }
  return at.serving("lu") {
    let (l, u) = LU.triangles(f)
    return (p, l, u)
  }
}

package struct LU: RoutineOp {
  package static let mnemonic = "lu"
  package static let summary =
    "A matrix with permuted rows as L U, packed; the permutation (int64); its sign."
  package static let constraints = commonConstraints
  package var operandRanks: [Int] { [2] }

  package init() {}

  package func resultTypes(ofOne x: [TensorType]) -> [TensorType] {
    [x[0], TensorType(.int64, [x[0].shape[0]]), TensorType(x[0].dtype, [])]
  }

  /// The unit lower and the upper triangle of packed factors.
  static func triangles(_ f: Expr) -> (lower: Expr, upper: Expr) {
    let (m, n) = [f.type].matrix(0)
    let k = Dim.minimum(m, n)
    let (left, top) = (f.part(rows: m, columns: k), f.part(rows: k, columns: n))
    return (tril(left, diagonal: -1) + Expr.eye(m, columns: k, f.dtype), triu(top))
  }

  /// For a square matrix Ā = Pᵀ L⁻ᵀ (strict lower of Lᵀ L̄ + upper of Ū Uᵀ) U⁻ᵀ; of another one the
  /// square part and the rest in turn, as JAX and PyTorch do.
  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil] }
    let f = c.results[0]
    let (m, n) = [f.type].matrix(0)
    guard m == n || (m.constant != nil && n.constant != nil) else {
      throw Refusal(
        .notDifferentiable, "whether \(m) by \(n) is wide or tall is not known here",
        marks: [Refusal.Mark(0)])
    }
    let k = Dim.minimum(m, n)
    let square = f.part(rows: k, columns: k)
    let (gl, gu) = (tril(g, diagonal: -1), triu(g))
    var left = matmul(
      (tril(square, diagonal: -1) + Expr.eye(k, f.dtype)).transposed(), gl.part(rows: k, columns: k)
    )
    var right = matmul(gu.part(rows: k, columns: k), triu(square).transposed())
    func underU(_ x: Expr) -> Expr {
      solveTriangular(square, x.transposed(), lower: false).transposed()
    }
    func underL(_ x: Expr) -> Expr {
      solveTriangular(square, x, lower: true, transposed: true, unitDiagonal: true)
    }
    var rows: Expr
    if m == n {
      rows = underU(underL(tril(left, diagonal: -1) + triu(right)))
    } else if n.constant! > m.constant! {
      let (rest, grest) = (f.part(columnsFrom: k), gu.part(columnsFrom: k))
      left = left - matmul(grest, rest.transposed())
      rows = concatenate(
        [underU(underL(tril(left, diagonal: -1) + triu(right))), underL(grest)], axis: -1)
    } else {
      let (rest, grest) = (f.part(rowsFrom: k), gl.part(rowsFrom: k))
      right = right - matmul(rest.transposed(), grest)
      rows = concatenate(
        [underU(underL(tril(left, diagonal: -1) + triu(right))), underU(grest)], axis: -2)
    }
    // Row i of the factors is row p[i] of the operand.
    let back = inversePermutation(c.results[1]).expanded(axis: -1)
    rows = Expr.make(
      GatherAlong(axis: f.rank - 2), [rows, back.broadcast(to: f.shape)], at: .here())
    return [rows]
  }

  package func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix] {
    var a = x[0]
    var order = Array(0..<a.rows)
    var sign = 1.0
    for c in 0..<min(a.rows, a.columns) {
      var p = c
      for i in c..<a.rows where a[i, c].magnitude > a[p, c].magnitude { p = i }
      if p != c {
        a.swapRows(p, c)
        order.swapAt(p, c)
        sign = -sign
      }
      if a[c, c] == 0 { continue }
      for i in (c + 1)..<max(c + 1, a.rows) {
        a[i, c] /= a[c, c]
        for j in (c + 1)..<max(c + 1, a.columns) { a[i, j] -= a[i, c] * a[c, j] }
      }
    }
    return [a, DenseMatrix([a.rows], order.map(Double.init)), DenseMatrix([], [sign])]
  }

  package func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine {
    let (m, n) = operands.matrix(0)
    return Routine(
      .lu, operands[0].dtype, sizes: [m, n], operandRanks: operandRanks, resultRanks: [2, 1, 0],
      workspace: m * n + m, flops: m * n * Dim.minimum(m, n))
  }
}

extension Expr {
  /// The first rows and columns of a matrix, or of each of a batch.
  package func part(rows: Dim, columns: Dim) -> Expr {
    cut(rows: (0, rows), columns: (0, columns))
  }

  func part(columnsFrom first: Dim) -> Expr {
    cut(rows: (0, shape[rank - 2]), columns: (first, shape[rank - 1] - first))
  }

  package func part(rowsFrom first: Dim) -> Expr {
    cut(rows: (first, shape[rank - 2] - first), columns: (0, shape[rank - 1]))
  }

  private func cut(rows: (Dim, Dim), columns: (Dim, Dim)) -> Expr {
    let lead = shape.dropLast(2)
    let sizes = lead + [rows.1, columns.1]
    if sizes == shape[...] { return self }
    return .make(
      Slice(
        starts: lead.map { _ in 0 } + [rows.0, columns.0], sizes: Array(sizes),
        steps: shape.map { _ in 1 }), [self], at: .here())
  }
}
