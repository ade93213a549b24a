internal import GnomonTensors

extension ScalarProgram {
  /// `1 / sqrt(x)` of a float32 that is NaN or at least the least normal number, 2^-126: the same bits as
  /// the whole function's, without what only other arguments need.
  package static let rsqrtOfNormal: ScalarProgram = {
    var b = ScalarBuilder(operands: [.float32])
    let result = b.rsqrtOfNormal(b.operand(0))
    return b.program(results: [result])
  }()
}

extension ScalarBuilder {
  /// A square root and a division keep a vector unit for as long as forty multiplications. This is an
  /// estimate from the bits and five terms of the series of its error.
  ///
  /// Halving the bits halves the exponent, and the mantissa nearly (the estimate of Quake III's source,
  /// 1999). Its residual e = 1 - x y² lies in [-0.0711, 0.0684], and 1 / sqrt(x) = y / sqrt(1 - e). The
  /// product x y is rounded, which no argument makes denormal, and the difference is rounded once.
  fileprivate mutating func rsqrtOfNormal(_ x: Value) -> Value {
    let form = FloatForm(.float32)
    let half = shiftRight(bits(x, form), word(1, form))
    let y = reinterpret(subtract(word(0x5F37_4000, form), half), as: .float32)
    let e = multiplyAdd(negate(multiply(x, y)), y, number(1, form))
    let root = multiplyAdd(multiply(y, e), polynomial(e, FloatForm.rsqrtCoefficients), y)
    return select(equal(x, number(.infinity, form)), number(0, form), root)
  }
}

extension FloatForm {
  /// Table `rsqrt32`.
  fileprivate static let rsqrtCoefficients: [Double] = [
    0x1.0000000000000p-1, 0x1.7fff5c0000000p-2, 0x1.3fff9a0000000p-2, 0x1.199c4a0000000p-2,
    0x1.fa634e0000000p-3,
  ]
}

/// The reciprocal square root: infinity with the sign of a zero, NaN below, denormals scaled up first.
/// In float64 it is the quotient.
func rsqrtProgram(_ form: FloatForm) -> ScalarProgram {
  var b = ScalarBuilder(operands: [form.dtype])
  let x = b.operand(0)
  guard form.single else {
    let quotient = b.divide(b.number(1, form), b.emit(.squareRoot, form.dtype, x))
    return b.program(results: [quotient])
  }
  let tiny = b.less(x, b.number(form.leastNormal, form))
  let y = b.rsqrtOfNormal(b.select(tiny, b.multiply(x, b.number(0x1p24, form)), x))
  let root = b.select(tiny, b.multiply(y, b.number(0x1p12, form)), y)
  let pole = b.reinterpret(b.or(b.bits(x, form), b.word(0x7F80_0000, form)), as: form.dtype)
  let zero = b.number(0, form)
  let nonNegative = b.select(b.equal(x, zero), pole, root)
  let result = b.select(b.less(x, zero), b.number(.nan, form), nonNegative)
  return b.program(results: [result])
}
