public import Gnomon

/// All elements 0.
public struct Zeros: Initializer {
  public init() {}

  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) -> Tensor {
    .zeros(dtype, shape)
  }
}

extension Initializer where Self == Zeros {
  public static var zeros: Zeros { Zeros() }
}
