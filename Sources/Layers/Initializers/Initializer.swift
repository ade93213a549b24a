public import Gnomon

/// The first value of a weight.
public protocol Initializer: Sendable {
  /// A tensor of the shape and dtype; the same seed gives the same tensor.
  func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) throws -> Tensor
}
