internal import GnomonTensors

// Special functions are computed in float64, also for float32, which is then right to its last
// place but
// for the one rounding at the end.
extension ScalarBuilder {
  /// A function of float64 values, of values of any float type; the result has the type of the
  /// first.
  package mutating func inFloat64(
    _ x: [Value], _ body: (inout ScalarBuilder, [Value]) -> Value
  ) -> Value {
    let wide = x.map { convert($0, to: .float64) }
    let y = body(&self, wide)
    return convert(y, to: x[0].dtype)
  }

  mutating func number(_ x: Double) -> Value { constant(x, .float64) }

  /// A Chebyshev series on an interval, by Clenshaw's recurrence.
  mutating func chebyshev(_ x: Value, _ low: Double, _ high: Double, _ c: [Double]) -> Value {
    let scale = 2 / (high - low)
    let t = multiplyAdd(x, number(scale), number(-(high + low) / (high - low)))
    let twice = add(t, t)
    var (near, far) = (number(c[c.count - 1]), number(0))
    for k in c.dropFirst().dropLast().reversed() {
      (near, far) = (multiplyAdd(twice, near, subtract(number(k), far)), near)
    }
    return multiplyAdd(t, near, subtract(number(c[0]), far))
  }

  /// The bits of a float64's sign.
  mutating func signBits(_ x: Value) -> Value {
    let mask = constant(bits: 1 << 63, .uint64)
    return and(reinterpret(x, as: .uint64), mask)
  }

  /// `y`, not negative, with the sign of `x`.
  mutating func signed(_ y: Value, as x: Value) -> Value {
    let sign = signBits(x)
    return reinterpret(or(reinterpret(y, as: .uint64), sign), as: .float64)
  }

  mutating func isNaN(_ x: Value) -> Value { notEqual(x, x) }

  mutating func root(_ x: Value) -> Value { emit(.squareRoot, x.dtype, x) }

  /// sin(πr) for |r| <= 1/2.
  mutating func sineOfPi(_ r: Value) -> Value {
    multiply(r, chebyshev(multiply(r, r), 0, 0.25, SpecialTables.sinPi))
  }

  /// A float64 in a part of few bits, whose square is exact, and the rest.
  mutating func halves(_ x: Value) -> (high: Value, low: Value) {
    let mask = constant(bits: 0xFFFF_FFFF_F800_0000, .uint64)
    let high = reinterpret(and(reinterpret(x, as: .uint64), mask), as: .float64)
    return (high, subtract(x, high))
  }
}
