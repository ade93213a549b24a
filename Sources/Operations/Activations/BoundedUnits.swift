public import GnomonIR
internal import GnomonTensors

/// The line `x / 6 + 1/2`, kept between 0 and 1.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func hardSigmoid(_ x: Expr) -> Expr { _hardSigmoid(x, .here()) }

@usableFromInline func _hardSigmoid(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("hardSigmoid", x, at) { x in
    minimum(maximum(x / 6 + 0.5, 0), 1)
  }
}

/// The unit `x hardSigmoid(x)`, also called hard swish.
///
/// See Howard and others, *Searching for MobileNetV3*, 2019.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func hardSilu(_ x: Expr) -> Expr { _hardSilu(x, .here()) }

@usableFromInline func _hardSilu(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("hardSilu", x, at) { x in
    x * hardSigmoid(x)
  }
}

/// Each element, kept between -1 and 1.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func hardTanh(_ x: Expr) -> Expr { _hardTanh(x, .here()) }

@usableFromInline func _hardTanh(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("hardTanh", x, at) { x in
    minimum(maximum(x, -1), 1)
  }
}

/// The line `(x + 1) / 2`, kept between 0 and 1: the derivative of `sparsePlus`.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func sparseSigmoid(_ x: Expr) -> Expr { _sparseSigmoid(x, .here()) }

@usableFromInline func _sparseSigmoid(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("sparseSigmoid", x, at) { x in
    minimum(maximum(0.5 * (x + 1), 0), 1)
  }
}
