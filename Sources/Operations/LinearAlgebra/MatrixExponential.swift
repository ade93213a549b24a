public import GnomonIR
internal import GnomonTensors

/// The exponential of a square matrix, or of each of a batch: Σ Aᵏ / k!.
///
/// By the Padé approximant of degree 13 of A / 2ˢ, squared s times, where s is chosen for each matrix
/// from its 1-norm (Higham 2005, "The scaling and squaring method for the matrix exponential
/// revisited"). s is at most 16: a matrix with a norm above 250,000 gives NaN.
///
/// - Parameter a: float32 or float64, `[..., n, n]`.
@_transparent public func matrixExponential(_ a: Expr) -> Expr { _matrixExponential(a, .here()) }

@usableFromInline func _matrixExponential(_ a: Expr, _ at: Location) -> Expr {
  let a = a.settled()
  if a.isInvalid { return a }
  if let bad = notSquare(a, "matrixExponential", at) { return bad }
  guard a.dtype == .float32 || a.dtype == .float64 else {
    return .refused(
      Refusal(
        .dtypeNotSupported, "\(a.dtype) is not supported", marks: [Refusal.Mark(0)],
        help: "cast it: {0}.cast(to: .float32)"), "matrixExponential", [a], at: at)
  }
  return at.serving("matrixExponential") {
    // The largest norm of which the approximant is exact to the last place.
    let reach = a.dtype == .float64 ? 5.371920351148152 : 3.925724783138660
    let norm = stopGradient(max(sum(abs(a), axes: -2, keepDims: true), axes: -1, keepDims: true))
    let halvings = ceil(log2(maximum(norm / Expr(reach), 1)))
    let steps = minimum(halvings, 16)
    let x = a * exp2(-steps)
    let power = approximant(x)
    let isOut = select(halvings .> 16, Expr.constant(.nan, a.dtype, at: .here()), 1)
    let count = max(steps).cast(to: .int64)
    // Matrices of a batch that need fewer squarings wait for the others.
    return whileLoop(
      (power * isOut, Expr.zeros(.int64, [])), maximum: 16, while: { _, k in k .< count },
      { x, k in (select(k.cast(to: a.dtype) .< steps, matmul(x, x), x), k + 1) }
    ).0
  }
}

/// r₁₃(x), the quotient of p(x) and p(-x).
private func approximant(_ x: Expr) -> Expr {
  let b: [Double] = [
    64_764_752_532_480_000, 32_382_376_266_240_000, 7_771_770_303_897_600, 1_187_353_796_428_800,
    129_060_195_264_000, 10_559_470_521_600, 670_442_572_800, 33_522_128_640, 1_323_241_920,
    40_840_800, 960_960, 16_380, 182, 1,
  ]
  // Divided by the first one, so that float32 does not overflow.
  func c(_ i: Int) -> Expr { Expr(b[i] / b[0]) }
  let one = Expr.eye(x.shape[x.rank - 1], x.dtype)
  let x2 = matmul(x, x)
  let x4 = matmul(x2, x2)
  let x6 = matmul(x4, x2)
  let odd =
    matmul(x6, c(13) * x6 + c(11) * x4 + c(9) * x2)
    + (c(7) * x6 + c(5) * x4 + c(3) * x2 + c(1) * one)
  let even =
    matmul(x6, c(12) * x6 + c(10) * x4 + c(8) * x2) + (c(6) * x6 + c(4) * x4 + c(2) * x2 + one)
  let u = matmul(x, odd)
  return solve(even - u, even + u)
}
