public import GnomonIR
internal import GnomonTensors

/// Each element, but 0 below 0 and 6 above 6.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func relu6(_ x: Expr) -> Expr { _relu6(x, .here()) }

@usableFromInline func _relu6(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("relu6", x, at) { x in
    minimum(maximum(x, 0), 6)
  }
}

/// Each element, but a fraction of it below 0.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - slope: the fraction.
@_transparent public func leakyRelu(_ x: Expr, slope: Double = 0.2) -> Expr {
  _leakyRelu(x, slope, .here())
}

@usableFromInline func _leakyRelu(_ x: Expr, _ slope: Double, _ at: Location) -> Expr {
  .elementwise("leakyRelu", x, at) { x in
    select(x .>= 0, x, slope * x)
  }
}

/// Each element, but `slope` times it below 0.
///
/// See He and others, *Delving Deep into Rectifiers*, 2015.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - slope: what is learned: the same dtype; broadcasts.
@_transparent public func prelu(_ x: Expr, slope: Expr) -> Expr { _prelu(x, slope, .here()) }

@usableFromInline func _prelu(_ x: Expr, _ slope: Expr, _ at: Location) -> Expr {
  .elementwise("prelu", x, slope, at) { x, slope in select(x .>= 0, x, slope * x) }
}

/// Each element, but `alpha (exp(x) - 1)` below 0.
///
/// See Clevert and others, *Exponential Linear Units*, 2015.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - alpha: minus the limit at -inf.
@_transparent public func elu(_ x: Expr, alpha: Double = 1) -> Expr { _elu(x, alpha, .here()) }

@usableFromInline func _elu(_ x: Expr, _ alpha: Double, _ at: Location) -> Expr {
  .elementwise("elu", x, at) { x in
    // The bound keeps what the selection discards finite.
    select(x .>= 0, x, alpha * expm1(minimum(x, 0)))
  }
}

/// The scaled exponential linear unit, `1.0507 elu(x, alpha: 1.6733)`, under which activations keep
/// mean 0
/// and variance 1.
///
/// See Klambauer and others, *Self-Normalizing Neural Networks*, 2017.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func selu(_ x: Expr) -> Expr { _selu(x, .here()) }

@usableFromInline func _selu(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("selu", x, at) { x in
    1.0507009873554805 * select(x .>= 0, x, 1.6732632423543772 * expm1(minimum(x, 0)))
  }
}

/// Each element, but `alpha (exp(x / alpha) - 1)` below 0: differentiable at 0 for every `alpha`.
///
/// See Barron, *Continuously Differentiable Exponential Linear Units*, 2017.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - alpha: minus the limit at -inf; not 0.
@_transparent public func celu(_ x: Expr, alpha: Double = 1) -> Expr { _celu(x, alpha, .here()) }

@usableFromInline func _celu(_ x: Expr, _ alpha: Double, _ at: Location) -> Expr {
  .elementwise("celu", x, at) { x in
    select(x .>= 0, x, alpha * expm1(minimum(x, 0) / alpha))
  }
}

/// Each element above `level`, and `value` for the others.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - level: what an element must exceed.
///   - value: what the others become.
@_transparent public func threshold(_ x: Expr, level: Double, value: Double = 0) -> Expr {
  _threshold(x, level, value, .here())
}

@usableFromInline func _threshold(_ x: Expr, _ level: Double, _ value: Double, _ at: Location)
  -> Expr
{
  .elementwise("threshold", x, at) { x in
    select(x .> Expr(level), x, Expr(value))
  }
}

/// Each element, moved towards 0 by `by`, and 0 where it would pass it.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - by: at least 0.
@_transparent public func softShrink(_ x: Expr, by: Double = 0.5) -> Expr {
  _softShrink(x, by, .here())
}

@usableFromInline func _softShrink(_ x: Expr, _ by: Double, _ at: Location) -> Expr {
  .elementwise("softShrink", x, at) { x in
    select(x .> Expr(by), x - by, select(x .< Expr(-by), x + by, 0))
  }
}

/// Each element further from 0 than `beyond`, and 0 for the others.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - beyond: at least 0.
@_transparent public func hardShrink(_ x: Expr, beyond: Double = 0.5) -> Expr {
  _hardShrink(x, beyond, .here())
}

@usableFromInline func _hardShrink(_ x: Expr, _ beyond: Double, _ at: Location) -> Expr {
  .elementwise("hardShrink", x, at) { x in
    select(abs(x) .> Expr(beyond), x, 0)
  }
}

/// What tanh takes away: `x - tanh(x)`.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func tanhShrink(_ x: Expr) -> Expr { _tanhShrink(x, .here()) }

@usableFromInline func _tanhShrink(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("tanhShrink", x, at) { x in
    x - tanh(x)
  }
}
