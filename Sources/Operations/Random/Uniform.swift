public import GnomonIR
public import GnomonTensors

/// Random numbers from [low, high), equally likely.
///
///     uniform(key: RandomKey(seed: 42), shape: ["batch", 10])
///
/// Each element takes the leading bits of a random word of its own: as many as the dtype's precision
/// holds, 32 for float64. The last rounding of `low + (high - low) u` may give `high` itself unless
/// low and high are 0 and 1. With these, float32 numbers are those of `Tensor.uniform(seed:)`.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
@_transparent public func uniform(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, low: Double = 0, high: Double = 1
) -> Expr { _uniform(key, shape, dtype, low, high, .here()) }

@usableFromInline func _uniform(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ low: Double, _ high: Double, _ at: Location
) -> Expr {
  guard dtype.isFloat else {
    return .refused(
      Refusal(
        .dtypeNotSupported, "not defined for \(dtype); it needs a floating-point dtype",
        help: "draw floats and cast: floor(uniform(…, high: 6)).cast(to: .int32)"), "uniform",
      [key.expr], at: at)
  }
  guard low.isFinite, high.isFinite, low <= high else {
    return .refused(
      Refusal(.invalidAttribute, "the interval [\(low), \(high)) is empty or not finite"),
      "uniform", [key.expr], at: at)
  }
  return at.serving("uniform") {
    let u = unitInterval(key, shape, dtype)
    return low == 0 && high == 1 ? u : u * Expr(high - low) + Expr(low)
  }
}

/// Multiples of 2^-bits in [0, 1), where the dtype's precision holds `bits` bits: all exact.
func unitInterval(_ key: RandomKey, _ shape: [Dim], _ dtype: DType) -> Expr {
  let bits =
    switch dtype {
    case .bfloat16: 8
    case .float16: 11
    case .float32: 24
    default: 32
    }
  let words = Expr.make(RandomBits(shape: shape), [key.expr], at: .here())
  // Unsigned division by a power of two: the leading bits.
  let leading = bits == 32 ? words : words / Expr(Double(1 << (32 - bits)))
  let scale = Expr(1 / Double(1 << bits))
  // Through a type that holds the integers exactly; the product then is exact too.
  let compute = dtype.computeType
  return (leading.cast(to: compute) * scale).cast(to: dtype)
}
