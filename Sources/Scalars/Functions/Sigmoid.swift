internal import GnomonTensors

/// 1 / (1 + exp(-x)): with e = exp(-|x|) it is 1 / (1 + e) or e / (1 + e), which neither overflows nor
/// flushes small results.
func sigmoidProgram(_ form: FloatForm) -> ScalarProgram {
  var b = ScalarBuilder(operands: [form.dtype])
  let x = b.operand(0)
  let e = b.expOfNegative(b.negate(b.absolute(x)), form)
  let one = b.number(1, form)
  let numerator = b.select(b.less(x, b.number(0, form)), e, one)
  let sum = b.add(e, one)
  // What the sum lost to rounding is exact (Dekker); it matters most where the sum is near 1, and the
  // correction is made for there.
  let lost = b.subtract(b.subtract(sum, one), e)
  let quotient = b.divide(numerator, sum)
  let result = b.multiplyAdd(quotient, lost, quotient)
  return b.program(results: [result])
}
