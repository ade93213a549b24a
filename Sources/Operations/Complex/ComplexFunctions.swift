public import GnomonIR
internal import GnomonTensors

/// The complex conjugate.
@_transparent public func conj(_ z: ComplexExpr) -> ComplexExpr { _conj(z, .here()) }

@usableFromInline func _conj(_ z: ComplexExpr, _ at: Location) -> ComplexExpr {
  at.serving("conj") { ComplexExpr(z.real, -z.imaginary) }
}

/// The magnitude, without overflow on the way. Its derivative at 0 is 0.
@_transparent public func abs(_ z: ComplexExpr) -> Expr { _magnitude(z, .here()) }

@usableFromInline func _magnitude(_ z: ComplexExpr, _ at: Location) -> Expr {
  at.serving("abs") { hypot(z.real, z.imaginary) }
}

/// The angle in radians, from -π to π.
@_transparent public func angle(_ z: ComplexExpr) -> Expr { _angle(z, .here()) }

@usableFromInline func _angle(_ z: ComplexExpr, _ at: Location) -> Expr {
  at.serving("angle") { atan2(z.imaginary, z.real) }
}

/// e to the power of each number: `exp(x) (cos(y) + i sin(y))`, by products of real numbers.
@_transparent public func exp(_ z: ComplexExpr) -> ComplexExpr { _complexExp(z, .here()) }

@usableFromInline func _complexExp(_ z: ComplexExpr, _ at: Location) -> ComplexExpr {
  at.serving("exp") { complexFromPolar(exp(z.real), z.imaginary) }
}

/// The natural logarithm with an imaginary part from -π to π.
@_transparent public func log(_ z: ComplexExpr) -> ComplexExpr { _complexLog(z, .here()) }

@usableFromInline func _complexLog(_ z: ComplexExpr, _ at: Location) -> ComplexExpr {
  at.serving("log") { ComplexExpr(log(abs(z)), angle(z)) }
}

/// The square root whose real part is not negative; on the cut along the negative numbers the sign of the
/// imaginary part is that of the operand's.
@_transparent public func sqrt(_ z: ComplexExpr) -> ComplexExpr { _complexSqrt(z, .here()) }

@usableFromInline func _complexSqrt(_ z: ComplexExpr, _ at: Location) -> ComplexExpr {
  at.serving("sqrt") {
    // The larger part by a sum of numbers of one sign, the other one by division.
    let large = sqrt(0.5 * abs(z) + 0.5 * abs(z.real))
    let isPlain = (large .!= 0) .& .!isInfinite(z.imaginary)
    let small = select(
      isPlain, 0.5 * z.imaginary / select(isPlain, large, 1), z.imaginary)
    let isRight = z.real .>= 0
    return ComplexExpr(
      select(isRight, large, abs(small)),
      select(isRight, small, copySign(large, z.imaginary)))
  }
}

/// A complex number to a complex power, by `exp(w log(z))`.
///
/// 0 to the power 0 is 1, to a power with a positive real part 0, to another one NaN.
@_transparent public func power(_ z: ComplexExpr, _ w: ComplexExpr) -> ComplexExpr {
  _complexPower(z, w, .here())
}

@usableFromInline func _complexPower(_ z: ComplexExpr, _ w: ComplexExpr, _ at: Location)
  -> ComplexExpr
{
  at.serving("power") {
    let isZero = (z.real .== 0) .& (z.imaginary .== 0)
    let base = ComplexExpr(select(isZero, 1, z.real), z.imaginary)
    let other = exp(w * log(base))
    let isOne = (w.real .== 0) .& (w.imaginary .== 0)
    func number(_ value: Double) -> Expr { .constant(value, z.dtype, at: .here()) }
    let ofZero = select(isOne, number(1), select(w.real .> 0, number(0), number(.nan)))
    return ComplexExpr(
      select(isZero, ofZero, other.real),
      select(isZero, select(isOne, number(0), ofZero), other.imaginary))
  }
}

/// The sine of complex numbers.
@_transparent public func sin(_ z: ComplexExpr) -> ComplexExpr { _complexSin(z, .here()) }

@usableFromInline func _complexSin(_ z: ComplexExpr, _ at: Location) -> ComplexExpr {
  at.serving("sin") {
    ComplexExpr(sin(z.real) * cosh(z.imaginary), cos(z.real) * sinh(z.imaginary))
  }
}

/// The cosine of complex numbers.
@_transparent public func cos(_ z: ComplexExpr) -> ComplexExpr { _complexCos(z, .here()) }

@usableFromInline func _complexCos(_ z: ComplexExpr, _ at: Location) -> ComplexExpr {
  at.serving("cos") {
    ComplexExpr(cos(z.real) * cosh(z.imaginary), -sin(z.real) * sinh(z.imaginary))
  }
}

/// The sum along axes, or of all; as the sum of real numbers.
@_transparent public func sum(_ z: ComplexExpr, axes: Int..., keepDims: Bool = false) -> ComplexExpr
{ _complexSum(z, axes.isEmpty ? nil : axes, keepDims, .here()) }

/// The sum along axes; as the sum of real numbers.
@_transparent public func sum(_ z: ComplexExpr, axes: [Int], keepDims: Bool = false) -> ComplexExpr
{ _complexSum(z, axes, keepDims, .here()) }

@usableFromInline func _complexSum(
  _ z: ComplexExpr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location
) -> ComplexExpr {
  z.mapParts { _sum($0, axes, keepDims, at) }
}
