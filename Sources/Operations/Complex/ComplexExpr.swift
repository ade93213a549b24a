public import GnomonIR
public import GnomonTensors

/// A tensor of complex numbers: two real expressions of one type.
///
///     let z = complex(x, y)
///     let w = exp(z) * conj(z)
///     abs(w)                                  // a real expression
///
/// A complex value is its real and its imaginary part, and every function of it is a formula of the two:
/// kernels, derivatives and batching know real numbers only. So inputs and results of compiled functions
/// are the parts, and the derivative of a real loss by a complex value is a pair of derivatives by its
/// parts. The parts are fused into one kernel like any other expressions.
public struct ComplexExpr: Sendable {
  public let real: Expr
  public let imaginary: Expr

  package init(_ real: Expr, _ imaginary: Expr) {
    self.real = real
    self.imaginary = imaginary
  }

  public var shape: [Dim] { real.shape }
  public var rank: Int { real.rank }
  /// The dtype of the parts.
  public var dtype: DType { real.dtype }
  /// Whether a mistake was made on the way to this value.
  public var isInvalid: Bool { real.isInvalid || imaginary.isInvalid }

  /// Both parts under one function, which must be the same for real and for complex numbers: what moves
  /// elements, or adds them up.
  ///
  ///     z.mapParts { $0[.all, 0] }
  public func mapParts(_ f: (Expr) -> Expr) -> ComplexExpr { ComplexExpr(f(real), f(imaginary)) }

  /// What a refused function of complex numbers gives.
  static func refused(_ refusal: Refusal, _ name: String, _ operands: [Expr], at: Location)
    -> ComplexExpr
  {
    let bad = Expr.refused(refusal, name, operands, at: at)
    return ComplexExpr(bad, bad)
  }
}

/// The complex numbers with these parts.
///
/// - Parameters:
///   - real: float32 or float64.
///   - imaginary: the same dtype; the shapes broadcast. 0 by default.
@_transparent public func complex(_ real: Expr, _ imaginary: Expr = 0) -> ComplexExpr {
  _complex(real, imaginary, .here())
}

@usableFromInline func _complex(_ real: Expr, _ imaginary: Expr, _ at: Location) -> ComplexExpr {
  let (x, y) = settledPair(real, imaginary)
  if x.isInvalid || y.isInvalid { return ComplexExpr(x, y) }
  guard x.dtype == y.dtype, x.dtype == .float32 || x.dtype == .float64 else {
    return .refused(
      Refusal(
        .dtypeMismatch, "parts of the dtypes \(x.dtype) and \(y.dtype)",
        marks: [Refusal.Mark(0), Refusal.Mark(1)], help: "both float32, or both float64"),
      "complex", [x, y], at: at)
  }
  if x.shape == y.shape { return ComplexExpr(x, y) }
  let both = at.serving("complex") { broadcastTogether([x, y]) }
  return ComplexExpr(both[0], both[1])
}

/// The complex numbers with this magnitude and this angle in radians.
///
/// - Parameters:
///   - magnitude: float32 or float64.
///   - angle: the same dtype; the shapes broadcast.
@_transparent public func complexFromPolar(_ magnitude: Expr, _ angle: Expr) -> ComplexExpr {
  _complexFromPolar(magnitude, angle, .here())
}

@usableFromInline func _complexFromPolar(_ magnitude: Expr, _ angle: Expr, _ at: Location)
  -> ComplexExpr
{
  at.serving("complexFromPolar") {
    let z = complex(magnitude, angle)
    return z.isInvalid
      ? z : ComplexExpr(z.real * cos(z.imaginary), z.real * sin(z.imaginary))
  }
}
