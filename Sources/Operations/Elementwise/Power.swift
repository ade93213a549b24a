internal import Foundation
public import GnomonIR
package import GnomonScalars
package import GnomonTensors

/// Precedence of `**`: above multiplication, grouping to the right.
precedencegroup PowerPrecedence {
  higherThan: MultiplicationPrecedence
  associativity: right
}

infix operator ** : PowerPrecedence

/// `x` to the power `y`, element by element, with broadcasting.
///
/// As C's `pow`: `power(x, 0)` and `power(1, y)` are 1 even for NaN; a negative `x` to a power that is
/// not whole is NaN. The derivative with respect to `x` is 0 where `y` is 0; that with respect to `y` is 0
/// where `x` is not positive.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype.
@_transparent public func power(_ x: Expr, _ y: Expr) -> Expr { _power(x, y, .here()) }

extension Expr {
  /// `x` to the power `y`.
  ///
  /// It binds tighter than `*`, but a sign before it binds tighter still: `-x ** 2` is `(-x) ** 2`.
  @_transparent public static func ** (x: Expr, y: Expr) -> Expr { _power(x, y, .here()) }
}

@usableFromInline func _power(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .make(Power(), [x, y], at: at)
}

package struct Power: ElementwiseOp {
  package static let mnemonic = "power"
  package static let arity = 2...2
  package static let summary = "One tensor to the power of another, element by element."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    try sameDType(dtypes, mnemonic, allowed: \.isFloat, "a floating-point dtype")
  }

  // The values that the selections discard are kept finite, so that second derivatives are too.
  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil] }
    let (x, y) = (c.operands[0], c.operands[1])
    var d: [Expr?] = [nil, nil]
    if c.wanted[0] {
      let constant = y .== 0
      let safe = select(constant, 1, y)
      d[0] = (g * select(constant, 0, safe * power(x, safe - 1))).summed(to: x.shape)
    }
    if c.wanted[1] {
      let positive = x .> 0
      d[1] =
        (g * select(positive, c.results[0] * log(select(positive, x, 1)), 0)).summed(to: y.shape)
    }
    return d
  }

  package func reference(_ x: [Double]) -> Double { Foundation.pow(x[0], x[1]) }

  package func scalar(_ b: inout ScalarBuilder, _ x: [ScalarBuilder.Value]) -> ScalarBuilder.Value {
    b.call(.power, x[0], x[1])
  }
}
