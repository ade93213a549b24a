// Sizes given to these functions must not be negative and their product must be addressable, as
// with `Array(repeating:count:)`.
extension Tensor {
  /// All elements 0.
  public static func zeros(_ dtype: DType, _ shape: some Collection<Int>) -> Tensor {
    let result = Tensor(uninitialized: dtype, Shape(shape))
    result.storage.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: result.byteCount)
    return result
  }

  /// All elements 1.
  public static func ones(_ dtype: DType, _ shape: some Collection<Int>) -> Tensor {
    full(1, dtype, shape)
  }

  /// All elements the value nearest to `value`; integers saturate.
  public static func full(_ value: Double, _ dtype: DType, _ shape: some Collection<Int>) -> Tensor
  {
    let result = Tensor(uninitialized: dtype, Shape(shape))
    var value = value
    var element: UInt64 = 0
    let size = dtype.byteCount
    Swift.withUnsafeMutableBytes(of: &element) {
      if let start = $0.baseAddress { dtype.stored.write(&value, into: start, 1) }
    }
    let pointer = result.storage.pointer
    let n = result.elementCount
    switch size {
    case 1: fill(pointer, UInt8(truncatingIfNeeded: element.littleEndian), n)
    case 2: fill(pointer, UInt16(truncatingIfNeeded: element.littleEndian), n)
    case 4: fill(pointer, UInt32(truncatingIfNeeded: element.littleEndian), n)
    default: fill(pointer, element, n)
    }
    return result
  }

  private static func fill<T>(_ pointer: UnsafeMutableRawPointer, _ value: T, _ n: Int) {
    pointer.initializeMemory(as: T.self, repeating: value, count: n)
  }

  /// The numbers `start`, `start + step`, … up to and without `end`: ceil((end - start) / step)
  /// elements, none if the step leads away from `end`.
  ///
  /// - Throws: `TensorError` if the step is 0 or one of the numbers is not finite.
  public static func range(
    _ start: Double, _ end: Double, step: Double = 1, _ dtype: DType = .float32
  ) throws(TensorError) -> Tensor {
    guard start.isFinite, end.isFinite, step.isFinite, step != 0 else {
      throw TensorError.invalidArgument(
        "range(\(start), \(end), step: \(step)): all must be finite and the step not 0")
    }
    let count = ((end - start) / step).rounded(.up)
    guard count < 0x1p48 else {
      throw TensorError.invalidArgument("range(\(start), \(end), step: \(step)) is too long")
    }
    let n = max(0, Int(count))
    // As a product, so that the error does not grow with the index.
    return Tensor(dtype: dtype, shape: [n], doubles: (0..<n).map { start + Double($0) * step })
  }

  /// The integers from 0 up to and without `count`.
  public static func range(_ count: Int, _ dtype: DType = .int64) -> Tensor {
    let n = max(0, count)
    return dtype.isFloat
      ? Tensor(dtype: dtype, shape: [n], doubles: (0..<n).map(Double.init))
      : Tensor(dtype: dtype, shape: [n], integers: (0..<n).map(Int64.init))
  }

  /// `count` numbers at equal distances from `start` to `end`, both included.
  public static func linspace(
    _ start: Double, _ end: Double, count: Int, _ dtype: DType = .float32
  ) -> Tensor {
    let n = max(0, count)
    let step = n > 1 ? (end - start) / Double(n - 1) : 0
    var values = (0..<n).map { start + Double($0) * step }
    // The sum may miss the end by a rounding.
    if n > 1 { values[n - 1] = end }
    return Tensor(dtype: dtype, shape: [n], doubles: values)
  }

  /// 1 on the diagonal, 0 elsewhere; square unless `columns` is given.
  public static func eye(_ rows: Int, columns: Int? = nil, _ dtype: DType = .float32) -> Tensor {
    let width = columns ?? rows
    var result = zeros(dtype, [rows, width])
    let one = full(1, dtype, [1])
    let size = dtype.byteCount
    result.withUnsafeMutableBytes { to in
      one.withUnsafeBytes { from in
        for i in 0..<min(rows, width) {
          let at = (i * width + i) * size
          for byte in 0..<size { to[at + byte] = from[byte] }
        }
      }
    }
    return result
  }
}
