internal import GnomonTensors

extension ScalarBuilder {
  /// 2^x of a float32 or float64: `2^k exp(r ln 2)` with the nearest whole k; r is exact.
  package mutating func exp2(_ x: Value) -> Value {
    let form = FloatForm(x.dtype)
    let low = atLeast(form.single ? -150 : -1076, x)
    let bounded = atMost(form.single ? 129 : 1025, low)
    let k = emit(.roundEven, x.dtype, bounded)
    let e = call(.exp, multiply(subtract(bounded, k), number(0x1.62e42fefa39efp-1, form)))
    // In two factors, each a normal number, so that results become denormal in one rounding.
    let half = emit(.floor, x.dtype, multiply(k, number(0.5, form)))
    let magic = number(form.magic, form)
    let first = scale(add(half, magic), form)
    let second = scale(add(subtract(k, half), magic), form)
    return multiply(multiply(e, first), second)
  }

  /// log2 of a float32 or float64: the exponent, and the mantissa's logarithm.
  package mutating func log2(_ x: Value) -> Value {
    logarithm(x, exponent: (1, 0), factor: (0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56))
  }

  /// log10 of a float32 or float64.
  package mutating func log10(_ x: Value) -> Value {
    logarithm(
      x, exponent: (0x1.34413509f6p-2, 0x1.9fef311f12b36p-42),
      factor: (0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57))
  }

  /// `k · exponent + log(m) · factor` for x = 2^k m, where both constants come in two parts.
  private mutating func logarithm(
    _ x: Value, exponent: (Double, Double), factor: (Double, Double)
  ) -> Value {
    // Float32 through float64: one rounding, and powers of ten are exact.
    inFloat64([x]) { b, x in
      let form = FloatForm(.float64)
      let x = x[0]
      let tiny = b.less(x, b.number(form.leastNormal))
      let scaled = b.multiply(x, b.number(0x1p54))
      let normal = b.select(tiny, scaled, x)
      let e = b.exponentInPlace(normal, form)
      let m = b.reinterpret(b.subtract(b.bits(normal, form), e), as: .float64)
      let correction = b.select(tiny, b.number(-54), b.number(0))
      let k = b.add(b.exponentValue(e, form), correction)
      let l = b.logOfParts(b.subtract(m, b.number(1)), b.number(0), form)
      let rest = b.multiplyAdd(k, b.number(exponent.1), b.multiply(l, b.number(factor.1)))
      let small = b.multiplyAdd(l, b.number(factor.0), rest)
      let y = b.multiplyAdd(k, b.number(exponent.0), small)
      return b.logSpecials(y, x, pole: 0, form)
    }
  }

  /// The real cube root of a float64: exp(log(a) / 3) and one step of Newton's.
  package mutating func cubeRoot(_ x: Value) -> Value {
    let size = absolute(x)
    // The cube of a root of a denormal number would lose its bits.
    let isTiny = less(size, number(0x1p-960))
    let a = select(isTiny, multiply(size, number(0x1p162)), size)
    let y = call(.exp, multiply(call(.log, a), number(1.0 / 3)))
    let square = multiply(y, y)
    let residue = multiplyAdd(square, y, negate(a))
    let better = subtract(y, divide(residue, multiply(square, number(3))))
    let isEdge = or(equal(a, number(0)), equal(a, number(.infinity)))
    let root = select(isTiny, multiply(better, number(0x1p-54)), better)
    return signed(select(isEdge, a, root), as: x)
  }
}
