public import GnomonIR
public import GnomonTensors

/// Normally distributed random numbers, by the transformation of Box and Muller:
/// `mean + standardDeviation · sqrt(-2 log(1 - u)) · cos(2πv)` with u and v uniform.
///
/// In float32 (and half floats, which are computed in it) u has 24 bits, so no number is further than
/// 5.8 standard deviations from the mean; in float64 it has 32, and the limit is 6.7.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
@_transparent public func normal(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, mean: Double = 0,
  standardDeviation: Double = 1
) -> Expr { _normal(key, shape, dtype, mean, standardDeviation, .here()) }

@usableFromInline func _normal(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ mean: Double, _ deviation: Double,
  _ at: Location
) -> Expr {
  guard dtype.isFloat else {
    return .refused(
      Refusal(
        .dtypeNotSupported, "not defined for \(dtype); it needs a floating-point dtype"), "normal",
      [key.expr], at: at)
  }
  return at.serving("normal") {
    let compute = dtype.computeType
    let u = unitInterval(key.folded(0), shape, compute)
    let v = unitInterval(key.folded(1), shape, compute)
    // 1 - u is exact and in (0, 1], where the logarithm is finite.
    let z = sqrt(-2 * log(1 - u)) * cos(Expr(2 * Double.pi) * v)
    return (z * Expr(deviation) + Expr(mean)).cast(to: dtype)
  }
}
