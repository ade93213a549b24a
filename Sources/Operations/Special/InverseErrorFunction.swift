internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The inverse of the error function at each element; ±inf at ±1, NaN beyond.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func erfinv(_ x: Expr) -> Expr { _erfinv(x, .here()) }

@usableFromInline func _erfinv(_ x: Expr, _ at: Location) -> Expr {
  .make(InverseErrorFunction(), [x], at: at)
}

package struct InverseErrorFunction: UnaryFloatOp {
  package static let mnemonic = "erfinv"
  package static let summary = "The inverse of the error function at each element."
  package static let accuracy = Accuracy(ulps: 12)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (0.886226925452758 * exp(result * result))
  }

  package func reference(_ x: Double) -> Double {
    // Newton's steps from far enough below, on erf or, near 1, on erfc.
    if x.isNaN || x.magnitude > 1 { return .nan }
    if x.magnitude == 1 { return x * .infinity }
    if x.magnitude < 1e-7 { return x * 0.886226925452758 }
    let a = x.magnitude
    var y = (-Foundation.log1p(-a * a)).squareRoot() * 0.8
    for _ in 0..<60 {
      let error = a < 0.5 ? a - Foundation.erf(y) : Foundation.erfc(y) - (1 - a)
      let slope = 1.1283791670955126 * Foundation.exp(-y * y)
      y += error / (slope - y * error)
    }
    return x < 0 ? -y : y
  }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.inverseErrorFunction(x[0]) }
  }
}
