public import GnomonIR
package import GnomonTensors

/// X with `T X = B` for a triangular T, or for each of a batch.
///
///     solveTriangular(l, b, lower: true)
///
/// The other triangle is not read. A 0 on the diagonal gives infinities and NaN.
///
/// - Parameters:
///   - a: float32 or float64, `[..., n, n]`; batch axes broadcast.
///   - b: the same dtype, `[..., n, k]`, or one vector `[n]`.
///   - lower: whether it is the lower triangle.
///   - transposed: whether to solve `Tᵀ X = B` instead.
///   - unitDiagonal: whether ones stand in for the diagonal, which is not read then.
/// - Returns: the shape of `b`, with the broadcast batch.
@_transparent public func solveTriangular(
  _ a: Expr, _ b: Expr, lower: Bool, transposed: Bool = false, unitDiagonal: Bool = false
) -> Expr { _solveTriangular(a, b, lower, transposed, unitDiagonal, .here()) }

@usableFromInline func _solveTriangular(
  _ a: Expr, _ b: Expr, _ lower: Bool, _ transposed: Bool, _ unit: Bool, _ at: Location
) -> Expr {
  solving("solveTriangular", a, b, at) { a, b in
    .make(
      TriangularSolve(isLower: lower, isTransposed: transposed, hasUnitDiagonal: unit), [a, b],
      at: .here())
  }
}

package struct TriangularSolve: RoutineOp {
  package static let mnemonic = "triangular_solve"
  package static let summary =
    "X with T X = B for a triangle T of a square matrix, or with its transpose."
  package static let arity = 2...2
  package static let constraints =
    commonConstraints + [
      "the first operand is square", "the second one has as many rows as the first",
    ]
  package var operandRanks: [Int] { [2, 2] }

  package var isLower: Bool
  package var isTransposed: Bool
  package var hasUnitDiagonal: Bool

  package init(isLower: Bool, isTransposed: Bool = false, hasUnitDiagonal: Bool = false) {
    self.isLower = isLower
    self.isTransposed = isTransposed
    self.hasUnitDiagonal = hasUnitDiagonal
  }

  package func check(_ operands: [TensorType], _ context: inout TypeContext) throws(Refusal) {
    try squareOnly(operands[0], 0, "C3", &context)
    try sameSize((0, 0), (1, 0), "C4", &context)
  }

  package func resultTypes(ofOne x: [TensorType]) -> [TensorType] { [x[1]] }

  /// B̄ = op(T)⁻ᵀ X̄, and T̄ the triangle of -B̄ Xᵀ (Giles 2008, "Collected matrix derivative results").
  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil] }
    var back = self
    back.isTransposed.toggle()
    let b = Expr.make(back, [c.operands[0], g], at: .here())
    guard c.wanted[0] else { return [nil, b] }
    let (left, right) = isTransposed ? (c.results[0], b) : (b, c.results[0])
    let whole = -matmul(left, right.transposed())
    let edge = hasUnitDiagonal ? 1 : 0
    return [isLower ? tril(whole, diagonal: -edge) : triu(whole, diagonal: edge), b]
  }

  package func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix] {
    let a = isTransposed ? x[0].transposed : x[0]
    return [a.solvingTriangle(x[1], lower: isLower != isTransposed, unit: hasUnitDiagonal)]
  }

  package func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine {
    let (n, k) = operands.matrix(1)
    return Routine(
      .triangularSolve,
      options: (isLower ? 1 : 0) | (isTransposed ? 2 : 0) | (hasUnitDiagonal ? 4 : 0),
      operands[0].dtype, sizes: [n, k], operandRanks: operandRanks, resultRanks: [2],
      flops: n * n * k)
  }
}

extension DenseMatrix {
  /// X with T X = b for a triangle T of this matrix.
  func solvingTriangle(_ b: DenseMatrix, lower: Bool, unit: Bool) -> DenseMatrix {
    var x = b
    for i in lower ? Array(0..<rows) : (0..<rows).reversed() {
      for c in 0..<b.columns {
        let known = (lower ? 0..<i : (i + 1)..<rows).reduce(0) { $0 + self[i, $1] * x[$1, c] }
        x[i, c] = unit ? b[i, c] - known : (b[i, c] - known) / self[i, i]
      }
    }
    return x
  }
}

/// The frame of functions that solve `A X = B`: batches are made alike, and a vector is a column.
func solving(
  _ name: String, _ a: Expr, _ b: Expr, _ at: Location, _ body: (Expr, Expr) -> Expr
) -> Expr {
  let (a, b) = settledPair(a, b)
  if a.isInvalid || b.isInvalid {
    return .refused(Refusal(.rankMismatch, ""), name, [a, b], at: at)
  }
  guard a.rank >= 2, b.rank >= 1 else {
    return .refused(
      Refusal(
        .rankMismatch, "the ranks are \(a.rank) and \(b.rank)",
        marks: [Refusal.Mark(a.rank < 2 ? 0 : 1)],
        help: "a matrix [..., n, n], and a vector [n] or a matrix [..., n, k]"), name, [a, b],
      at: at)
  }
  // One mistake, one diagnostic, in terms of the user's operands.
  var context = TypeContext(operands: [a.type, b.type])
  let rows = b.rank == 1 ? 0 : b.rank - 2
  guard context.agree(a.shape[a.rank - 2], a.shape[a.rank - 1]) else {
    return .refused(
      Refusal(
        .shapeMismatch,
        "the matrix is not square: \(a.shape[a.rank - 2]) by \(a.shape[a.rank - 1])",
        marks: [Refusal.Mark(0, [a.rank - 2, a.rank - 1])],
        help: "leastSquares({0}, {1}) takes matrices of any shape"), name, [a, b], at: at)
  }
  guard context.agree(a.shape[a.rank - 1], b.shape[rows]), a.dtype == b.dtype else {
    let isSize = a.dtype == b.dtype
    return .refused(
      Refusal(
        isSize ? .shapeMismatch : .dtypeMismatch,
        isSize
          ? "the matrix has \(a.shape[a.rank - 1]) rows, the right side \(b.shape[rows])"
          : "the operands have different dtypes: \(a.dtype) and \(b.dtype)",
        marks: [
          Refusal.Mark(0, isSize ? [a.rank - 1] : []), Refusal.Mark(1, isSize ? [rows] : []),
        ], help: isSize ? nil : "cast one of them: {1}.cast(to: .\(a.dtype))"), name, [a, b],
      at: at)
  }
  return at.serving(name) {
    let right = b.rank == 1 ? b.expanded(axis: 1) : b
    guard let both = alike([a, right], [2, 2]) else {
      return .refused(
        Refusal(.broadcastMismatch, "the batches \(a.shape) and \(b.shape) do not broadcast"), name,
        [a, b], at: at)
    }
    let x = body(both[0], both[1])
    return b.rank == 1 && !x.isInvalid ? x.squeezed(axis: x.rank - 1) : x
  }
}

/// The operands with one batch: axes before the last `ranks` broadcast. Nil where they do not.
func alike(_ operands: [Expr], _ ranks: [Int]) -> [Expr]? {
  var batch: [Dim] = []
  var context = TypeContext(operands: operands.map(\.type))
  let all = zip(operands, ranks).map { Array($0.shape.dropLast($1)) }
  let rank = all.map(\.count).max() ?? 0
  for axis in 0..<rank {
    var size: Dim = 1
    for own in all {
      let place = axis - (rank - own.count)
      guard place >= 0, own[place] != 1 else { continue }
      if size == 1 {
        size = own[place]
      } else if !context.agree(size, own[place]) {
        return nil
      }
    }
    batch.append(size)
  }
  return zip(operands, ranks).map { x, own in
    let shape = batch + x.shape.suffix(own)
    return x.shape == shape ? x : x.broadcast(to: shape)
  }
}
