internal import GnomonTensors

extension ScalarBuilder {
  /// The exponent of positive `x`, in place (the mantissa bits zero), so that the rest lies in
  /// `[2/3, 4/3)` (float32) or `[√½, √2)` (float64) around 1.
  mutating func exponentInPlace(_ x: Value, _ form: FloatForm) -> Value {
    let split: UInt64 = form.single ? 0x3F2A_AAAB : 0x3FE6_A09E_667F_3BCD
    let mask: UInt64 = form.single ? 0xFF80_0000 : 0xFFF0_0000_0000_0000
    return and(subtract(bits(x, form), word(split, form)), word(mask, form))
  }

  /// The value of an exponent in place, as a float.
  mutating func exponentValue(_ e: Value, _ form: FloatForm) -> Value {
    if form.single {
      // Multiplied by 2^23; the constant ln 2 is divided by it.
      return convert(reinterpret(e, as: .int32), to: .float32)
    }
    // No vector unit below AVX-512 converts int64: set biased bits below 2^52 instead.
    let bias = UInt64(form.bias)
    let biased = shiftRight(add(e, word(bias << 52, form)), word(52, form))
    let above = or(biased, word(0x4330_0000_0000_0000, form))
    return subtract(
      reinterpret(above, as: .float64), number(0x1p52 + Double(bias), form))
  }

  /// `log(1 + f) + k ln 2` for `1 + f` in the range of `exponentInPlace`; `k` as by `exponentValue`.
  mutating func logOfParts(_ f: Value, _ k: Value, _ form: FloatForm) -> Value {
    let square = multiply(f, f)
    if form.single {
      let small = multiplyAdd(square, polynomial(f, form.logCoefficients), f)
      // ln 2 in one constant: its error is relative to a result that is at least as large.
      return multiplyAdd(k, number(0x1.62e43p-1 * 0x1p-23, form), small)
    }
    // fdlibm's e_log.c (Sun Microsystems, 1993): s = f / (2 + f),
    // log(1 + f) = f - (f²/2 - s (f²/2 + z q(z))), z = s², where most of f is never rounded.
    let s = divide(f, add(f, number(2, form)))
    let z = multiply(s, s)
    let half = multiply(square, number(0.5, form))
    let tail = multiplyAdd(z, polynomial(z, form.logCoefficients), half)
    let low = multiplyAdd(s, tail, multiply(k, number(form.ln2.low, form)))
    return multiplyAdd(k, number(form.ln2.high, form), subtract(f, subtract(half, low)))
  }

  /// `y` where `pole < x < ∞`; `-∞` at the pole, NaN below it and for NaN, `∞` for `∞`.
  mutating func logSpecials(_ y: Value, _ x: Value, pole: Double, _ form: FloatForm) -> Value {
    let p = number(pole, form)
    let finite = select(less(x, number(.infinity, form)), y, x)
    let outside = select(
      equal(x, p), number(-.infinity, form), number(.nan, form))
    return select(less(p, x), finite, outside)
  }
}

extension FloatForm {
  /// Table `log32` (in f) or `log64` (in z).
  var logCoefficients: [Double] {
    single
      ? [
        -0x1.0000000000000p-1, 0x1.5554fa0000000p-2, -0x1.ffff940000000p-3, 0x1.99d5880000000p-3,
        -0x1.557e6e0000000p-3, 0x1.1e8a560000000p-3, -0x1.f6921a0000000p-4, 0x1.1fba4c0000000p-3,
        -0x1.003b8c0000000p-3,
      ]
      : [
        0x1.5555555555592p-1, 0x1.999999997ff13p-2, 0x1.24924941e1e96p-2, 0x1.c71c5213ac2f7p-3,
        0x1.74663d0fa3921p-3, 0x1.39a1cd679f8ddp-3, 0x1.2f0748a8bab11p-3,
      ]
  }
}

/// log: -∞ at ±0, NaN below; denormals are scaled up first.
func logProgram(_ form: FloatForm) -> ScalarProgram {
  var b = ScalarBuilder(operands: [form.dtype])
  let x = b.operand(0)
  let tiny = b.less(x, b.number(form.leastNormal, form))
  let up = form.single ? 24.0 : 54.0
  let scaled = b.multiply(x, b.number(form.single ? 0x1p24 : 0x1p54, form))
  let normal = b.select(tiny, scaled, x)
  let e = b.exponentInPlace(normal, form)
  let m = b.reinterpret(b.subtract(b.bits(normal, form), e), as: form.dtype)
  let down = b.number(form.single ? -up * 0x1p23 : -up, form)
  let k = b.add(b.exponentValue(e, form), b.select(tiny, down, b.number(0, form)))
  let y = b.logOfParts(b.subtract(m, b.number(1, form)), k, form)
  let result = b.logSpecials(y, x, pole: 0, form)
  return b.program(results: [result])
}
