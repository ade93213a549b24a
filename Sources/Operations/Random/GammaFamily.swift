public import GnomonIR
public import GnomonTensors

/// Gamma distributed random numbers with scale 1, by Marsaglia and Tsang's method (2000).
///
/// Eight trials are drawn for each number; all fail with a probability below 1e-10, and then the
/// last one stands.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shapeParameter: above 0: the mean.
///   - shape: the shape of the result, to which the parameters broadcast; by default theirs.
/// - Returns: the dtype of the parameters. No derivative passes.
@_transparent public func randomGamma(key: RandomKey, shapeParameter: Expr, shape: [Dim]? = nil)
  -> Expr
{ _randomGamma(key, shapeParameter, shape, .here()) }

@usableFromInline func _randomGamma(
  _ key: RandomKey, _ shapeParameter: Expr, _ shape: [Dim]?, _ at: Location
) -> Expr {
  .draw("randomGamma", key, [shapeParameter], shape, at) { p, shape, u in
    gammaDraw(p[0], shape, u)
  }
}

/// The inverses of gamma distributed random numbers.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shapeParameter: above 0.
///   - shape: the shape of the result, to which the parameters broadcast; by default theirs.
/// - Returns: the dtype of the parameters. No derivative passes.
@_transparent public func inverseGamma(key: RandomKey, shapeParameter: Expr, shape: [Dim]? = nil)
  -> Expr
{ _inverseGamma(key, shapeParameter, shape, .here()) }

@usableFromInline func _inverseGamma(
  _ key: RandomKey, _ shapeParameter: Expr, _ shape: [Dim]?, _ at: Location
) -> Expr {
  .draw("inverseGamma", key, [shapeParameter], shape, at) { p, shape, u in
    1 / gammaDraw(p[0], shape, u)
  }
}

/// Roots of gamma distributed random numbers.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shapeParameter: above 0.
///   - power: which root.
///   - shape: the shape of the result, to which the parameters broadcast; by default theirs.
/// - Returns: the dtype of the parameters. No derivative passes.
@_transparent public func generalizedGamma(
  key: RandomKey, shapeParameter: Expr, power: Expr, shape: [Dim]? = nil
) -> Expr { _generalizedGamma(key, shapeParameter, power, shape, .here()) }

@usableFromInline func _generalizedGamma(
  _ key: RandomKey, _ shapeParameter: Expr, _ power: Expr, _ shape: [Dim]?, _ at: Location
) -> Expr {
  .draw("generalizedGamma", key, [shapeParameter, power], shape, at) { p, shape, u in
    gammaDraw(p[0], shape, u) ** (1 / p[1])
  }
}

/// Sums of squares of as many standard normal numbers.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - degreesOfFreedom: above 0.
///   - shape: the shape of the result, to which the parameters broadcast; by default theirs.
/// - Returns: the dtype of the parameters. No derivative passes.
@_transparent public func chiSquare(key: RandomKey, degreesOfFreedom: Expr, shape: [Dim]? = nil)
  -> Expr
{ _chiSquare(key, degreesOfFreedom, shape, .here()) }

@usableFromInline func _chiSquare(
  _ key: RandomKey, _ degreesOfFreedom: Expr, _ shape: [Dim]?, _ at: Location
) -> Expr {
  .draw("chiSquare", key, [degreesOfFreedom], shape, at) { p, shape, u in
    2 * gammaDraw(0.5 * p[0], shape, u)
  }
}

/// Student's t distributed random numbers.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - degreesOfFreedom: above 0.
///   - shape: the shape of the result, to which the parameters broadcast; by default theirs.
/// - Returns: the dtype of the parameters. No derivative passes.
@_transparent public func studentT(key: RandomKey, degreesOfFreedom: Expr, shape: [Dim]? = nil)
  -> Expr
{ _studentT(key, degreesOfFreedom, shape, .here()) }

@usableFromInline func _studentT(
  _ key: RandomKey, _ degreesOfFreedom: Expr, _ shape: [Dim]?, _ at: Location
) -> Expr {
  .draw("studentT", key, [degreesOfFreedom], shape, at) { p, shape, u in
    let chi = 2 * gammaDraw(0.5 * p[0], shape, u)
    return boxMuller(u(20, shape), u(21, shape)) * sqrt(p[0] / chi)
  }
}

/// Beta distributed random numbers.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - a: above 0.
///   - b: above 0.
///   - shape: the shape of the result, to which the parameters broadcast; by default theirs.
/// - Returns: the dtype of the parameters. No derivative passes.
@_transparent public func randomBeta(key: RandomKey, a: Expr, b: Expr, shape: [Dim]? = nil) -> Expr
{ _randomBeta(key, a, b, shape, .here()) }

@usableFromInline func _randomBeta(
  _ key: RandomKey, _ a: Expr, _ b: Expr, _ shape: [Dim]?, _ at: Location
) -> Expr {
  .draw("randomBeta", key, [a, b], shape, at) { p, shape, u in
    let x = gammaDraw(p[0], shape, u)
    let y = gammaDraw(p[1], shape) { u($0 + 10, $1) }
    return x / (x + y)
  }
}

/// Random probabilities that sum to 1 along the last axis.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - concentration: above 0, of rank 1 or more.
///   - shape: the shape of the result, to which the parameters broadcast; by default theirs.
/// - Returns: the dtype of the parameters. No derivative passes.
@_transparent public func dirichlet(key: RandomKey, concentration: Expr, shape: [Dim]? = nil)
  -> Expr
{ _dirichlet(key, concentration, shape, .here()) }

@usableFromInline func _dirichlet(
  _ key: RandomKey, _ concentration: Expr, _ shape: [Dim]?, _ at: Location
) -> Expr {
  .draw("dirichlet", key, [concentration], shape, at) { p, shape, u in
    let x = gammaDraw(p[0], shape, u)
    return x / sum(x, axes: [-1], keepDims: true)
  }
}

/// Gamma distributed numbers with scale 1 from the numbers of `u`; uses those of 0 to 3.
func gammaDraw(_ a: Expr, _ shape: [Dim], _ u: (Int, [Dim]) -> Expr) -> Expr {
  let trials = 8
  let trialShape = [Dim(trials)] + shape
  // Below 1 the number of a + 1 times a power of a uniform one.
  let isSmall = a .< 1
  let d = select(isSmall, a + 1, a) - 1.0 / 3
  let c = 1 / sqrt(9 * d)
  let x = boxMuller(u(0, trialShape), u(1, trialShape))
  let root = 1 + c * x
  let v = root * root * root
  let isPositive = root .> 0
  let safe = select(isPositive, v, 1)
  let accepted =
    isPositive .& (log(u(2, trialShape)) .< 0.5 * square(x) + d - d * safe + d * log(safe))
  let value = d * firstAccepted(safe.broadcast(to: trialShape), accepted, trials: trials)
  return select(isSmall, value * u(3, shape) ** (1 / select(isSmall, a, 1)), value)
}
