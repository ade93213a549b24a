extension Tensor {
  /// A tensor of rank 0.
  public init<T: TensorElement>(_ scalar: T, dtype: DType? = nil) {
    self.init(elements: [scalar], Shape([]), dtype)
  }

  /// A tensor of rank 1.
  ///
  /// - Parameter dtype: the element type; by default that of `T`. Values are converted as by
  ///   `cast(to:)`.
  public init<T: TensorElement>(_ values: [T], dtype: DType? = nil) {
    self.init(elements: values, Shape(CollectionOfOne(values.count)), dtype)
  }

  /// A tensor of rank 2 from its rows, which must be equally long.
  public init<T: TensorElement>(_ rows: [[T]], dtype: DType? = nil) {
    let width = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == width }, "rows of different lengths")
    self.init(elements: Array(rows.joined()), [rows.count, width], dtype)
  }

  /// A tensor of rank 3 from nested arrays, which must be equally long at each level.
  public init<T: TensorElement>(_ planes: [[[T]]], dtype: DType? = nil) {
    let height = planes.first?.count ?? 0
    let width = planes.first?.first?.count ?? 0
    precondition(
      planes.allSatisfy { $0.count == height && $0.allSatisfy { $0.count == width } },
      "nested arrays of different lengths")
    let flat = planes.flatMap { $0.joined() }
    self.init(elements: flat, [planes.count, height, width], dtype)
  }

  /// A tensor of rank 4 from nested arrays, which must be equally long at each level.
  public init<T: TensorElement>(_ blocks: [[[[T]]]], dtype: DType? = nil) {
    let inner = blocks.map { Tensor($0) }
    let shape = inner.first?.shape ?? [0, 0, 0]
    precondition(inner.allSatisfy { $0.shape == shape }, "nested arrays of different lengths")
    let flat = blocks.flatMap { $0.flatMap { $0.joined() } }
    self.init(elements: flat, Shape([blocks.count] + shape), dtype)
  }

  /// A tensor of any shape from its elements in row-major order.
  ///
  /// - Throws: `TensorError` if the number of values is not the product of the sizes.
  public init<T: TensorElement>(
    _ values: [T], shape: some Collection<Int>, dtype: DType? = nil
  ) throws(TensorError) {
    let checked = try Shape(checking: shape, dtype ?? T.dtype)
    guard checked.elementCount == values.count else {
      throw TensorError.elementCount(given: values.count, shape: Array(shape))
    }
    self.init(elements: values, checked, dtype)
  }

  private init<T: TensorElement>(elements: [T], _ shape: Shape, _ dtype: DType?) {
    let native = Tensor(uninitialized: T.dtype, shape)
    elements.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress, bytes.count > 0 {
        native.storage.pointer.copyMemory(from: start, byteCount: bytes.count)
      }
    }
    self = native.cast(to: dtype ?? T.dtype)
  }

  /// A tensor with the values nearest to `doubles`; integers saturate, NaN gives 0.
  package init(dtype: DType, shape: some Collection<Int>, doubles: [Double]) {
    self.init(uninitialized: dtype, Shape(shape))
    precondition(doubles.count == elementCount, "\(doubles.count) values for shape \(self.shape)")
    let pointer = storage.pointer
    doubles.withUnsafeBufferPointer {
      if let start = $0.baseAddress { dtype.stored.write(start, into: pointer, $0.count) }
    }
  }

  /// A tensor of `integers` cut to the width of the dtype; `uint64` takes their bit patterns.
  package init(dtype: DType, shape: some Collection<Int>, integers: [Int64]) {
    self.init(uninitialized: dtype, Shape(shape))
    precondition(integers.count == elementCount, "\(integers.count) values for shape \(self.shape)")
    let pointer = storage.pointer
    integers.withUnsafeBufferPointer {
      if let start = $0.baseAddress { dtype.stored.write(start, into: pointer, $0.count) }
    }
  }
}

// MARK: - Reading

extension Tensor {
  /// The elements in row-major order as doubles: exact but for 64-bit integers beyond 2^53, which
  /// are rounded to nearest; `bool` gives 0 and 1.
  public var doubles: [Double] {
    let n = elementCount
    return Array(unsafeUninitializedCapacity: n) { buffer, count in
      withUnsafeBytes { bytes in
        if let start = bytes.baseAddress, let to = buffer.baseAddress {
          dtype.stored.read(start, into: to, n)
        }
      }
      count = n
    }
  }

  /// The elements in row-major order as 64-bit integers: `uint64` as bit patterns, `bool` as 0 and
  /// 1, floats cut towards zero and saturated, NaN as 0.
  package var integers: [Int64] {
    let n = elementCount
    return Array(unsafeUninitializedCapacity: n) { buffer, count in
      withUnsafeBytes { bytes in
        if let start = bytes.baseAddress, let to = buffer.baseAddress {
          dtype.stored.read(start, into: to, n)
        }
      }
      count = n
    }
  }

  /// The elements in row-major order, without conversion.
  ///
  /// - Throws: `TensorError` if the elements are of another type.
  public func array<T: TensorElement>(of type: T.Type = T.self) throws(TensorError) -> [T] {
    guard T.dtype == dtype else { throw TensorError.wrongDType(has: dtype, asked: T.dtype) }
    let n = elementCount
    return Array(unsafeUninitializedCapacity: n) { buffer, count in
      withUnsafeBytes { bytes in
        if dtype == .bool {
          // A Swift Bool must be 0 or 1 in memory; bytes written by others may not be.
          let to = UnsafeMutableRawBufferPointer(buffer)
          for i in 0..<n { to[i] = bytes[i] == 0 ? 0 : 1 }
        } else if n > 0 {
          UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
        }
      }
      count = n
    }
  }

  /// The value of a tensor with exactly one element.
  ///
  /// - Throws: `TensorError` if there are more elements, or none.
  public func item() throws(TensorError) -> Double {
    guard elementCount == 1 else { throw TensorError.notAScalar(shape: Array(shape)) }
    return double(at: 0)
  }

  /// The element at the given index of each axis.
  ///
  /// - Throws: `TensorError` if the number of indices is not the rank, or one is out of range.
  public func element(at indices: Int...) throws(TensorError) -> Double {
    guard indices.count == rank else {
      throw TensorError.indexCount(given: indices.count, rank: rank)
    }
    var offset = 0
    for (axis, index) in indices.enumerated() {
      guard index >= 0, index < shape[axis] else {
        throw TensorError.indexOutOfRange(index: index, axis: axis, size: shape[axis])
      }
      offset = offset * shape[axis] + index
    }
    return double(at: offset)
  }

  /// The element at a position in row-major order, which must be in range.
  package func double(at offset: Int) -> Double {
    var value = 0.0
    withUnsafeBytes { bytes in
      let element = UnsafeRawBufferPointer(rebasing: bytes[(offset * dtype.byteCount)...])
      if let start = element.baseAddress { dtype.stored.read(start, into: &value, 1) }
    }
    return value
  }

  /// The element at a position in row-major order as an integer (see `integers`).
  package func integer(at offset: Int) -> Int64 {
    var value: Int64 = 0
    withUnsafeBytes { bytes in
      let element = UnsafeRawBufferPointer(rebasing: bytes[(offset * dtype.byteCount)...])
      if let start = element.baseAddress { dtype.stored.read(start, into: &value, 1) }
    }
    return value
  }
}
