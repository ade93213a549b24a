internal import GnomonTensors

/// exp(x) - 1 = (2^k - 1) + 2^k (exp(r) - 1). At `k = 0` the first term vanishes and the second keeps
/// its relative precision; the sum has one fused rounding. It is formed at half its size because
/// `2^128` is not a float32 although results with `k = 128` are.
func expm1Program(_ form: FloatForm) -> ScalarProgram {
  var b = ScalarBuilder(operands: [form.dtype])
  let x = b.operand(0)
  let low = b.atLeast(form.single ? -20 : -40, x)
  let clamped = b.atMost(form.exponentRange.upperBound, low)
  let parts = b.expParts(clamped, form)
  let unit = b.word(1 << UInt64(form.mantissa), form)
  let halfScale = b.reinterpret(
    b.subtract(b.bits(b.scale(parts.shifted, form), form), unit), as: form.dtype)
  let first = b.subtract(halfScale, b.number(0.5, form))
  let half = b.multiplyAdd(halfScale, b.expm1OfRemainder(parts), first)
  // Tiny x is its own result: keeps the sign of zero, and the last bit of denormals from the halving.
  let tiny = b.less(b.absolute(x), b.number(form.single ? 0x1p-24 : 0x1p-53, form))
  let result = b.select(tiny, x, b.add(half, half))
  return b.program(results: [result])
}
