public import GnomonIR

// Shapes broadcast as those of real expressions do; literals are real numbers.
extension ComplexExpr {
  @_transparent public static func + (a: ComplexExpr, b: ComplexExpr) -> ComplexExpr {
    _sum(a, b, .here())
  }
  @_transparent public static func - (a: ComplexExpr, b: ComplexExpr) -> ComplexExpr {
    _difference(a, b, .here())
  }
  @_transparent public static func * (a: ComplexExpr, b: ComplexExpr) -> ComplexExpr {
    _product(a, b, .here())
  }
  /// The quotient; by 0 it has infinite and NaN parts, as in NumPy.
  @_transparent public static func / (a: ComplexExpr, b: ComplexExpr) -> ComplexExpr {
    _quotient(a, b, .here())
  }
  @_transparent public static func + (a: ComplexExpr, b: Expr) -> ComplexExpr {
    _shifted(a, b, .here())
  }
  @_transparent public static func + (a: Expr, b: ComplexExpr) -> ComplexExpr {
    _shifted(b, a, .here())
  }
  @_transparent public static func - (a: ComplexExpr, b: Expr) -> ComplexExpr {
    _lowered(a, b, .here())
  }
  @_transparent public static func - (a: Expr, b: ComplexExpr) -> ComplexExpr {
    _lowering(a, b, .here())
  }
  @_transparent public static func * (a: ComplexExpr, b: Expr) -> ComplexExpr {
    _scaled(a, b, .here())
  }
  @_transparent public static func * (a: Expr, b: ComplexExpr) -> ComplexExpr {
    _scaled(b, a, .here())
  }
  @_transparent public static func / (a: ComplexExpr, b: Expr) -> ComplexExpr {
    _divided(a, b, .here())
  }
  @_transparent public static func / (a: Expr, b: ComplexExpr) -> ComplexExpr {
    _dividing(a, b, .here())
  }
  @_transparent public prefix static func - (a: ComplexExpr) -> ComplexExpr { _negated(a, .here()) }

  @usableFromInline static func _sum(_ a: ComplexExpr, _ b: ComplexExpr, _ at: Location)
    -> ComplexExpr
  {
    at.serving { ComplexExpr(a.real + b.real, a.imaginary + b.imaginary) }
  }

  @usableFromInline static func _difference(_ a: ComplexExpr, _ b: ComplexExpr, _ at: Location)
    -> ComplexExpr
  {
    at.serving { ComplexExpr(a.real - b.real, a.imaginary - b.imaginary) }
  }

  @usableFromInline static func _product(_ a: ComplexExpr, _ b: ComplexExpr, _ at: Location)
    -> ComplexExpr
  {
    at.serving {
      ComplexExpr(
        a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
    }
  }

  /// By Smith's method, which does not square the parts of the divisor (Smith 1962, "Algorithm 116").
  @usableFromInline static func _quotient(_ a: ComplexExpr, _ b: ComplexExpr, _ at: Location)
    -> ComplexExpr
  {
    at.serving {
      let isWide = abs(b.real) .>= abs(b.imaginary)
      let large = select(isWide, b.real, b.imaginary)
      let small = select(isWide, b.imaginary, b.real)
      let isZero = large .== 0
      let ratio = select(isZero, 0, small / select(isZero, 1, large))
      let divisor = large + small * ratio
      return ComplexExpr(
        select(isWide, a.real + a.imaginary * ratio, a.real * ratio + a.imaginary) / divisor,
        select(isWide, a.imaginary - a.real * ratio, a.imaginary * ratio - a.real) / divisor)
    }
  }

  @usableFromInline static func _scaled(_ a: ComplexExpr, _ b: Expr, _ at: Location) -> ComplexExpr
  {
    at.serving { a.mapParts { $0 * b } }
  }

  @usableFromInline static func _divided(_ a: ComplexExpr, _ b: Expr, _ at: Location) -> ComplexExpr
  {
    at.serving { a.mapParts { $0 / b } }
  }

  @usableFromInline static func _dividing(_ a: Expr, _ b: ComplexExpr, _ at: Location)
    -> ComplexExpr
  {
    at.serving { complex(a.settled(b.dtype)) / b }
  }

  @usableFromInline static func _shifted(_ a: ComplexExpr, _ b: Expr, _ at: Location) -> ComplexExpr
  {
    at.serving { beside(a.real + b, a.imaginary) }
  }

  @usableFromInline static func _lowered(_ a: ComplexExpr, _ b: Expr, _ at: Location) -> ComplexExpr
  {
    at.serving { beside(a.real - b, a.imaginary) }
  }

  @usableFromInline static func _lowering(_ a: Expr, _ b: ComplexExpr, _ at: Location)
    -> ComplexExpr
  {
    at.serving { beside(a - b.real, -b.imaginary) }
  }

  /// A real part that may have a larger shape than the imaginary one.
  private static func beside(_ real: Expr, _ imaginary: Expr) -> ComplexExpr {
    real.isInvalid ? ComplexExpr(real, real) : complex(real, imaginary)
  }

  @usableFromInline static func _negated(_ a: ComplexExpr, _ at: Location) -> ComplexExpr {
    at.serving { a.mapParts { -$0 } }
  }
}
