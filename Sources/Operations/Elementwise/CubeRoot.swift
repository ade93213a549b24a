internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The real cube root of each element, of negative ones too.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func cbrt(_ x: Expr) -> Expr { _cbrt(x, .here()) }

@usableFromInline func _cbrt(_ x: Expr, _ at: Location) -> Expr {
  .make(CubeRoot(), [x], at: at)
}

package struct CubeRoot: UnaryFloatOp {
  package static let mnemonic = "cbrt"
  package static let summary = "The real cube root of each element."
  package static let accuracy = Accuracy(ulps: 2.5)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream / (3 * result * result)
  }

  package func reference(_ x: Double) -> Double { Foundation.cbrt(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.cubeRoot(x[0]) }
  }
}
