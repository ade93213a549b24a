public import Gnomon

/// A penalty on a weight or an output that is added to the loss.
public protocol Regularizer: Sendable {
  /// The penalty: a floating-point scalar.
  func callAsFunction(_ x: Expr) -> Expr
}
