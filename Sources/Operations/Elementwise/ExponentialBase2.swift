internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// 2 to the power of each element.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; exact for whole numbers.
@_transparent public func exp2(_ x: Expr) -> Expr { _exp2(x, .here()) }

@usableFromInline func _exp2(_ x: Expr, _ at: Location) -> Expr {
  .make(ExponentialBase2(), [x], at: at)
}

package struct ExponentialBase2: UnaryFloatOp {
  package static let mnemonic = "exp2"
  package static let summary = "2 to the power of each element."
  package static let accuracy = Accuracy(ulps: 2)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (0.6931471805599453 * result)
  }

  package func reference(_ x: Double) -> Double { Foundation.exp2(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.exp2(x)
  }
}
