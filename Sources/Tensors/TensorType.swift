/// The type of a symbolic tensor: a dtype and a shape whose sizes may be named dimensions.
public struct TensorType: Hashable, Sendable {
  public var dtype: DType
  public var shape: [Dim]

  public init(_ dtype: DType, _ shape: [Dim]) {
    self.dtype = dtype
    self.shape = shape
  }

  public var rank: Int { shape.count }

  /// The number of elements, as a formula.
  public var elementCount: Dim { shape.reduce(Dim(1), *) }

  /// The row-major strides in elements, as formulas.
  public var strides: [Dim] {
    var strides = [Dim](repeating: Dim(1), count: shape.count)
    for i in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[i] = strides[i + 1] * shape[i + 1]
    }
    return strides
  }

  /// The sizes, if all are constants.
  public var staticShape: [Int]? {
    var sizes: [Int] = []
    for d in shape {
      guard let c = d.constant else { return nil }
      sizes.append(c)
    }
    return sizes
  }
}

extension TensorType: CustomStringConvertible {
  /// For example `float32 [batch, 784]`.
  public var description: String {
    "\(dtype) [\(shape.map(\.description).joined(separator: ", "))]"
  }
}
