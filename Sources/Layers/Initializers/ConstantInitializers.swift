public import GnomonTensors

/// All elements 0.
public struct Zeros: Initializer, Hashable, Codable {
  public init() {}

  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) throws -> Tensor {
    .zeros(dtype, shape)
  }
}

/// All elements 1.
public struct Ones: Initializer, Hashable, Codable {
  public init() {}

  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) throws -> Tensor {
    .full(1, dtype, shape)
  }
}

/// All elements one value.
public struct Constant: Initializer, Hashable, Codable {
  public var value: Double

  public init(_ value: Double = 0) { self.value = value }

  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) throws -> Tensor {
    .full(value, dtype, shape)
  }
}

/// `gain` on the diagonal of a matrix, 0 elsewhere.
public struct IdentityMatrix: Initializer, Hashable, Codable {
  public var gain: Double

  public init(gain: Double = 1) { self.gain = gain }

  /// - Throws: `TensorError` if the shape is not of rank 2.
  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) throws -> Tensor {
    guard shape.count == 2 else {
      throw TensorError.invalidArgument("the identity is a matrix; the shape \(shape) is not")
    }
    let ones = Tensor.eye(shape[0], columns: shape[1], .float64).doubles
    return Tensor(dtype: dtype, shape: shape, doubles: ones.map { $0 * gain })
  }
}

extension Initializer where Self == Zeros {
  public static var zeros: Zeros { Zeros() }
}

extension Initializer where Self == Ones {
  public static var ones: Ones { Ones() }
}

extension Initializer where Self == Constant {
  public static func constant(_ value: Double) -> Constant { Constant(value) }
}

extension Initializer where Self == IdentityMatrix {
  public static func identity(gain: Double = 1) -> IdentityMatrix { IdentityMatrix(gain: gain) }
}
