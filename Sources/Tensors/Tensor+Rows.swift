extension Tensor {
  /// The same elements in another shape; shares the memory. One size may be -1 and is then
  /// inferred.
  ///
  /// - Throws: `TensorError` if the number of elements differs.
  public func reshaped(_ sizes: some Collection<Int>) throws(TensorError) -> Tensor {
    var sizes = Array(sizes)
    if let free = sizes.firstIndex(of: -1), !sizes[(free + 1)...].contains(-1) {
      sizes[free] = 1
      guard let known = Shape.elementCount(of: sizes), known > 0, elementCount % known == 0 else {
        sizes[free] = -1
        throw TensorError.cannotReshape(from: Array(shape), to: sizes)
      }
      sizes[free] = elementCount / known
    }
    guard Shape.elementCount(of: sizes) == elementCount else {
      throw TensorError.cannotReshape(from: Array(shape), to: sizes)
    }
    return Tensor(dtype: dtype, shape: Shape(sizes), storage: storage)
  }

  /// The slice at index `row` of the first axis, with that axis removed; shares the memory.
  ///
  /// - Throws: `TensorError` if there is no such row.
  public func row(_ row: Int) throws(TensorError) -> Tensor {
    guard rank > 0, row >= 0, row < shape[0] else {
      throw TensorError.indexOutOfRange(index: row, axis: 0, size: shape.first ?? 0)
    }
    return slice(row, 1, Shape(shape.dropFirst()))
  }

  /// The slices with indices in `range` of the first axis; shares the memory where the alignment
  /// allows it.
  ///
  /// - Throws: `TensorError` if the range is out of bounds.
  public func rows(_ range: Range<Int>) throws(TensorError) -> Tensor {
    guard rank > 0, range.lowerBound >= 0, range.upperBound <= shape[0] else {
      throw TensorError.rangeOutOfBounds(
        lower: range.lowerBound, upper: range.upperBound, axis: 0, size: shape.first ?? 0)
    }
    if range.count == shape[0] { return self }
    return slice(range.lowerBound, range.count, Shape([range.count] + shape.dropFirst()))
  }

  /// The slices of the first axis with the given indices, in their order.
  ///
  /// - Throws: `TensorError` if an index is out of range.
  public func gatherRows(_ indices: [Int]) throws(TensorError) -> Tensor {
    guard rank > 0 else { throw TensorError.indexOutOfRange(index: 0, axis: 0, size: 0) }
    let result = Tensor(uninitialized: dtype, Shape([indices.count] + shape.dropFirst()))
    let size = rowByteCount
    for (i, index) in indices.enumerated() {
      guard index >= 0, index < shape[0] else {
        throw TensorError.indexOutOfRange(index: index, axis: 0, size: shape[0])
      }
      (result.storage.pointer + i * size).copyMemory(
        from: storage.pointer + index * size, byteCount: size)
    }
    withExtendedLifetime(storage) {}
    return result
  }

  private var rowByteCount: Int { shape.dropFirst().reduce(dtype.byteCount, *) }

  private func slice(_ first: Int, _ count: Int, _ shape: Shape) -> Tensor {
    let start = storage.pointer + first * rowByteCount
    let size = count * rowByteCount
    // Compiled code relies on 64-byte aligned inputs, so only such slices can share.
    if size >= 4096, UInt(bitPattern: start) % 64 == 0 {
      let owner = storage
      let part = Storage(adopting: start, byteCount: size, isAliased: true) { _ in
        withExtendedLifetime(owner) {}
      }
      return Tensor(dtype: dtype, shape: shape, storage: part)
    }
    let result = Tensor(uninitialized: dtype, shape)
    result.storage.pointer.copyMemory(from: start, byteCount: size)
    withExtendedLifetime(storage) {}
    return result
  }
}
