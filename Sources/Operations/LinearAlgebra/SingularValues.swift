internal import Foundation
public import GnomonIR
package import GnomonTensors

/// The singular value decomposition of a matrix, or of each of a batch: `A = U diag(s) Vᵀ`.
///
///     let (u, s, vt) = svd(a)                // [m, k], [k] and [k, n] with k = min(m, n)
///
/// The singular values descend. Of the elements of a row of Vᵀ that are at least 0.9 times as large as
/// its largest, the first one is positive. Where a matrix has a NaN or infinity, everything is NaN.
///
/// - Parameters:
///   - a: float32 or float64, `[..., m, n]`.
///   - full: whether U and Vᵀ are square.
@_transparent public func svd(_ a: Expr, full: Bool = false) -> (u: Expr, s: Expr, vt: Expr) {
  _svd(a, full, .here())
}

@usableFromInline func _svd(_ a: Expr, _ full: Bool, _ at: Location) -> (u: Expr, s: Expr, vt: Expr)
{
  let results = Expr.apply(SVD(isFull: full), [a.settled()], at: at)
  guard results.count == 3 else { return (results[0], results[0], results[0]) }
  return (results[0], results[1], results[2])
}

/// The singular values of a matrix, or of each of a batch, in descending order: `[..., min(m, n)]`.
///
/// - Parameter a: float32 or float64, `[..., m, n]`.
@_transparent public func singularValues(_ a: Expr) -> Expr { _svd(a, false, .here()).s }

package struct SVD: RoutineOp {
  package static let mnemonic = "svd"
  package static let summary =
    "U, the singular values, descending, and Vᵀ of a matrix; U and Vᵀ are square if asked."
  package static let constraints = commonConstraints
  package var operandRanks: [Int] { [2] }

  package var isFull: Bool
  package init(isFull: Bool = false) { self.isFull = isFull }

  package func resultTypes(ofOne x: [TensorType]) -> [TensorType] {
    let (m, n) = (x[0].shape[0], x[0].shape[1])
    let k = Dim.minimum(m, n)
    return [
      TensorType(x[0].dtype, [m, isFull ? m : k]), TensorType(x[0].dtype, [k]),
      TensorType(x[0].dtype, [isFull ? n : k, n]),
    ]
  }

  /// With S = diag(s), E[i, j] = s[j]² - s[i]² and skew(X) = X - Xᵀ,
  /// Ā = U (skew(Uᵀ Ū) / E S + S skew(Vᵀ V̄) / E + diag(s̄)) Vᵀ, and what Ū and V̄ have outside the
  /// columns of U and V over s (Townsend 2016, "Differentiating the singular value decomposition").
  /// Equal values leave out what would turn their vectors into one another.
  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    let (s, k) = (c.results[1], c.results[1].shape.last ?? 0)
    let (m, n) = [c.operands[0].type].matrix(0)
    if isFull, m != n, c.upstream[0] != nil || c.upstream[2] != nil {
      throw Refusal(
        .notDifferentiable,
        "the vectors of a full decomposition that the matrix does not determine have no derivative",
        marks: [Refusal.Mark(0)], help: "svd({0}) without full: true")
    }
    let u = c.results[0].part(rows: m, columns: k)
    let vt = c.results[2].part(rows: k, columns: n)
    var inner = c.upstream[1].map { Expr.onDiagonal($0) }
    var outer: Expr?
    func add(_ x: Expr, to sum: inout Expr?) { sum = sum.map { $0 + x } ?? x }
    let (row, column) = (s.expanded(axis: -2), s.expanded(axis: -1))
    let f = reciprocalOrZero((row - column) * (row + column))
    if let gu = c.upstream[0] {
      let p = matmul(u.transposed(), gu)
      add((p - p.transposed()) * f * row, to: &inner)
      if m != k {
        let rest = (gu - matmul(u, p)) * reciprocalOrZero(row)
        add(matmul(rest, vt), to: &outer)
      }
    }
    if let gv = c.upstream[2]?.transposed() {
      let p = matmul(vt, gv)
      add(column * ((p - p.transposed()) * f), to: &inner)
      if n != k {
        let rest = (gv - matmul(vt.transposed(), p)) * reciprocalOrZero(row)
        add(matmul(u, rest.transposed()), to: &outer)
      }
    }
    if let inner { add(matmul(u, matmul(inner, vt)), to: &outer) }
    return [outer]
  }

  package func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix] {
    let (m, n, k) = (x[0].rows, x[0].columns, min(x[0].rows, x[0].columns))
    guard x[0].values.allSatisfy(\.isFinite) else {
      return shapes.map { DenseMatrix($0[0], $0.count > 1 ? $0[1] : 1).invalid }
    }
    // Columns of the tall one of A and Aᵀ are turned in pairs until they are at right angles.
    var g = m >= n ? x[0] : x[0].transposed
    var v = DenseMatrix.identity(k)
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    for _ in 0..<40 {
      var isDone = true
      for p in 0..<k {
        for q in (p + 1)..<max(p + 1, k) {
          let (a, b) = (g.column(p), g.column(q))
          let (aa, bb, ab) = (dot(a, a), dot(b, b), dot(a, b))
          if ab.magnitude <= 1e-16 * (aa * bb).squareRoot() { continue }
          isDone = false
          let angle = 0.5 * Foundation.atan2(2 * ab, bb - aa)
          let (c, s) = (Foundation.cos(angle), Foundation.sin(angle))
          for i in 0..<g.rows {
            (g[i, p], g[i, q]) = (c * g[i, p] - s * g[i, q], s * g[i, p] + c * g[i, q])
          }
          for i in 0..<k {
            (v[i, p], v[i, q]) = (c * v[i, p] - s * v[i, q], s * v[i, p] + c * v[i, q])
          }
        }
      }
      if isDone { break }
    }
    let norms = (0..<k).map { dot(g.column($0), g.column($0)).squareRoot() }
    let order = norms.indices.sorted { norms[$0] > norms[$1] }
    let columns = order.filter { norms[$0] > 0 }.map { j in g.column(j).map { $0 / norms[j] } }
    let long = DenseMatrix.orthonormal(columns, count: isFull ? g.rows : k, length: g.rows)
    let short = v.reorderingColumns(order)
    var (u, vt) = m >= n ? (long, short.transposed) : (short, long.transposed)
    for i in 0..<k where (0..<n).map({ vt[i, $0] }).turn < 0 {
      for j in 0..<n { vt[i, j] = -vt[i, j] }
      for j in 0..<m { u[j, i] = -u[j, i] }
    }
    return [u, DenseMatrix([k], order.map { norms[$0] }), vt]
  }

  package func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine {
    let (m, n) = operands.matrix(0)
    let (k, l) = (Dim.minimum(m, n), Dim.maximum(m, n))
    return Routine(
      .svd, options: isFull ? 1 : 0, operands[0].dtype, sizes: [m, n], operandRanks: operandRanks,
      resultRanks: [2, 1, 2], workspace: l * l + 5 * k * k + 16 * k + 34 * l + m * n + 64,
      flops: 20 * m * n * k)
  }
}

extension DenseMatrix {
  /// Orthonormal columns, completed by the axes that they hold least of.
  static func orthonormal(_ columns: [[Double]], count: Int, length: Int) -> DenseMatrix {
    var all = columns
    while all.count < count {
      let held = (0..<length).map { i in all.reduce(0) { $0 + $1[i] * $1[i] } }
      let axis = held.indices.min { held[$0] < held[$1] - 1e-15 } ?? 0
      var x = (0..<length).map { $0 == axis ? 1.0 : 0 }
      for _ in 0..<2 {
        for c in all {
          let d = zip(c, x).reduce(0) { $0 + $1.0 * $1.1 }
          x = zip(x, c).map { $0 - d * $1 }
        }
      }
      let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
      all.append(x.map { $0 / norm })
    }
    return DenseMatrix(length, count) { all[$1][$0] }
  }
}
