internal import GnomonTensors

extension ScalarBuilder {
  /// sinh of a float32 or float64 by `(t + t / (t + 1)) / 2` with `t = expm1(|x|)`; where that
  /// could overflow, by the square of exp(|x| / 2).
  package mutating func hyperbolicSine(_ x: Value) -> Value {
    let form = FloatForm(x.dtype)
    let a = absolute(x)
    let half = number(0.5, form)
    let limit = number(form.single ? 40 : 80, form)
    let t = call(.expm1, minimum(a, limit))
    let near = multiply(half, add(t, divide(t, add(t, number(1, form)))))
    let root = call(.exp, multiply(half, a))
    let far = multiply(multiply(half, root), root)
    return sharingSign(select(less(a, limit), near, far), of: x, form)
  }

  /// cosh of a float32 or float64.
  package mutating func hyperbolicCosine(_ x: Value) -> Value {
    let form = FloatForm(x.dtype)
    let a = absolute(x)
    let half = number(0.5, form)
    let limit = number(form.single ? 40 : 80, form)
    let e = call(.exp, minimum(a, limit))
    let near = multiply(half, add(e, divide(number(1, form), e)))
    let root = call(.exp, multiply(half, a))
    let far = multiply(multiply(half, root), root)
    return select(less(a, limit), near, far)
  }

  /// asinh: `log1p(a + a² / (1 + √(a² + 1)))`, and `log a + ln 2` where a² could overflow.
  package mutating func inverseHyperbolicSine(_ x: Value) -> Value {
    let form = FloatForm(x.dtype)
    let a = absolute(x)
    let one = number(1, form)
    let limit = number(form.single ? 0x1p12 : 0x1p28, form)
    let b = minimum(a, limit)
    let square = multiply(b, b)
    let hypotenuse = root(add(square, one))
    let near = call(.log1p, add(b, divide(square, add(one, hypotenuse))))
    let far = add(call(.log, a), number(0.6931471805599453, form))
    return sharingSign(select(less(a, limit), near, far), of: x, form)
  }

  /// acosh: `log1p(t + √(2t + t²))` with `t = x - 1`, and `log x + ln 2` for large x; NaN below 1.
  package mutating func inverseHyperbolicCosine(_ x: Value) -> Value {
    let form = FloatForm(x.dtype)
    let limit = number(form.single ? 0x1p12 : 0x1p28, form)
    let t = subtract(minimum(x, limit), number(1, form))
    let rest = root(multiplyAdd(t, t, add(t, t)))
    let near = call(.log1p, add(t, rest))
    let far = add(call(.log, x), number(0.6931471805599453, form))
    let y = select(less(x, limit), near, far)
    return select(less(x, number(1, form)), number(.nan, form), y)
  }

  /// atanh: `log1p(2a / (1 - a)) / 2`.
  package mutating func inverseHyperbolicTangent(_ x: Value) -> Value {
    let form = FloatForm(x.dtype)
    let a = absolute(x)
    let q = divide(add(a, a), subtract(number(1, form), a))
    let y = multiply(number(0.5, form), call(.log1p, q))
    let inside = select(less(number(1, form), a), number(.nan, form), y)
    let tiny = less(a, number(form.single ? 0x1p-13 : 0x1p-28, form))
    return sharingSign(select(tiny, a, inside), of: x, form)
  }
}
