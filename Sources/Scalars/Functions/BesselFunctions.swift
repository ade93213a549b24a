internal import GnomonTensors

// All on float64.
extension ScalarBuilder {
  /// exp(-|x|) I0(x).
  package mutating func besselI0Scaled(_ x: Value) -> Value {
    let a = absolute(x)
    let near = chebyshev(minimum(a, number(8)), 0, 8, SpecialTables.i0Small)
    let big = maximum(a, number(8))
    let r = divide(number(1), big)
    let far = multiply(chebyshev(r, 0, 0.125, SpecialTables.i0Large), root(r))
    return select(less(a, number(8)), near, far)
  }

  /// exp(-|x|) I1(x).
  package mutating func besselI1Scaled(_ x: Value) -> Value {
    let a = absolute(x)
    let small = minimum(a, number(8))
    let near = multiply(a, chebyshev(small, 0, 8, SpecialTables.i1Small))
    let big = maximum(a, number(8))
    let r = divide(number(1), big)
    let far = multiply(chebyshev(r, 0, 0.125, SpecialTables.i1Large), root(r))
    return signed(select(less(a, number(8)), near, far), as: x)
  }

  /// `√(2/πa) (P cos χ - Q sin χ)` for a >= 8.
  private mutating func besselFar(
    _ a: Value, _ p: [Double], _ q: [Double], order: Int
  ) -> Value {
    let r = divide(number(8), a)
    let s = multiply(r, r)
    let (sine, cosine) = (call(.sin, a), call(.cos, a))
    // cos and sin of a - π/4 and of a - 3π/4, times √2.
    let sum = add(cosine, sine)
    let difference = subtract(sine, cosine)
    let c = order == 0 ? sum : difference
    let d = order == 0 ? difference : negate(sum)
    let scale = root(divide(number(1 / Double.pi), a))
    let pc = multiply(chebyshev(s, 0, 1, p), c)
    let qd = multiply(multiply(chebyshev(s, 0, 1, q), r), d)
    return multiply(scale, subtract(pc, qd))
  }

  /// J0(x).
  package mutating func besselJ0(_ x: Value) -> Value {
    let a = absolute(x)
    let small = minimum(a, number(8))
    let near = chebyshev(multiply(small, small), 0, 64, SpecialTables.j0Small)
    let far = besselFar(maximum(a, number(8)), SpecialTables.j0P, SpecialTables.j0Q, order: 0)
    let y = select(less(a, number(8)), near, far)
    return select(equal(a, number(.infinity)), number(0), y)
  }

  /// J1(x).
  package mutating func besselJ1(_ x: Value) -> Value {
    let a = absolute(x)
    let small = minimum(a, number(8))
    let near = multiply(a, chebyshev(multiply(small, small), 0, 64, SpecialTables.j1Small))
    let far = besselFar(maximum(a, number(8)), SpecialTables.j1P, SpecialTables.j1Q, order: 1)
    let y = select(less(a, number(8)), near, far)
    let bounded = select(equal(a, number(.infinity)), number(0), y)
    return select(less(x, number(0)), negate(bounded), bounded)
  }
}
