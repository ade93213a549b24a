/// A mistake in how a tensor is made, read or stored; says what was asked and what there is.
public enum TensorError: Error, Hashable, Sendable {
  /// The number of values is not the product of the sizes.
  case elementCount(given: Int, shape: [Int])
  /// A size is negative, or the bytes cannot be counted.
  case invalidShape([Int])
  /// The two shapes have different numbers of elements.
  case cannotReshape(from: [Int], to: [Int])
  /// The elements are of another type than the one asked for.
  case wrongDType(has: DType, asked: DType)
  /// A tensor with one element was expected.
  case notAScalar(shape: [Int])
  /// The number of indices is not the rank.
  case indexCount(given: Int, rank: Int)
  /// An index is negative or not below the size of its axis.
  case indexOutOfRange(index: Int, axis: Int, size: Int)
  /// A range reaches beyond the size of its axis.
  case rangeOutOfBounds(lower: Int, upper: Int, axis: Int, size: Int)
  /// An argument lies outside the values that have a meaning.
  case invalidArgument(String)
  /// The file could not be opened, read or written.
  case file(path: String, reason: String)
  /// The file's content breaks the rules of its format at the byte position.
  case malformed(path: String, position: Int, reason: String)
  /// The file, or the tensor to be written, uses something the format or this reader lacks.
  case unsupported(path: String, reason: String)
}

extension TensorError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .elementCount(let given, let shape):
      "shape \(shape) has \(TensorError.product(shape)) elements, but \(given) values were given"
    case .invalidShape(let shape):
      "shape \(shape) is not possible: sizes must be at least 0 and their product in bytes must "
        + "fit 64 bits"
    case .cannotReshape(let from, let to):
      "cannot reshape \(from) with \(TensorError.product(from)) elements to \(to) with "
        + "\(TensorError.product(to))"
    case .wrongDType(let has, let asked):
      "the elements are \(has), not \(asked); convert them with cast(to: .\(asked))"
    case .notAScalar(let shape):
      "a tensor with exactly one element was expected; this one has shape \(shape)"
    case .indexCount(let given, let rank):
      "\(given) indices were given for a tensor of rank \(rank)"
    case .indexOutOfRange(let index, let axis, let size):
      "index \(index) is out of range for axis \(axis) of size \(size)"
    case .rangeOutOfBounds(let lower, let upper, let axis, let size):
      "range \(lower)..<\(upper) is out of bounds for axis \(axis) of size \(size)"
    case .invalidArgument(let reason): reason
    case .file(let path, let reason): "\(path): \(reason)"
    case .malformed(let path, let position, let reason):
      "\(path): byte \(position): \(reason)"
    case .unsupported(let path, let reason): "\(path): \(reason)"
    }
  }

  private static func product(_ shape: [Int]) -> String {
    Shape.elementCount(of: shape).map(String.init) ?? "too many"
  }
}
