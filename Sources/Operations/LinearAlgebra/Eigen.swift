public import GnomonIR
package import GnomonTensors

/// The eigenvalues and eigenvectors of a square matrix, or of each of a batch: `A V = V diag(w)`.
///
///     let (w, v) = eig(a)                    // w.real, w.imaginary: [n]; v: [n, n], as columns
///
/// The values come in the order of their real, then their imaginary parts; those that are not real are
/// exact pairs. The vectors have length 1, and of the elements that are at least 0.9 times as large as
/// the largest, the first one is real and positive. Where a matrix has a NaN or infinity, everything
/// is NaN. Values and vectors have a derivative where the values differ.
///
/// Large matrices by LAPACK where there is one, else by QR steps on complex numbers.
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

  /// Ā = Re(V⁻ᵀ (diag(conj(w̄)) + F ∘ (Vᵀ conj(Ū))) Vᵀ) with F[i, j] = 1 / (w[j] - w[i]), 0 for equal
  /// values, and w̄, Ū the derivatives by real and imaginary parts as complex numbers (Boeddeker et al. 2017,
  /// "On the computation of complex-valued gradients").
  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    let zero = zeros(like: c.results[0])
    let g = ComplexExpr(c.upstream[0] ?? zero, -(c.upstream[1] ?? zero))
    let (w, v) = (ComplexExpr(c.results[0], c.results[1]), ComplexExpr(c.results[2], c.results[3]))
    // diag(conj(w̄)) Vᵀ = (V diag(conj(w̄)))ᵀ
    var right =
      (v * ComplexExpr(g.real.expanded(axis: -2), g.imaginary.expanded(axis: -2))).transposed()
    if c.upstream[2] != nil || c.upstream[3] != nil {
      let none = zeros(like: v.real)
      let u = derivativeOfAnyVectors(v, c.upstream[2] ?? none, c.upstream[3] ?? none)
      let distance = w.mapParts { $0.expanded(axis: -2) - $0.expanded(axis: -1) }
      let isZero = (distance.real .== 0) .& (distance.imaginary .== 0)
      let inverse = 1 / ComplexExpr(select(isZero, 1, distance.real), distance.imaginary)
      let factor = inverse.mapParts { select(isZero, none, $0) }
      right = right + matmul(factor * matmul(v.transposed(), conj(u)), v.transposed())
    }
    return [solve(v.transposed(), right).real]
  }

  /// Ū, the derivative by vectors of any length and angle near `v`, which are made those of `eig` by
  /// dividing: ū = v̄ - v Re(s) + i Im(s) / v[p] at p alone, with s = v̄ᴴ v and v[p] the element that is real.
  private func derivativeOfAnyVectors(_ v: ComplexExpr, _ re: Expr, _ im: Expr) -> ComplexExpr {
    let size = v.real * v.real + v.imaginary * v.imaginary
    let most = max(size, axes: [-2], keepDims: true)
    let place = argmax((size .>= 0.81 * most).cast(to: .int32), axis: -2)
    let isPlace =
      Expr.iota(v.shape[v.rank - 2]).expanded(axis: 1) .== place.cast(to: .int64).expanded(axis: -2)
    let mark = isPlace.cast(to: v.dtype)
    func column(_ x: Expr) -> Expr { sum(x, axes: [-2], keepDims: true) }
    let along = column(re * v.real + im * v.imaginary)
    let across = column(re * v.imaginary - im * v.real)
    return ComplexExpr(
      re - v.real * along,
      im - v.imaginary * along + mark * across / column(mark * v.real))
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
