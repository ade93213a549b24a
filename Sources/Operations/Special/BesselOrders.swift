public import GnomonIR
internal import GnomonTensors

/// The modified Bessel function of the first kind I0 of each element.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func besselI0(_ x: Expr) -> Expr { _besselI0(x, .here()) }

@usableFromInline func _besselI0(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("besselI0", x, at) { x in
    exp(abs(x)) * besselI0Scaled(x)
  }
}

/// The modified Bessel function of the first kind I1 of each element.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func besselI1(_ x: Expr) -> Expr { _besselI1(x, .here()) }

@usableFromInline func _besselI1(_ x: Expr, _ at: Location) -> Expr {
  .elementwise("besselI1", x, at) { x in
    exp(abs(x)) * besselI1Scaled(x)
  }
}
