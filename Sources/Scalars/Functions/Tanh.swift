internal import GnomonTensors

/// tanh: x + x³ q(x²) up to 0.5625, where tanh passes 1/2, and 1 - 2 / (exp(2|x|) + 1) beyond, where the
/// quotient is the smaller of the two terms. Signs of zeros stay.
func tanhProgram(_ form: FloatForm) -> ScalarProgram {
  var b = ScalarBuilder(operands: [form.dtype])
  let x = b.operand(0)
  let a = b.absolute(x)
  let square = b.multiply(a, a)
  let small = b.multiplyAdd(
    b.multiply(b.polynomial(square, form.tanhCoefficients), square), a, a)
  // Beyond 10 (20) the result is 1 after rounding.
  let z = b.atMost(form.single ? 20 : 40, b.add(a, a))
  let parts = b.expParts(z, form)
  let one = b.number(1, form)
  let sum = b.multiplyAdd(
    b.expOfRemainder(parts, form), b.scale(parts.shifted, form), one)
  let large = b.subtract(one, b.divide(b.number(2, form), sum))
  let y = b.select(b.less(a, b.number(0.5625, form)), small, large)
  let result = b.sharingSign(y, of: x, form)
  return b.program(results: [result])
}

extension FloatForm {
  /// Table `tanh32` or `tanh64`.
  fileprivate var tanhCoefficients: [Double] {
    single
      ? [
        -0x1.5554220000000p-2, 0x1.10c6380000000p-3, -0x1.ae9abe0000000p-5, 0x1.09ef120000000p-6,
      ]
      : [
        -0x1.555555555543cp-2, 0x1.11111110fbe07p-3, -0x1.ba1ba1a86393ep-5, 0x1.664f44d567a24p-6,
        -0x1.226dc4cc5fe85p-7, 0x1.d6c315edfdb62p-9, -0x1.7cd64fc6c8535p-10, 0x1.2ef7044c1617dp-11,
        -0x1.b4bc9cf0bbae4p-13, 0x1.a051188ad8a76p-15,
      ]
  }
}
