internal import GnomonTensors

// All on float64.
extension ScalarBuilder {
  /// `log(exp(x²) erfc(x))` less `log t` for x >= 0, and `t = 2 / (2 + x)`, in which it is smooth.
  private mutating func erfcParts(_ x: Value) -> (t: Value, g: Value) {
    let two = number(2)
    let t = divide(two, add(two, x))
    return (t, chebyshev(t, 0, 1, SpecialTables.erfc))
  }

  /// erfc(x) = t exp(g - x²) for x >= 0, where x² keeps its low part, and 2 - erfc(-x) below.
  package mutating func complementaryErrorFunction(_ x: Value) -> Value {
    // Beyond 28 it is 0 after rounding.
    let a = atMost(28, absolute(x))
    let (t, g) = erfcParts(a)
    let (high, low) = halves(a)
    let rest = subtract(g, multiply(low, add(a, high)))
    let tail = multiply(call(.exp, negate(multiply(high, high))), multiply(t, call(.exp, rest)))
    return select(less(x, number(0)), subtract(number(2), tail), tail)
  }

  /// erfcx(x) = exp(x²) erfc(x).
  package mutating func scaledComplementaryErrorFunction(_ x: Value) -> Value {
    let a = absolute(x)
    let (t, g) = erfcParts(a)
    let positive = multiply(t, call(.exp, g))
    let bounded = atMost(27, a)
    let (high, low) = halves(bounded)
    let growth = multiply(
      call(.exp, multiply(high, high)), call(.exp, multiply(low, add(bounded, high))))
    let negative = subtract(multiply(number(2), growth), positive)
    return select(less(x, number(0)), negative, positive)
  }

  /// The inverse of erf.
  package mutating func inverseErrorFunction(_ y: Value) -> Value {
    let a = absolute(y)
    let x = inverseErrorCore(a, subtract(number(1), a))
    return signed(x, as: y)
  }

  /// The inverse of erfc, on 0...2.
  package mutating func inverseComplementaryErrorFunction(_ p: Value) -> Value {
    let one = number(1)
    let q = select(less(one, p), subtract(number(2), p), p)
    let x = inverseErrorCore(subtract(one, q), q)
    return select(less(one, p), negate(x), x)
  }

  /// The x >= 0 with erf(x) = a and erfc(x) = q, where a + q = 1 and the smaller of the two is the
  /// more precise: a rational guess (Abramowitz and Stegun 26.2.22) and two steps of Halley's, of
  /// erf(x) - a where a is the smaller, else of f(x) = log erfc(x) - log q, which neither
  /// underflows nor loses digits where erfc(x) is below the normal numbers. There f' = -φ with
  /// φ = 2/√π exp(-x²) / erfc(x), and f'' = -φ (φ - 2x).
  private mutating func inverseErrorCore(_ a: Value, _ q: Value) -> Value {
    let logTail = call(.log, q)
    let logHalf = subtract(logTail, number(0.6931471805599453))
    let t = root(multiply(number(-2), logHalf))
    let top = multiplyAdd(t, number(0.27061), number(2.30753))
    let bottom = multiplyAdd(t, multiplyAdd(t, number(0.04481), number(0.99229)), number(1))
    var x = multiply(number(0.7071067811865476), subtract(t, divide(top, bottom)))
    let lower = less(a, number(0.5))
    for _ in 0..<2 {
      let squared = multiply(x, x)
      let near = subtract(a, call(.erf, x))
      let slope = multiply(number(1.1283791670955126), call(.exp, negate(squared)))
      let nearStep = divide(near, subtract(slope, multiply(x, near)))

      let (u, g) = erfcParts(x)
      let far = subtract(subtract(add(call(.log, u), g), squared), logTail)
      let phi = divide(number(1.1283791670955126), multiply(u, call(.exp, g)))
      let bend = multiply(number(0.5), subtract(phi, add(x, x)))
      let farStep = divide(far, multiplyAdd(far, bend, phi))
      x = add(x, select(lower, nearStep, farStep))
    }
    // Near 0 by the series √π/2 (a + π/12 a³ + 7π²/480 a⁵).
    let s = multiply(a, a)
    let factor = multiplyAdd(
      s, multiplyAdd(s, number(0.14393173084921979), number(0.2617993877991494)), number(1))
    let series = multiply(multiply(a, number(0.886226925452758)), factor)
    x = select(less(a, number(1e-4)), series, x)
    return select(equal(q, number(0)), number(.infinity), x)
  }
}
