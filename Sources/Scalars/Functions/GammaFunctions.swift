internal import GnomonTensors

// All on float64.
extension ScalarBuilder {
  /// What lgamma and gamma of a >= 0 share: below 8.5 the argument is moved by whole numbers to `y`
  /// in [1.5, 2.5], where `log Γ(y)` is a series, and Γ(a) is Γ(y) times or divided by `product`.
  private mutating func gammaParts(
    _ a: Value
  ) -> (logOfCore: Value, product: Value, divides: Value) {
    let one = number(1)
    var y = minimum(a, number(8.5))
    var product = one
    for _ in 0..<6 {
      let above = lessEqual(number(2.5), y)
      let next = subtract(y, one)
      product = select(above, multiply(product, next), product)
      y = select(above, next, y)
    }
    let below = less(a, number(1.5))
    let farBelow = less(a, number(0.5))
    let up = add(a, one)
    product = select(farBelow, multiply(a, up), select(below, a, product))
    y = select(farBelow, add(a, number(2)), select(below, up, y))
    let series = chebyshev(y, 1.5, 2.5, SpecialTables.logGamma)
    let zeros = multiply(subtract(y, one), subtract(y, number(2)))
    return (multiply(zeros, series), product, below)
  }

  /// Stirling's series less its leading terms: `1/(12 a) - 1/(360 a³) + …`.
  private mutating func stirling(_ a: Value) -> Value {
    let r = divide(number(1), a)
    let c: [Double] = [
      1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156,
      -3617.0 / 122400,
    ]
    return multiply(r, polynomial(multiply(r, r), c))
  }

  /// `sin(πa)` up to its sign, and whether a's nearest whole number is odd.
  private mutating func sineOfPiTimes(_ a: Value) -> (sine: Value, isOdd: Value) {
    let n = emit(.roundEven, .float64, a)
    let half = multiply(n, number(0.5))
    let isOdd = notEqual(emit(.floor, .float64, half), half)
    return (sineOfPi(subtract(a, n)), isOdd)
  }

  /// The logarithm of |Γ(x)|.
  package mutating func logGamma(_ x: Value) -> Value {
    let a = absolute(x)
    let (core, product, divides) = gammaParts(a)
    let l = call(.log, product)
    let near = add(core, select(divides, negate(l), l))
    let big = maximum(a, number(8.5))
    let leading = multiplyAdd(
      subtract(big, number(0.5)), subtract(call(.log, big), number(1)), number(0.4189385332046727))
    let far = add(leading, stirling(big))
    var positive = select(less(a, number(8.5)), near, far)
    positive = select(equal(a, number(.infinity)), number(.infinity), positive)
    // Γ(x) Γ(-x) = -π / (x sin πx).
    let sine = absolute(sineOfPiTimes(a).sine)
    let reflected = subtract(
      call(.log, divide(number(Double.pi), multiply(a, sine))), positive)
    let isPole = or(equal(sine, number(0)), equal(a, number(.infinity)))
    let negative = select(isPole, number(.infinity), reflected)
    return select(less(x, number(0)), negative, positive)
  }

  /// Γ(x); NaN at the negative whole numbers, ±∞ at ±0.
  package mutating func gamma(_ x: Value) -> Value {
    let a = absolute(x)
    let (core, product, divides) = gammaParts(a)
    let e = call(.exp, core)
    let near = select(divides, divide(e, product), multiply(e, product))
    // √(2π/a) (a/e)^a, with the power in two factors that do not overflow first.
    let big = minimum(maximum(a, number(8.5)), number(180))
    let power = call(
      .power, big, subtract(multiply(big, number(0.5)), number(0.25)))
    let decayed = multiply(power, call(.exp, negate(big)))
    let far = multiply(
      multiply(number(2.5066282746310002), call(.exp, stirling(big))), multiply(power, decayed))
    var positive = select(less(a, number(8.5)), near, far)
    positive = select(less(number(171.7), a), number(.infinity), positive)
    let (sine, isOdd) = sineOfPiTimes(a)
    let size = divide(number(-Double.pi), multiply(multiply(a, sine), positive))
    let reflected = select(isOdd, negate(size), size)
    let isPole = or(equal(sine, number(0)), equal(a, number(.infinity)))
    let negative = select(isPole, number(.nan), reflected)
    let y = select(less(x, number(0)), negative, positive)
    return select(equal(x, number(0)), divide(number(1), x), y)
  }

  /// ψ(x), the derivative of log Γ: moved up to 10 by ψ(x) = ψ(x + 1) - 1/x with the fractions
  /// summed as
  /// one, then the asymptotic series; below 0 by reflection. NaN at the negative whole numbers.
  package mutating func digamma(_ x: Value) -> Value {
    let one = number(1)
    let isNegative = less(x, number(0))
    var y = select(isNegative, subtract(one, x), x)
    var (top, bottom) = (number(0), one)
    for _ in 0..<10 {
      let below = less(y, number(10))
      top = select(below, multiplyAdd(top, y, bottom), top)
      bottom = select(below, multiply(bottom, y), bottom)
      y = select(below, add(y, one), y)
    }
    let r = divide(one, y)
    let z = multiply(r, r)
    let c: [Double] = [
      1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12,
      -3617.0 / 8160,
    ]
    let tail = multiplyAdd(r, number(0.5), multiply(z, polynomial(z, c)))
    let asymptotic = subtract(call(.log, y), tail)
    let positive = subtract(asymptotic, divide(top, bottom))
    // π / tan πx, where the cosine is the sine of what is left to 1/2.
    let n = emit(.roundEven, .float64, x)
    let f = subtract(x, n)
    let cosine = sineOfPi(subtract(number(0.5), absolute(f)))
    let cotangent = divide(multiply(number(Double.pi), cosine), sineOfPi(f))
    let isPole = or(equal(f, number(0)), equal(x, number(-.infinity)))
    let reflected = select(isPole, number(.nan), subtract(positive, cotangent))
    let value = select(isNegative, reflected, positive)
    let infinite = select(equal(x, number(.infinity)), x, value)
    return select(equal(x, number(0)), divide(number(-1), x), infinite)
  }
}
