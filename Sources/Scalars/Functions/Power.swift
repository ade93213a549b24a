internal import GnomonTensors

/// x^y in float32 by way of float64: 2^(y log2|x|), whose error, below 2^-28, is seldom seen after the
/// one rounding to float32. The rules for infinities, zeros, NaN and negative bases are IEEE 754's.
func powerProgram() -> ScalarProgram {
  let form = FloatForm(.float64)
  var b = ScalarBuilder(operands: [.float32, .float32])
  let x = b.operand(0)
  let y = b.operand(1)
  let base = b.absolute(b.convert(x, to: .float64))
  let exponent = b.convert(y, to: .float64)

  // log2|x|: every float32, denormal or not, is a normal float64.
  let e = b.exponentInPlace(base, form)
  let m = b.reinterpret(b.subtract(b.bits(base, form), e), as: .float64)
  let one = b.number(1, form)
  let s = b.divide(b.subtract(m, one), b.add(m, one))
  let log2 = b.multiplyAdd(
    s, b.polynomial(b.multiply(s, s), log2Coefficients), b.exponentValue(e, form))

  // 2^t, where t beyond ±200 gives infinity or 0 in float32. (NaN of 0 · ∞ cannot arise: log2 is
  // finite here, and x = 0, 1 and ∞ are put right below.)
  let t = b.atMost(200, b.atLeast(-200, b.multiply(exponent, log2)))
  let shifted = b.add(t, b.number(form.magic, form))
  let f = b.subtract(t, b.subtract(shifted, b.number(form.magic, form)))
  let power = b.multiply(b.polynomial(f, exp2Coefficients), b.scale(shifted, form))
  let ordinary = b.convert(power, to: .float32)

  let zero = b.constant(0.0, .float32)
  let one32 = b.constant(1.0, .float32)
  let infinity = b.constant(Double.infinity, .float32)
  let size = b.absolute(x)

  // |x| of 0 or ∞: 0 or ∞ by the sign of y.
  let zeroBase = b.equal(x, zero)
  let edge = b.or(zeroBase, b.equal(size, infinity))
  let growing = b.notEqual(b.convert(zeroBase, to: .int32), b.convert(b.less(zero, y), to: .int32))
  var result = b.select(edge, b.select(growing, infinity, zero), ordinary)

  // A negative base: NaN unless y is an integer, and the sign of an odd power.
  let whole = b.equal(b.emit(.truncate, .float32, y), y)
  let half = b.multiply(y, b.constant(0.5, .float32))
  let odd = b.and(whole, b.notEqual(b.emit(.truncate, .float32, half), half))
  let signBit = b.constant(bits: 0x8000_0000, .uint32)
  let negative = b.and(b.reinterpret(x, as: .uint32), signBit)
  let flip = b.select(odd, negative, b.constant(0, .uint32))
  result = b.reinterpret(b.or(b.reinterpret(result, as: .uint32), flip), as: .float32)
  let undefined = b.and(
    b.and(b.less(x, zero), b.less(size, infinity)), b.emit(.not, .bool, whole))
  let nan = b.constant(Double.nan, .float32)
  result = b.select(undefined, nan, result)

  // NaN of either, then what is 1 in spite of NaN: 1^y, x^0, and (-1)^±∞.
  result = b.select(b.or(b.notEqual(x, x), b.notEqual(y, y)), nan, result)
  let unit = b.and(b.equal(size, one32), b.equal(b.absolute(y), infinity))
  let always = b.or(b.or(b.equal(x, one32), b.equal(y, zero)), unit)
  result = b.select(always, one32, result)
  return b.program(results: [result])
}

/// Table `power32`: log2(m) = s q(s²), s = (m - 1) / (m + 1).
private let log2Coefficients = [
  0x1.71547652bee76p+1, 0x1.ec709d124e162p-1, 0x1.2777803a18c2ep-1, 0x1.a58d6a2214e4bp-2,
  0x1.5cea268492181p-2,
]

/// Table `power32`: 2^f on |f| <= 1/2.
private let exp2Coefficients = [
  0x1.ffffffffaba17p-1, 0x1.62e42ff11701cp-1, 0x1.ebfbe0a4f22bcp-3, 0x1.c6b08aae37691p-5,
  0x1.3b29dc19849ebp-7, 0x1.5d895bb3a1165p-10, 0x1.44683deea4bd8p-13, 0x1.ffc4500a88059p-17,
]
