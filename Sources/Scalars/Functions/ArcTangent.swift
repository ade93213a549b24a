internal import GnomonTensors

extension ScalarBuilder {
  /// atan of a float64 by Cephes' three ranges: `z` is x, (x - 1) / (x + 1) or -1 / x, at most
  /// tan(π/8),
  /// and the angle 0, π/4 or π/2 further.
  package mutating func arcTangent(_ x: Value) -> Value {
    let a = absolute(x)
    let (one, zero) = (number(1), number(0))
    let isLarge = less(number(2.414213562373095), a)
    let isMiddle = less(number(0.41421356237309503), a)
    let top = select(isLarge, number(-1), select(isMiddle, subtract(a, one), a))
    let bottom = select(isLarge, a, select(isMiddle, add(a, one), one))
    let z = divide(top, bottom)
    let angle = select(
      isLarge, number(Double.pi / 2), select(isMiddle, number(Double.pi / 4), zero))
    // What π/2 and π/4 lose as doubles.
    let rest = select(
      isLarge, number(0x1.1a62633145c07p-54), select(isMiddle, number(0x1.1a62633145c07p-55), zero))
    let quotient = chebyshev(multiply(z, z), 0, 0.17157287525380990, SpecialTables.atan)
    let y = add(angle, multiplyAdd(z, quotient, rest))
    // A tiny number is its own arc tangent, which keeps the last bit of denormals.
    return signed(select(less(a, number(0x1p-27)), a, y), as: x)
  }

  /// The angle of the point (x, y), float64, in -π...π; zeros have signs, infinities directions.
  package mutating func angle(_ y: Value, _ x: Value) -> Value {
    let (ay, ax) = (absolute(y), absolute(x))
    let small = minimum(ay, ax)
    let large = maximum(ay, ax)
    let ratio = divide(small, large)
    let both = select(equal(small, number(.infinity)), number(1), ratio)
    let q = select(equal(large, number(0)), number(0), both)
    let first = arcTangent(q)
    let low = 0x1.1a62633145c07p-54
    let steep = less(ax, ay)
    let quarter = add(subtract(number(Double.pi / 2), first), number(low))
    let octant = select(steep, quarter, first)
    let left = notEqual(signBits(x), constant(bits: 0, .uint64))
    let back = add(subtract(number(Double.pi), octant), number(2 * low))
    let turned = select(left, back, octant)
    let undefined = or(isNaN(x), isNaN(y))
    return select(undefined, number(.nan), signed(turned, as: y))
  }
}
