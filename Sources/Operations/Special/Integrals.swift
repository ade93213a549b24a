internal import Foundation
public import GnomonIR
internal import GnomonTensors

/// The exponential integral `Ei(x)`, the principal value of the integral of `eᵗ / t` up to x.
///
/// - Parameter x: a floating-point tensor; -inf at 0.
@_transparent public func exponentialIntegral(_ x: Expr) -> Expr {
  _exponentialIntegral(x, .here())
}

/// The sine integral, of `sin(t) / t` from 0, and the cosine integral, `γ + log x` and that of
/// `(cos(t) - 1) / t` from 0.
///
/// - Parameter x: a floating-point tensor; the cosine integral is NaN below 0.
@_transparent public func sineCosineIntegrals(_ x: Expr) -> (sine: Expr, cosine: Expr) {
  _sineCosineIntegrals(x, .here())
}

/// Spence's function, the integral of `log(t) / (1 - t)` from 1: the dilogarithm of `1 - x`.
///
/// - Parameter x: a floating-point tensor, not negative; NaN elsewhere.
@_transparent public func spence(_ x: Expr) -> Expr { _spence(x, .here()) }

/// Owen's T function: the integral of `exp(-h² (1 + t²) / 2) / (1 + t²) / 2π` from 0 to `a`.
///
/// - Parameters:
///   - h: a floating-point tensor.
///   - a: the same dtype; broadcasts.
@_transparent public func owensT(_ h: Expr, _ a: Expr) -> Expr { _owensT(h, a, .here()) }

@usableFromInline func _exponentialIntegral(_ x: Expr, _ at: Location) -> Expr {
  .inFloat64("exponentialIntegral", [x], at) { v in
    let x = v[0]
    let isSeries = (x .> -1) .& (x .< 40) .& (x .!= 0)
    let s = select(isSeries, x, 1)
    // γ + log |x| + Σ xⁿ / (n n!).
    let sums = scan(steps: 140, from: [zeros(like: s), zeros(like: s) + 1, zeros(like: s)]) {
      let n = $0[2] + 1
      let term = $0[1] * s / n
      return [$0[0] + term / n, term, n]
    }
    let series = Expr(0.577_215_664_901_532_9) + log(abs(s)) + sums[0].last
    // -E₁(-x) by a continued fraction, from its end.
    let y = select(x .<= -1, -x, 1)
    let tail = scan(steps: 120, from: [zeros(like: y), zeros(like: y) + 120]) {
      let n = $0[1]
      return [n / (1 + n / (y + $0[0])), n - 1]
    }
    let fraction = -exp(-y) / (y + tail[0].last)
    // eˣ / x Σ n! / xⁿ: at 40 the smallest term is below the precision.
    let z = select((x .>= 40) .& isFinite(x), x, 50)
    let far = scan(steps: 38, from: [zeros(like: z) + 1, zeros(like: z) + 38]) {
      [1 + $0[1] / z * $0[0], $0[1] - 1]
    }
    let large = select(x .== wide(.infinity), x, exp(z) / z * far[0].last)
    let regular = select(isSeries, series, select(x .>= 40, large, fraction))
    return select(x .== 0, wide(-.infinity), select(isNaN(x), x, regular))
  }
}

@usableFromInline func _sineCosineIntegrals(
  _ x: Expr, _ at: Location
) -> (sine: Expr, cosine: Expr) {
  func part(_ name: String, _ k: Int) -> Expr {
    .inFloat64(name, [x], at) { v in
      let both = trigonometricIntegrals(v[0])
      return k == 0 ? both.0 : both.1
    }
  }
  return (part("sineIntegral", 0), part("cosineIntegral", 1))
}

/// Si and Ci: the series up to 4; above, the continued fraction of E₁ of an imaginary number.
private func trigonometricIntegrals(_ x: Expr) -> (Expr, Expr) {
  let t = abs(x)
  let isSeries = t .< 4
  let s = select(isSeries .& (t .> 0), t, 1)
  let zero = zeros(like: s)
  // xⁿ / n!, with n odd for the sine and even for the cosine.
  let sums = scan(steps: 16, from: [zero, zero, s, zero + 1]) {
    let (sine, cosine, power, n) = ($0[0], $0[1], $0[2], $0[3])
    let next = -power * s / (n + 1)
    return [sine + power / n, cosine + next / (n + 1), next * s / (n + 2), n + 2]
  }
  let nearSine = sums[0].last
  let nearCosine = Expr(0.577_215_664_901_532_9) + log(s) + sums[1].last
  // b + i t with b = 1, 3, 5, …: f = 1 / (b₀ - 1² / (b₁ - 2² / …)), from its end.
  let y = select(isSeries, 5, minimum(t, 1e300))
  let count = 120.0
  let tail = scan(
    steps: Dim(Int(count)), from: [zeros(like: y), zeros(like: y), zeros(like: y) + count]
  ) {
    let (re, im, n) = ($0[0] + (2 * $0[2] + 1), $0[1] + y, $0[2])
    let scale = n * n / (re * re + im * im)
    return [-scale * re, scale * im, n - 1]
  }
  let (re, im) = (tail[0].last + 1, tail[1].last + y)
  let size = re * re + im * im
  // E₁(it) = e^(-it) f, and Ci - i (π/2 - Si) = -E₁(it).
  let (p, q) = (re / size, -im / size)
  let farCosine = -(cos(y) * p + sin(y) * q)
  let farSine = Expr(Double.pi / 2) + (cos(y) * q - sin(y) * p)
  let isInfinite = t .== wide(.infinity)
  let sine = select(
    isSeries, select(t .> 0, nearSine, t), select(isInfinite, Double.pi / 2, farSine))
  let cosine = select(isSeries, nearCosine, select(isInfinite, 0, farCosine))
  return (
    select(isNaN(x), x, select(x .< 0, -sine, sine)),
    select(x .> 0, cosine, select(x .== 0, wide(-.infinity), wide(.nan)))
  )
}

@usableFromInline func _spence(_ x: Expr, _ at: Location) -> Expr {
  .inFloat64("spence", [x], at) { v in
    let x = v[0]
    let isValid = (x .>= 0) .& isFinite(x)
    let isLarge = x .> 1.5
    let inverse = select(isLarge, 1 / select(isLarge, x, 2), x)
    // Now within 0 … 1.5, and below a half the other end is near 1.
    let near = select(inverse .< 0.5, 1 - inverse, inverse)
    let y = select(isValid, near, 1)
    // Debye's series in u = -log y: Li₂(1 - e⁻ᵘ) = u - u² / 4 + Σ B₂ₙ u²ⁿ⁺¹ / (2n + 1)!.
    let u = -log(y)
    let w = u * u
    let bernoulli: [Double] = [
      1.0 / 36, -1.0 / 3600, 1.0 / 211_680, -1.0 / 10_886_400, 1.0 / 526_901_760,
      -4.064_761_645_144_225_5e-11, 8.921_691_020_456_452e-13, -1.993_929_586_072_107_6e-14,
      4.518_980_029_619_918e-16, -1.035_651_761_218_124_7e-17,
    ]
    let series = bernoulli.reversed().reduce(Expr(0.0) * w) { $0 * w + $1 }
    let core = u - 0.25 * w + u * w * series
    // Euler's reflection, then the inversion.
    let low = select(inverse .< 0.5, inverse, 0.25)
    let positive = select(low .> 0, low, 0.25)
    let product = select(low .> 0, log(positive) * log1p(-positive), 0)
    let reflected = Expr(Double.pi * Double.pi / 6) - product - core
    let inside = select(inverse .< 0.5, reflected, core)
    let l = log(select(isLarge, x, 2))
    let all = select(isLarge, -inside - 0.5 * l * l, inside)
    return select(isValid, all, select(x .== wide(.infinity), wide(-.infinity), wide(.nan)))
  }
}

@usableFromInline func _owensT(_ h: Expr, _ a: Expr, _ at: Location) -> Expr {
  .inFloat64("owensT", [h, a], at) { v in
    let (h, slope) = (abs(v[0]), abs(v[1]))
    // Beyond 1 the wedge is what is left of quadrants.
    let isSteep = slope .> 1
    let a = select(isSteep, 1 / select(isSteep, slope, 2), slope)
    let k = select(isSteep, h * select(isSteep, slope, 1), h)
    let (nodes, weights) = gaussLegendre(64)
    let t =
      a.expanded(axis: -1) * Expr.constant(Tensor(dtype: .float64, shape: [64], doubles: nodes))
    let square = 1 + t * t
    let height = exp(-0.5 * (k * k).expanded(axis: -1) * square) / square
    let wedge =
      sum(
        height * Expr.constant(Tensor(dtype: .float64, shape: [64], doubles: weights)), axes: [-1])
      * a * Expr(0.5 / Double.pi)
    let rest = 0.5 * (normalCDF(h) * normalCDF(-k) + normalCDF(k) * normalCDF(-h)) - wedge
    let value = select(isSteep, rest, wedge)
    return select(v[1] .< 0, -value, value)
  }
}

/// The nodes and weights of Gauss and Legendre's rule on 0 … 1, by Newton's method on the polynomial.
private func gaussLegendre(_ n: Int) -> (nodes: [Double], weights: [Double]) {
  var nodes: [Double] = []
  var weights: [Double] = []
  for i in 0..<n {
    var x = Foundation.cos(.pi * (Double(i) + 0.75) / (Double(n) + 0.5))
    var slope = 0.0
    for _ in 0..<100 {
      var (p, before) = (1.0, 0.0)
      for j in 0..<n {
        (p, before) = (
          ((2 * Double(j) + 1) * x * p - Double(j) * before) / Double(j + 1), p
        )
      }
      slope = Double(n) * (x * p - before) / (x * x - 1)
      let step = p / slope
      x -= step
      if step.magnitude < 1e-16 { break }
    }
    nodes.append(0.5 * (x + 1))
    weights.append(1 / ((1 - x * x) * slope * slope))
  }
  return (nodes, weights)
}
