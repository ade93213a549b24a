public import Gnomon

/// A variable that belongs to a layer: what training changes and files keep.
///
/// `addWeight` makes it; `variable` is the expression to compute with and holds the current tensor.
public final class Weight: CustomStringConvertible {
  /// Unique in a model: the layer's name and the weight's own, `dense_1/kernel`.
  public let name: String
  /// The variable; `variable.value` reads and sets the tensor.
  public let variable: Expr
  /// Adds a penalty on this weight to the loss.
  public var regularizer: (any Regularizer)?
  /// Maps the weight to an allowed one after each step of an optimizer.
  public var constraint: (any Constraint)?
  /// Whether gradients reach it. A moving average or a counter is not trainable.
  public var trainable: Bool

  package init(
    name: String, variable: Expr, regularizer: (any Regularizer)?, constraint: (any Constraint)?,
    trainable: Bool
  ) {
    self.name = name
    self.variable = variable
    self.regularizer = regularizer
    self.constraint = constraint
    self.trainable = trainable
  }

  /// The sizes; a weight has no named ones.
  public var shape: [Int] { variable.shape.map { $0.constant! } }
  /// The number of elements.
  public var elementCount: Int { shape.reduce(1, *) }
  /// The memory of the elements.
  public var byteCount: Int { elementCount * variable.dtype.byteCount }

  public var description: String { "\(name): \(variable.type)" }
}
