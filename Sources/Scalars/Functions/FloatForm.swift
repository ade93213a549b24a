internal import GnomonTensors

/// The layout of a float type and the constants that depend on it, for functions written once.
///
/// Bits are handled as unsigned integers of the same size, so that no shift or subtraction overflows
/// in C's sense. Polynomial coefficients come from `scripts/minimax.py`.
struct FloatForm {
  typealias Value = ScalarBuilder.Value

  let dtype: DType
  let single: Bool
  /// The unsigned and signed integers of the same size.
  let bitsType: DType
  let signedType: DType
  /// The bits of the stored mantissa.
  let mantissa: Int
  let bias: Int

  init(_ dtype: DType) {
    precondition(dtype == .float32 || dtype == .float64)
    self.dtype = dtype
    single = dtype == .float32
    bitsType = single ? .uint32 : .uint64
    signedType = single ? .int32 : .int64
    mantissa = single ? 23 : 52
    bias = single ? 127 : 1023
  }

  /// ln 2 in two parts; the first has so many zeros at its end that its product with an exponent is
  /// exact, so that a target without fused multiply-add reduces as well.
  var ln2: (high: Double, low: Double) {
    single
      ? (high: 0x1.62e4p-1, low: 0x1.7f7d1cf79abcap-20)
      : (high: 0x1.62e42feep-1, low: 0x1.a39ef35793c76p-33)
  }
  var log2e: Double { 0x1.71547652b82fep+0 }
  /// 1.5 · 2^mantissa plus the bias: a sum with it has the rounded integer, biased, in its low bits.
  var magic: Double { (single ? 0x1.8p23 : 0x1.8p52) + Double(bias) }
  var leastNormal: Double { single ? 0x1p-126 : 0x1p-1022 }
}

extension ScalarBuilder {
  /// A constant of the form's type.
  mutating func number(_ x: Double, _ form: FloatForm) -> Value { constant(x, form.dtype) }

  /// A constant of the form's unsigned integer.
  mutating func word(_ x: UInt64, _ form: FloatForm) -> Value {
    constant(bits: x, form.bitsType)
  }

  mutating func bits(_ x: Value, _ form: FloatForm) -> Value { reinterpret(x, as: form.bitsType) }

  /// `c[0] + c[1] x + c[2] x² + …` by Horner's rule.
  mutating func polynomial(_ x: Value, _ c: [Double]) -> Value {
    var sum = constant(c[c.count - 1], x.dtype)
    for k in c.dropLast().reversed() { sum = multiplyAdd(sum, x, constant(k, x.dtype)) }
    return sum
  }

  /// `x`, but `low` below it; NaN stays.
  mutating func atLeast(_ low: Double, _ x: Value) -> Value {
    let l = constant(low, x.dtype)
    return select(less(x, l), l, x)
  }

  /// `x`, but `high` above it; NaN stays.
  mutating func atMost(_ high: Double, _ x: Value) -> Value {
    let h = constant(high, x.dtype)
    return select(less(h, x), h, x)
  }

  /// `y` with the sign of `x`; `y` is zero, NaN, positive or of that sign already.
  mutating func sharingSign(_ y: Value, of x: Value, _ form: FloatForm) -> Value {
    let sign = and(bits(x, form), word(1 << UInt64(form.mantissa + (form.single ? 8 : 11)), form))
    return reinterpret(or(bits(y, form), sign), as: form.dtype)
  }
}
