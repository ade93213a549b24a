internal import Foundation
public import GnomonIR
public import GnomonTensors

/// Normally distributed random numbers between bounds.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - low: the lower bound, in standard deviations.
///   - high: the upper bound, in standard deviations.
///   - mean: of the distribution without bounds.
///   - standardDeviation: of the distribution without bounds.
@_transparent public func truncatedNormal(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, low: Double = -2, high: Double = 2,
  mean: Double = 0, standardDeviation: Double = 1
) -> Expr { _truncatedNormal(key, shape, dtype, low, high, mean, standardDeviation, .here()) }

@usableFromInline func _truncatedNormal(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ low: Double, _ high: Double, _ mean: Double,
  _ standardDeviation: Double, _ at: Location
) -> Expr {
  guard low < high else {
    return .refused(
      Refusal(.invalidAttribute, "the lower bound \(low) is not below \(high)"), "truncatedNormal",
      [key.expr], at: at)
  }
  return .draw("truncatedNormal", key, shape, dtype, at) { u in
    // By the inverse of the distribution between the bounds, which keeps the last rounding inside.
    let (a, b) = (Foundation.erf(low / 2.0.squareRoot()), Foundation.erf(high / 2.0.squareRoot()))
    let z = erfinv(a + (b - a) * u(0)) * 2.0.squareRoot()
    let inside = minimum(maximum(z, Expr(low)), Expr(high))
    return mean + standardDeviation * inside
  }
}

/// The magnitudes of normally distributed random numbers.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - scale: at least 0.
@_transparent public func halfNormal(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, scale: Double = 1
) -> Expr { _halfNormal(key, shape, dtype, scale, .here()) }

@usableFromInline func _halfNormal(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ scale: Double, _ at: Location
) -> Expr {
  .draw("halfNormal", key, shape, dtype, at) { u in scale * abs(boxMuller(u(0), u(1))) }
}

/// Random numbers whose logarithms are normally distributed.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - mean: of the logarithms.
///   - standardDeviation: of the logarithms.
@_transparent public func logNormal(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, mean: Double = 0,
  standardDeviation: Double = 1
) -> Expr { _logNormal(key, shape, dtype, mean, standardDeviation, .here()) }

@usableFromInline func _logNormal(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ mean: Double, _ standardDeviation: Double,
  _ at: Location
) -> Expr {
  .draw("logNormal", key, shape, dtype, at) { u in
    exp(mean + standardDeviation * boxMuller(u(0), u(1)))
  }
}

/// Maxwell distributed random numbers: lengths of normal vectors in space.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - scale: at least 0.
@_transparent public func maxwell(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, scale: Double = 1
) -> Expr { _maxwell(key, shape, dtype, scale, .here()) }

@usableFromInline func _maxwell(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ scale: Double, _ at: Location
) -> Expr {
  .draw("maxwell", key, shape, dtype, at) { u in
    scale * sqrt(-2 * log(u(0)) + square(boxMuller(u(1), u(2))))
  }
}

/// Inverse Gaussian random numbers.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - mean: above 0.
///   - scale: above 0.
@_transparent public func wald(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, mean: Double, scale: Double = 1
) -> Expr { _wald(key, shape, dtype, mean, scale, .here()) }

@usableFromInline func _wald(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ mean: Double, _ scale: Double, _ at: Location
) -> Expr {
  guard mean > 0, scale > 0 else {
    return .refused(
      Refusal(.invalidAttribute, "the mean \(mean) or the scale \(scale) is not above 0"), "wald",
      [key.expr], at: at)
  }
  return .draw("wald", key, shape, dtype, at) { u in
    // Michael, Schucany and Haas, 1976: the root of a square of a normal number.
    let y = mean * square(boxMuller(u(0), u(1))) / scale
    let x = mean * (1 + 0.5 * (y - sqrt(y * (y + 4))))
    return select(u(2) .<= mean / (mean + x), x, mean * mean / x)
  }
}

/// Normally distributed random vectors, `mean + factor z` with z standard normal: their covariance
/// is
/// `factor factorᵀ`.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - mean: `[n]`, floating-point.
///   - factor: `[n, n]`, the Cholesky factor of the covariance, say.
///   - shape: the axes before that of the vectors.
@_transparent public func multivariateNormal(
  key: RandomKey, mean: Expr, factor: Expr, shape: [Dim] = []
) -> Expr { _multivariateNormal(key, mean, factor, shape, .here()) }

@usableFromInline func _multivariateNormal(
  _ key: RandomKey, _ mean: Expr, _ factor: Expr, _ shape: [Dim], _ at: Location
) -> Expr {
  let mean = mean.settled()
  if mean.isInvalid || factor.isInvalid || mean.rank != 1 || factor.rank != 2 {
    return .refused(
      Refusal(
        .rankMismatch, "the mean has rank \(mean.rank) and the factor rank \(factor.rank)",
        help: "they are [n] and [n, n]"), "multivariateNormal", [mean, factor], at: at)
  }
  return at.serving("multivariateNormal") {
    let z = normal(key: key, shape: shape + [mean.shape[0]], dtype: mean.dtype)
    return mean + tensordot(z, factor, axes: [-1], [1])
  }
}

/// Random points of the unit ball, equally likely.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - dimension: of the space.
///   - shape: the axes before that of the coordinates.
///   - dtype: a floating-point dtype.
@_transparent public func randomBall(
  key: RandomKey, dimension: Int, shape: [Dim] = [], dtype: DType = .float32
) -> Expr { _randomBall(key, dimension, shape, dtype, .here()) }

@usableFromInline func _randomBall(
  _ key: RandomKey, _ dimension: Int, _ shape: [Dim], _ dtype: DType, _ at: Location
) -> Expr {
  .draw("randomBall", key, shape, dtype, at) { u in
    let compute = dtype.computeType
    let z = normal(key: key.folded(1), shape: shape + [Dim(dimension)], dtype: compute)
    let radius = u(0) ** Expr(1 / Double(Swift.max(dimension, 1)))
    return unitNormalized(z) * radius.expanded(axis: -1)
  }
}

/// A standard normal number from two uniform ones in (0, 1).
func boxMuller(_ u: Expr, _ v: Expr) -> Expr {
  sqrt(-2 * log(u)) * cos(2 * Double.pi * v)
}
