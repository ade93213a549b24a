internal import Foundation
public import GnomonIR
public import GnomonTensors

/// Exponentially distributed random numbers, `-log(u) / rate`.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - rate: above 0; the mean is its inverse.
@_transparent public func randomExponential(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, rate: Double = 1
) -> Expr { _randomExponential(key, shape, dtype, rate, .here()) }

@usableFromInline func _randomExponential(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ rate: Double, _ at: Location
) -> Expr {
  guard rate > 0 else {
    return .refused(
      Refusal(.invalidAttribute, "the rate \(rate) is not above 0"), "randomExponential",
      [key.expr], at: at)
  }
  return .draw("randomExponential", key, shape, dtype, at) { u in log(u(0)) * (-1 / rate) }
}

/// Exponentially distributed random numbers below a bound.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - bound: above 0.
///   - rate: above 0.
@_transparent public func truncatedExponential(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, bound: Double, rate: Double = 1
) -> Expr { _truncatedExponential(key, shape, dtype, bound, rate, .here()) }

@usableFromInline func _truncatedExponential(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ bound: Double, _ rate: Double, _ at: Location
) -> Expr {
  guard bound > 0, rate > 0 else {
    return .refused(
      Refusal(.invalidAttribute, "the bound \(bound) or the rate \(rate) is not above 0"),
      "truncatedExponential", [key.expr], at: at)
  }
  return .draw("truncatedExponential", key, shape, dtype, at) { u in
    -log1p(u(0) * Expr(Foundation.expm1(-rate * bound))) / rate
  }
}

/// Gumbel distributed random numbers, `location - scale log(-log u)`: what is added to logits so
/// that the largest
/// is a draw from their softmax.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - location: the mode.
///   - scale: at least 0.
@_transparent public func gumbel(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, location: Double = 0, scale: Double = 1
) -> Expr { _gumbel(key, shape, dtype, location, scale, .here()) }

@usableFromInline func _gumbel(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ location: Double, _ scale: Double,
  _ at: Location
) -> Expr {
  .draw("gumbel", key, shape, dtype, at) { u in location - scale * log(-log(u(0))) }
}

/// Laplace distributed random numbers.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - location: the mean.
///   - scale: at least 0.
@_transparent public func laplace(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, location: Double = 0, scale: Double = 1
) -> Expr { _laplace(key, shape, dtype, location, scale, .here()) }

@usableFromInline func _laplace(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ location: Double, _ scale: Double,
  _ at: Location
) -> Expr {
  .draw("laplace", key, shape, dtype, at) { u in
    let v = u(0) - 0.5
    return location - scale * sign(v) * log1p(-2 * abs(v))
  }
}

/// Logistically distributed random numbers.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - location: the mean.
///   - scale: at least 0.
@_transparent public func logistic(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, location: Double = 0, scale: Double = 1
) -> Expr { _logistic(key, shape, dtype, location, scale, .here()) }

@usableFromInline func _logistic(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ location: Double, _ scale: Double,
  _ at: Location
) -> Expr {
  .draw("logistic", key, shape, dtype, at) { u in location + scale * logit(u(0)) }
}

/// Weibull distributed random numbers.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - power: the shape of the distribution, above 0.
///   - scale: at least 0.
@_transparent public func weibull(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, power: Double, scale: Double = 1
) -> Expr { _weibull(key, shape, dtype, power, scale, .here()) }

@usableFromInline func _weibull(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ power: Double, _ scale: Double, _ at: Location
) -> Expr {
  guard power > 0 else {
    return .refused(
      Refusal(.invalidAttribute, "the power \(power) is not above 0"), "weibull", [key.expr], at: at
    )
  }
  return .draw("weibull", key, shape, dtype, at) { u in scale * (-log(u(0))) ** Expr(1 / power) }
}

/// Rayleigh distributed random numbers: lengths of normal vectors in the plane.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - scale: at least 0.
@_transparent public func rayleigh(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, scale: Double = 1
) -> Expr { _rayleigh(key, shape, dtype, scale, .here()) }

@usableFromInline func _rayleigh(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ scale: Double, _ at: Location
) -> Expr {
  .draw("rayleigh", key, shape, dtype, at) { u in scale * sqrt(-2 * log(u(0))) }
}

/// Pareto distributed random numbers, at least `scale`.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - power: above 0.
///   - scale: the least number.
@_transparent public func pareto(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, power: Double, scale: Double = 1
) -> Expr { _pareto(key, shape, dtype, power, scale, .here()) }

@usableFromInline func _pareto(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ power: Double, _ scale: Double, _ at: Location
) -> Expr {
  guard power > 0 else {
    return .refused(
      Refusal(.invalidAttribute, "the power \(power) is not above 0"), "pareto", [key.expr], at: at)
  }
  return .draw("pareto", key, shape, dtype, at) { u in scale * u(0) ** Expr(-1 / power) }
}

/// Cauchy distributed random numbers.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - location: the median.
///   - scale: at least 0.
@_transparent public func cauchy(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, location: Double = 0, scale: Double = 1
) -> Expr { _cauchy(key, shape, dtype, location, scale, .here()) }

@usableFromInline func _cauchy(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ location: Double, _ scale: Double,
  _ at: Location
) -> Expr {
  .draw("cauchy", key, shape, dtype, at) { u in location + scale * tan(Double.pi * (u(0) - 0.5)) }
}

/// The magnitudes of Cauchy distributed random numbers.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - scale: at least 0.
@_transparent public func halfCauchy(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, scale: Double = 1
) -> Expr { _halfCauchy(key, shape, dtype, scale, .here()) }

@usableFromInline func _halfCauchy(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ scale: Double, _ at: Location
) -> Expr {
  .draw("halfCauchy", key, shape, dtype, at) { u in scale * tan(0.5 * Double.pi * u(0)) }
}

/// Random numbers with a density that rises to `mode` and falls from it.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a floating-point dtype.
///   - low: where the density begins.
///   - mode: where it is largest.
///   - high: where it ends.
@_transparent public func triangular(
  key: RandomKey, shape: [Dim], dtype: DType = .float32, low: Double, mode: Double, high: Double
) -> Expr { _triangular(key, shape, dtype, low, mode, high, .here()) }

@usableFromInline func _triangular(
  _ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ low: Double, _ mode: Double, _ high: Double,
  _ at: Location
) -> Expr {
  guard low <= mode, mode <= high, low < high else {
    return .refused(
      Refusal(.invalidAttribute, "\(low), \(mode) and \(high) are not in order"), "triangular",
      [key.expr], at: at)
  }
  return .draw("triangular", key, shape, dtype, at) { u in
    let v = u(0)
    let share = (mode - low) / (high - low)
    let left = low + sqrt(v * ((high - low) * (mode - low)))
    let right = high - sqrt((1 - v) * ((high - low) * (high - mode)))
    return select(v .< Expr(share), left, right)
  }
}
