package import GnomonIR
internal import GnomonTensors

extension Expr {
  /// A function of the elements along some axes, given by a formula that keeps those axes as 1.
  ///
  /// Half floats are computed in float32 and rounded once.
  package static func statistic(
    _ name: String, _ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location,
    _ formula: (_ x: Expr, _ axes: [Int]) -> Expr
  ) -> Expr {
    let x = x.settled()
    if x.isInvalid { return x }
    if let refusal = floatsOnly(x, name, at) { return refusal }
    let normalized: [Int]
    do { normalized = try normalizedAxes(axes, rank: x.rank) } catch {
      return .refused(error, name, [x], at: at)
    }
    return at.serving(name) {
      let y = formula(x.cast(to: x.dtype.computeType), normalized).cast(to: x.dtype)
      if keepDims || y.isInvalid { return y }
      let kept = x.shape.indices.filter { !normalized.contains($0) }.map { x.shape[$0] }
      return y.reshaped(kept)
    }
  }

  /// The number of elements along axes, less some, not below 0: a scalar of this dtype.
  func count(along axes: [Int], minus less: Int = 0) -> Expr {
    let n = axes.reduce(Dim(1)) { $0 * shape[$1] }
    let count = Dim.maximum(n - Dim(less), 0)
    let at = Location.here()
    if let constant = count.constant { return .constant(Double(constant), dtype, at: at) }
    return Expr.make(Size(less == 0 ? n : count), [], at: at).cast(to: dtype)
  }
}
