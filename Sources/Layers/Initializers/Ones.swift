public import Gnomon

/// All elements 1.
public struct Ones: Initializer {
  public init() {}

  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) -> Tensor {
    .ones(dtype, shape)
  }
}

extension Initializer where Self == Ones {
  public static var ones: Ones { Ones() }
}
