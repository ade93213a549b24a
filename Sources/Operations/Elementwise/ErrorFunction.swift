internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The error function of each element, 2/√π times the integral of exp(-t²) from 0 to x.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; ±1 at ±inf, `erf(±0)` is ±0, NaN stays NaN.
@_transparent public func erf(_ x: Expr) -> Expr { _erf(x, .here()) }

@usableFromInline func _erf(_ x: Expr, _ at: Location) -> Expr {
  .make(ErrorFunction(), [x], at: at)
}

package struct ErrorFunction: UnaryFloatOp {
  package static let mnemonic = "erf"
  package static let summary = "The error function of each element."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  // d erf(x) = 2/√π exp(-x²) dx.
  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (1.1283791670955126 * exp(-(x * x)))
  }

  package func reference(_ x: Double) -> Double { Foundation.erf(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.call(.erf, x)
  }
}
