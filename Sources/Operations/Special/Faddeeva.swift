internal import Foundation
public import GnomonIR
internal import GnomonTensors

/// The real and imaginary part of Faddeeva's function, `w(z) = e^(-z²) erfc(-iz)`, of a complex number.
///
/// By Weideman's rational series (1994) of 64 terms: good to about 1e-12 of its magnitude where z is not
/// close to the zeros of the lower half plane.
///
/// - Parameters:
///   - real: the real part of z, a floating-point tensor.
///   - imaginary: the imaginary part, of the same dtype; broadcasts.
@_transparent public func faddeeva(_ real: Expr, _ imaginary: Expr) -> (real: Expr, imaginary: Expr)
{ _faddeeva(real, imaginary, .here()) }

/// Dawson's integral, `e^(-x²)` times the integral of `e^(t²)` from 0 to x.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func dawson(_ x: Expr) -> Expr { _dawson(x, .here()) }

/// Fresnel's integrals of `sin(π t² / 2)` and `cos(π t² / 2)` from 0 to x.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func fresnel(_ x: Expr) -> (sine: Expr, cosine: Expr) { _fresnel(x, .here()) }

@usableFromInline func _faddeeva(
  _ real: Expr, _ imaginary: Expr, _ at: Location
) -> (real: Expr, imaginary: Expr) {
  func part(_ k: Int) -> Expr {
    .inFloat64("faddeeva", [real, imaginary], at) { v in
      let (x, y) = (v[0], v[1])
      // Below the axis w(z) = 2 e^(-z²) - w(-z).
      let isBelow = y .< 0
      let upper = upperFaddeeva(select(isBelow, -x, x), abs(y))
      let size = 2 * exp(select(isBelow, y * y - x * x, 0))
      let angle = -2 * x * y
      let (re, im) = (
        select(isBelow, size * cos(angle) - upper.0, upper.0),
        select(isBelow, size * sin(angle) - upper.1, upper.1)
      )
      return k == 0 ? re : im
    }
  }
  return (part(0), part(1))
}

@usableFromInline func _dawson(_ x: Expr, _ at: Location) -> Expr {
  .inFloat64("dawson", [x], at) { v in
    let t = abs(v[0])
    // x Σ (-2 x²)ⁿ / (2n + 1)!!.
    let isNear = t .< 1
    let s = select(isNear, t, 0)
    let near = (1...24).reversed().reduce(zeros(like: s) + 1) { sum, n in
      1 - 2 * s * s / Expr(Double(2 * n + 1)) * sum
    }
    let isFar = t .> 1e4
    let far = 0.5 / select(isFar, t, 1)
    // On the axis the imaginary part of Faddeeva's function is 2 / √π of it.
    let middle =
      upperFaddeeva(select(isNear .| isFar, 1, t), zeros(like: t)).1
      * Expr(0.5 * Double.pi.squareRoot())
    let value = select(isNear, s * near, select(isFar, far, middle))
    return select(isNaN(t), t, select(v[0] .< 0, -value, value))
  }
}

@usableFromInline func _fresnel(_ x: Expr, _ at: Location) -> (sine: Expr, cosine: Expr) {
  func part(_ name: String, _ k: Int) -> Expr {
    .inFloat64(name, [x], at) { v in
      let both = fresnelIntegrals(abs(v[0]))
      let value = k == 0 ? both.0 : both.1
      return select(isNaN(v[0]), v[0], select(v[0] .< 0, -value, value))
    }
  }
  return (part("fresnelSine", 0), part("fresnelCosine", 1))
}

/// S and C for numbers that are not negative.
private func fresnelIntegrals(_ t: Expr) -> (Expr, Expr) {
  let isNear = t .< 1.5
  let s = select(isNear, t, 1)
  let h = Expr(Double.pi / 2) * s * s
  // Σ (-1)ⁿ h²ⁿ / (2n)! / (4n + 1), and the odd terms with 4n + 3.
  var (sine, cosine) = (zeros(like: s), zeros(like: s))
  var term = zeros(like: s) + 1
  for n in 0..<16 {
    let sign = n % 2 == 0 ? 1.0 : -1.0
    cosine = cosine + term * Expr(sign / Double(4 * n + 1))
    term = term * h / Expr(Double(2 * n + 1))
    sine = sine + term * Expr(sign / Double(4 * n + 3))
    term = term * h / Expr(Double(2 * n + 2))
  }
  // C + iS = (1 + i) / 2 (1 - e^(i π x² / 2) w(√π / 2 (1 + i) x)).
  let isEnd = .!(isFinite(t))
  let y = select(isNear .| isEnd, 2, t)
  let z = y * Expr(Double.pi.squareRoot() / 2)
  let w = upperFaddeeva(z, z)
  // The angle's whole turns are taken off while they are exact.
  let turns = y * y * 0.25
  let angle = (turns - round(turns)) * Expr(2 * Double.pi)
  let (re, im) = (
    cos(angle) * w.0 - sin(angle) * w.1, cos(angle) * w.1 + sin(angle) * w.0
  )
  let (a, b) = (1 - re, -im)
  let (farCosine, farSine) = (0.5 * (a - b), 0.5 * (a + b))
  return (
    select(isNear, s * sine, select(isEnd, 0.5, farSine)),
    select(isNear, s * cosine, select(isEnd, 0.5, farCosine))
  )
}

/// Faddeeva's function on the upper half plane: `2 p(Z) / (L - iz)² + 1 / √π / (L - iz)` with
/// `Z = (L + iz) / (L - iz)`.
func upperFaddeeva(_ x: Expr, _ y: Expr) -> (Expr, Expr) {
  let (length, coefficients) = weideman
  // L - iz = (L + y) - ix, L + iz = (L - y) + ix.
  let (a, b) = (y + Expr(length), -x)
  let size = a * a + b * b
  let (c, d) = (Expr(length) - y, x)
  let (zr, zi) = ((c * a + d * b) / size, (d * a - c * b) / size)
  var (pr, pi) = (zeros(like: zr), zeros(like: zr))
  for coefficient in coefficients {
    (pr, pi) = (pr * zr - pi * zi + Expr(coefficient), pr * zi + pi * zr)
  }
  let (ir, ii) = (a / size, -b / size)
  let (sr, si) = (ir * ir - ii * ii, 2 * ir * ii)
  let inverseRoot = Expr(1 / Double.pi.squareRoot())
  return (
    2 * (pr * sr - pi * si) + ir * inverseRoot, 2 * (pr * si + pi * sr) + ii * inverseRoot
  )
}

/// L and the coefficients of p, the highest first: the Fourier coefficients of
/// `e^(-t²) (L² + t²)` with `t = L tan(θ / 2)`.
private let weideman: (length: Double, coefficients: [Double]) = {
  let n = 64
  let m = 4 * n
  let length = (Double(n) / 2.0.squareRoot()).squareRoot()
  let samples = (1 - m..<m).map { k -> (theta: Double, f: Double) in
    let theta = Double(k) * .pi / Double(m)
    let t = length * Foundation.tan(theta / 2)
    return (theta, Foundation.exp(-t * t) * (length * length + t * t))
  }
  let coefficients = (1...n).map { j in
    samples.reduce(0.0) { $0 + $1.f * Foundation.cos(Double(j) * $1.theta) } / Double(2 * m)
  }
  return (length, coefficients.reversed())
}()
