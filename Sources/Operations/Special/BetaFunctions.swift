public import GnomonIR
internal import GnomonTensors

/// The logarithm of the beta function, `log Γ(a) + log Γ(b) - log Γ(a + b)`.
///
/// - Parameters:
///   - a: a floating-point tensor.
///   - b: the same dtype; broadcasts.
@_transparent public func logBeta(_ a: Expr, _ b: Expr) -> Expr { _logBeta(a, b, .here()) }

@usableFromInline func _logBeta(_ a: Expr, _ b: Expr, _ at: Location) -> Expr {
  .inFloat64("logBeta", [a, b], at) { x in
    let a = x[0]
    let b = x[1]
    return logGamma(a) + logGamma(b) - logGamma(a + b)
  }
}

/// The beta function `Γ(a) Γ(b) / Γ(a + b)` of positive numbers.
///
/// - Parameters:
///   - a: a floating-point tensor.
///   - b: the same dtype; broadcasts.
@_transparent public func beta(_ a: Expr, _ b: Expr) -> Expr { _beta(a, b, .here()) }

@usableFromInline func _beta(_ a: Expr, _ b: Expr, _ at: Location) -> Expr {
  .inFloat64("beta", [a, b], at) { x in
    let a = x[0]
    let b = x[1]
    return exp(logBeta(a, b))
  }
}

/// The rising factorial `Γ(x + n) / Γ(x)` of positive numbers.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - n: the same dtype; broadcasts.
@_transparent public func pochhammer(_ x: Expr, _ n: Expr) -> Expr { _pochhammer(x, n, .here()) }

@usableFromInline func _pochhammer(_ x: Expr, _ n: Expr, _ at: Location) -> Expr {
  .inFloat64("pochhammer", [x, n], at) { v in
    let (x, n) = (v[0], v[1])
    return exp(logGamma(x + n) - logGamma(x))
  }
}

/// The binomial coefficient `n! / (k! (n - k)!)`, continued by gamma functions.
///
/// - Parameters:
///   - n: a floating-point tensor.
///   - k: the same dtype; broadcasts.
@_transparent public func binomialCoefficient(_ n: Expr, _ k: Expr) -> Expr {
  _binomialCoefficient(n, k, .here())
}

@usableFromInline func _binomialCoefficient(_ n: Expr, _ k: Expr, _ at: Location) -> Expr {
  .inFloat64("binomialCoefficient", [n, k], at) { x in
    let n = x[0]
    let k = x[1]
    return exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1))
  }
}

/// The factorial, `Γ(n + 1)`.
///
/// - Parameter n: a floating-point tensor.
@_transparent public func factorial(_ n: Expr) -> Expr { _factorial(n, .here()) }

@usableFromInline func _factorial(_ n: Expr, _ at: Location) -> Expr {
  .inFloat64("factorial", [n], at) { x in
    let n = x[0]
    return gamma(n + 1)
  }
}

/// The logarithm of the multivariate gamma function of a dimension.
///
/// - Parameters:
///   - x: a floating-point tensor, above `(dimension - 1) / 2`.
///   - dimension: at least 1.
@_transparent public func logGammaMultivariate(_ x: Expr, dimension: Int) -> Expr {
  _logGammaMultivariate(x, dimension, .here())
}

@usableFromInline func _logGammaMultivariate(_ x: Expr, _ dimension: Int, _ at: Location) -> Expr {
  .inFloat64("logGammaMultivariate", [x], at) { v in
    let p = Double(dimension)
    return (0..<Swift.max(dimension, 1)).reduce(Expr(p * (p - 1) / 4 * 1.1447298858494002)) {
      $0 + logGamma(v[0] - Double($1) / 2)
    }
  }
}
