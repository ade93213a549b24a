public import GnomonIR
package import GnomonTensors

/// X with `A X = B` for a tridiagonal matrix, or for each of a batch, in linear time.
///
/// By elimination with exchanges of neighbouring rows. A singular matrix gives infinities and NaN.
///
/// - Parameters:
///   - lower: the diagonal below the main one, `[..., n]`, float32 or float64; its first element has
///     no place and is not read.
///   - diagonal: the main diagonal, `[..., n]`, the same dtype.
///   - upper: the diagonal above, `[..., n]`; its last element is not read.
///   - b: `[..., n, k]`, or one vector `[n]`.
@_transparent public func tridiagonalSolve(
  lower: Expr, diagonal: Expr, upper: Expr, _ b: Expr
) -> Expr { _tridiagonalSolve(lower, diagonal, upper, b, .here()) }

@usableFromInline func _tridiagonalSolve(
  _ lower: Expr, _ diagonal: Expr, _ upper: Expr, _ b: Expr, _ at: Location
) -> Expr {
  let x = [lower, diagonal, upper, b].map { $0.settled() }
  if x.contains(where: \.isInvalid) { return .make(TridiagonalSolve(), x, at: at) }
  guard x.allSatisfy({ $0.rank >= 1 }) else {
    return .refused(
      Refusal(.rankMismatch, "the ranks are \(x.map(\.rank)); each is 1 or more"),
      "tridiagonalSolve", x, at: at)
  }
  return at.serving("tridiagonalSolve") {
    let right = b.rank == 1 ? x[3].expanded(axis: 1) : x[3]
    guard let all = alike(Array(x[..<3]) + [right], [1, 1, 1, 2]) else {
      return .refused(
        Refusal(.broadcastMismatch, "the batches do not broadcast"), "tridiagonalSolve", x, at: at)
    }
    let y = Expr.make(TridiagonalSolve(), all, at: .here())
    return b.rank == 1 && !y.isInvalid ? y.squeezed(axis: y.rank - 1) : y
  }
}

package struct TridiagonalSolve: RoutineOp {
  package static let mnemonic = "tridiagonal_solve"
  package static let summary =
    "X with A X = B for the diagonal below, the main one and the one above, all of the same length."
  package static let arity = 4...4
  package static let constraints =
    commonConstraints + ["the diagonals have as many elements as the last operand has rows"]
  package var operandRanks: [Int] { [1, 1, 1, 2] }

  package func check(_ operands: [TensorType], _ context: inout TypeContext) throws(Refusal) {
    for i in 0..<3 { try sameSize((i, 0), (3, 0), "C3", &context) }
  }

  package func resultTypes(ofOne x: [TensorType]) -> [TensorType] { [x[3]] }

  /// B̄ = A⁻ᵀ X̄; the transpose has the outer diagonals exchanged, and Ā = -B̄ Xᵀ on them.
  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil, nil, nil] }
    let (l, d, u, x) = (c.operands[0], c.operands[1], c.operands[2], c.results[0])
    func shifted(_ x: Expr, axis: Int, by n: Int) -> Expr { x.rolled(by: n, axis: axis) }
    let line = d.rank - 1
    let b = Expr.make(
      TridiagonalSolve(),
      [shifted(u, axis: line, by: 1), d, shifted(l, axis: line, by: -1), g], at: .here())
    let rows = x.rank - 2
    let place = Expr.iota(d.shape[line])
    func masked(_ x: Expr, _ isThere: Expr) -> Expr {
      select(isThere, x, Expr.constant(0, x.dtype, at: .here()))
    }
    let last = place .== size(of: d, axis: line) - 1
    return [
      masked(-sum(b * shifted(x, axis: rows, by: 1), axes: -1), place .!= 0),
      -sum(b * x, axes: -1), masked(-sum(b * shifted(x, axis: rows, by: -1), axes: -1), .!last), b,
    ]
  }

  package func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix] {
    let n = x[3].rows
    let a = DenseMatrix(n, n) { i, j in
      i == j ? x[1].values[i] : i == j + 1 ? x[0].values[i] : i + 1 == j ? x[2].values[i] : 0
    }
    let factors = LU().reference([a], [])
    return LinearSolve().reference([a, factors[0], factors[1], x[3]], [])
  }

  package func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine {
    let (n, k) = operands.matrix(3)
    return Routine(
      .tridiagonalSolve, operands[0].dtype, sizes: [n, k], operandRanks: operandRanks,
      resultRanks: [2], workspace: 4 * n, flops: 8 * n * k)
  }
}
