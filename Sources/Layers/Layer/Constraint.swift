public import Gnomon

/// What a weight must be after each step of an optimizer.
public protocol Constraint: Sendable {
  /// The allowed weight nearest to `w`, of the same type.
  func callAsFunction(_ w: Expr) -> Expr
}
