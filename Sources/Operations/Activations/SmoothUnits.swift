public import GnomonIR
internal import GnomonTensors

/// The sigmoid linear unit, `x sigmoid(x)`, also called swish.
///
/// See Elfwing and others, *Sigmoid-Weighted Linear Units*, 2017.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func silu(_ x: Expr) -> Expr { _silu(x, .here()) }

@usableFromInline func _silu(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("silu", x, at) { x in
    x * sigmoid(x)
  }
}

/// The unit `x tanh(softplus(x))`.
///
/// See Misra, *Mish: A Self Regularized Non-Monotonic Activation Function*, 2019.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func mish(_ x: Expr) -> Expr { _mish(x, .here()) }

@usableFromInline func _mish(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("mish", x, at) { x in
    x * tanh(softplus(x))
  }
}

/// The fraction `x / (1 + |x|)`, between -1 and 1.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func softsign(_ x: Expr) -> Expr { _softsign(x, .here()) }

@usableFromInline func _softsign(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("softsign", x, at) { x in
    x / (1 + abs(x))
  }
}

/// The logarithm of the sigmoid, `-softplus(-x)`: finite where the sigmoid itself is 0 after
/// rounding.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func logSigmoid(_ x: Expr) -> Expr { _logSigmoid(x, .here()) }

@usableFromInline func _logSigmoid(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("logSigmoid", x, at) { x in
    -softplus(-x)
  }
}

/// The smooth rectifier `(x + √(x² + b)) / 2`.
///
/// See Barron, *Squareplus*, 2021.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - b: at least 0; 0 gives relu, 4 comes near softplus.
@_transparent public func squareplus(_ x: Expr, b: Double = 4) -> Expr {
  _squareplus(x, b, .here())
}

@usableFromInline func _squareplus(_ x: Expr, _ b: Double, _ at: Location) -> Expr {
  .elementwise("squareplus", x, at) { x in
    0.5 * (x + sqrt(square(x) + b))
  }
}

/// 0 up to -1, `(x + 1)² / 4` up to 1, then `x`: the smooth rectifier whose derivative is
/// `sparseSigmoid`.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func sparsePlus(_ x: Expr) -> Expr { _sparsePlus(x, .here()) }

@usableFromInline func _sparsePlus(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("sparsePlus", x, at) { x in
    select(x .<= -1, 0, select(x .< 1, 0.25 * square(x + 1), x))
  }
}

/// The gated linear unit: the first half along an axis times the sigmoid of the second.
///
/// See Dauphin and others, *Language Modeling with Gated Convolutional Networks*, 2016.
///
/// - Parameters:
///   - x: a floating-point tensor; 2 divides the size of the axis.
///   - axis: a negative one counts from the end.
@_transparent public func glu(_ x: Expr, axis: Int = -1) -> Expr { _glu(x, axis, .here()) }

@usableFromInline func _glu(_ x: Expr, _ axis: Int, _ at: Location) -> Expr {
  let x = x.settled()
  if let bad = floatsOnly(x, "glu", at) { return bad }
  if x.isInvalid { return x }
  return at.serving("glu") {
    let halves = x.split(parts: 2, axis: axis)
    return halves.count == 2 ? halves[0] * sigmoid(halves[1]) : halves[0]
  }
}
