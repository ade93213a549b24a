internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The logarithm of the sum of two exponentials, `log(exp(x) + exp(y))`, without overflow.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func logAddExp(_ x: Expr, _ y: Expr) -> Expr { _logAddExp(x, y, .here()) }

@usableFromInline func _logAddExp(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .make(LogAddExp(), [x, y], at: at)
}

/// The logarithm to base 2 of the sum of two powers of 2, `log2(2^x + 2^y)`, without overflow.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func logAddExp2(_ x: Expr, _ y: Expr) -> Expr { _logAddExp2(x, y, .here()) }

@usableFromInline func _logAddExp2(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .elementwise("logAddExp2", x, y, at) { x, y in
    let ln2 = 0.6931471805599453
    return logAddExp(x * ln2, y * ln2) * 1.4426950408889634
  }
}

package struct LogAddExp: BinaryFloatOp {
  package static let mnemonic = "log_add_exp"
  package static let summary = "The logarithm of the sum of two exponentials."
  package static let accuracy = Accuracy(ulps: 4, near: 1)
  package init() {}

  package var facts: Facts { Facts(isCommutative: true, isElementwise: true) }

  // The shares of the two terms.
  package func gradient(_ upstream: Expr, _ x: Expr, _ y: Expr, _ result: Expr) -> (Expr?, Expr?) {
    (upstream * sigmoid(x - y), upstream * sigmoid(y - x))
  }

  package func reference(_ x: Double, _ y: Double) -> Double {
    if x == y { return x + 0.6931471805599453 }
    return Swift.max(x, y) + Foundation.log1p(Foundation.exp(-(x - y).magnitude))
  }

  // The larger plus log(1 + exp(-|x - y|)); equal infinities have no difference.
  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value {
    let distance = b.absolute(b.subtract(x, y))
    let known = b.select(b.equal(x, y), b.constant(0, x.dtype), distance)
    return b.add(b.maximum(x, y), b.call(.log1p, b.call(.exp, b.negate(known))))
  }
}
