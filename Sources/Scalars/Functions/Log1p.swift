internal import GnomonTensors

extension ScalarBuilder {
  /// `log(1 + x)` for `-1 < x < ∞`, up to the sign of zero.
  ///
  /// `1 + x` is rounded only to find its exponent `k`; then `f = 2^-k x + (2^-k - 1)` has one rounding,
  /// none for `k = 0`.
  mutating func log1pOfFinite(_ x: Value, _ form: FloatForm) -> Value {
    let e = exponentInPlace(add(x, number(1, form)), form)
    // 4 · 2^-k is a normal number for every k; 2^-k may not be. Where e is not 0, |x| > 1/4, so that
    // its exponent may be lowered as an integer.
    let four = word(UInt64(form.bias + 2) << UInt64(form.mantissa), form)
    let scale = reinterpret(subtract(four, e), as: form.dtype)
    let scaled = reinterpret(subtract(bits(x, form), e), as: form.dtype)
    let offset = multiplyAdd(scale, number(0.25, form), number(-1, form))
    return logOfParts(add(scaled, offset), exponentValue(e, form), form)
  }
}

/// log(1 + x): -∞ at -1, NaN below; zeros keep their sign.
func log1pProgram(_ form: FloatForm) -> ScalarProgram {
  var b = ScalarBuilder(operands: [form.dtype])
  let x = b.operand(0)
  let y = b.sharingSign(b.log1pOfFinite(x, form), of: x, form)
  let result = b.logSpecials(y, x, pole: -1, form)
  return b.program(results: [result])
}
