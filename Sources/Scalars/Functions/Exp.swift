internal import GnomonTensors

/// The pieces of exp: `exp(x) = 2^k exp(r)` with `k` the integer nearest to `x / ln 2` and
/// `r = x - k ln 2`, `|r| <= ln 2 / 2` (Cody and Waite's reduction; the product with ln 2 is exact
/// enough because it is fused).
struct ExpParts {
  /// `magic + k`: its low bits are `k + bias`.
  let shifted: ScalarBuilder.Value
  /// `k` as a float.
  let k: ScalarBuilder.Value
  let r: ScalarBuilder.Value
  /// `(exp(r) - 1 - r) / r²`.
  let q: ScalarBuilder.Value
}

extension ScalarBuilder {
  /// Reduces `x`, which the caller has kept in the range of its scale.
  mutating func expParts(_ x: Value, _ form: FloatForm) -> ExpParts {
    let magic = number(form.magic, form)
    let shifted = multiplyAdd(x, number(form.log2e, form), magic)
    let k = subtract(shifted, magic)
    var r = multiplyAdd(k, number(-form.ln2.high, form), x)
    r = multiplyAdd(k, number(-form.ln2.low, form), r)
    return ExpParts(shifted: shifted, k: k, r: r, q: polynomial(r, form.expCoefficients))
  }

  /// `exp(r)` of the parts.
  mutating func expOfRemainder(_ parts: ExpParts, _ form: FloatForm) -> Value {
    let one = number(1, form)
    return multiplyAdd(multiplyAdd(parts.q, parts.r, one), parts.r, one)
  }

  /// `exp(r) - 1` of the parts, relatively precise.
  mutating func expm1OfRemainder(_ parts: ExpParts) -> Value {
    multiplyAdd(multiply(parts.r, parts.r), parts.q, parts.r)
  }

  /// `2^k`, for `k` in the range of normal numbers.
  mutating func scale(_ shifted: Value, _ form: FloatForm) -> Value {
    reinterpret(
      shiftLeft(bits(shifted, form), word(UInt64(form.mantissa), form)), as: form.dtype)
  }

  /// `exp(x)` for `x` that is above -104 (-746) and below 89 (710), or NaN: right to the last
  /// denormal and to infinity.
  mutating func expOfClamped(_ x: Value, _ form: FloatForm) -> Value {
    let parts = expParts(x, form)
    return scale(expOfRemainder(parts, form), byPowerOfTwo: parts.k)
  }

  /// `exp(x)` for `x <= 0` or NaN.
  mutating func expOfNegative(_ x: Value, _ form: FloatForm) -> Value {
    expOfClamped(atLeast(form.exponentRange.lowerBound, x), form)
  }
}

extension FloatForm {
  /// Below it exp rounds to 0; above it to infinity.
  var exponentRange: ClosedRange<Double> { single ? -104...89 : -746...710 }

  /// Table `exp32` or `exp64`.
  var expCoefficients: [Double] {
    single
      ? [
        0x1.fffffe0000000p-2, 0x1.5554aa0000000p-3, 0x1.5557a00000000p-5, 0x1.122c5a0000000p-7,
        0x1.6b18d00000000p-10,
      ]
      : [
        0x1.0000000000000p-1, 0x1.5555555555559p-3, 0x1.5555555555559p-5, 0x1.111111110f6f0p-7,
        0x1.6c16c16c16264p-10, 0x1.a01a01afb99fcp-13, 0x1.a01a019c4601bp-16, 0x1.71ddf89ae8153p-19,
        0x1.27e50a06ab5cdp-22, 0x1.af5ee6a4e2a18p-26, 0x1.1f0d0326845e5p-29,
      ]
  }
}

/// exp: overflow gives infinity, underflow is gradual, NaN stays.
func expProgram(_ form: FloatForm) -> ScalarProgram {
  var b = ScalarBuilder(operands: [form.dtype])
  let low = b.atLeast(form.exponentRange.lowerBound, b.operand(0))
  let x = b.atMost(form.exponentRange.upperBound, low)
  let result = b.expOfClamped(x, form)
  return b.program(results: [result])
}
