extension Tensor {
  /// Reads the elements that follow a npy header.
  init(npy file: FileBytes) throws(TensorError) {
    let header = try NPYHeader(file)
    let size = header.dtype.byteCount
    // The header has checked that the product fits.
    let count = header.shape.reduce(1, *) * size
    try file.require(count, at: header.dataStart, "the elements")
    self.init(uninitialized: header.dtype, Shape(header.shape))
    let pointer = storage.pointer
    file.bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, count > 0 else { return }
      pointer.copyMemory(from: start + header.dataStart, byteCount: count)
    }
    if header.bigEndian { swapBytes(pointer, count: count / size, size: size) }
    normalizeBools()
    if header.fortranOrder, rank > 1 { self = transposed(fromFortran: header.shape) }
  }

  /// The npy file as pieces: header and elements.
  func npyPieces(path: String) throws(TensorError) -> [[UInt8]] {
    [try NPYHeader.bytes(self, path: path), withUnsafeBytes { Array($0) }]
  }

  /// Writes a npy file (version 1.0, C order), which NumPy reads with `np.load`.
  ///
  /// The file appears under its name only when it is whole.
  /// - Throws: `TensorError` for `bfloat16`, which npy does not have, and when the file cannot be
  ///   written.
  public func write(npy path: String) throws(TensorError) {
    try writeAtomically(try npyPieces(path: path), to: path)
  }

  /// Other programs may store any byte as true.
  func normalizeBools() {
    guard dtype == .bool else { return }
    let bytes = storage.pointer.assumingMemoryBound(to: UInt8.self)
    for i in 0..<elementCount where bytes[i] > 1 { bytes[i] = 1 }
  }

  /// The elements, stored with the first axis fastest, in row-major order.
  private func transposed(fromFortran sizes: [Int]) -> Tensor {
    let result = Tensor(uninitialized: dtype, shape)
    guard elementCount > 0, let inner = sizes.last else { return result }
    let size = dtype.byteCount
    let innerStride = elementCount / inner * size
    var index = [Int](repeating: 0, count: rank - 1)
    var strides = [Int](repeating: size, count: rank - 1)
    for axis in strides.indices.dropFirst() { strides[axis] = strides[axis - 1] * sizes[axis - 1] }
    var to = result.storage.pointer
    for _ in 0..<(elementCount / inner) {
      var from = storage.pointer
      for axis in index.indices { from += index[axis] * strides[axis] }
      for _ in 0..<inner {
        to.copyMemory(from: from, byteCount: size)
        to += size
        from += innerStride
      }
      var axis = rank - 2
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < sizes[axis] { break }
        index[axis] = 0
        axis -= 1
      }
    }
    return result
  }
}

/// Reverses the bytes of each element.
func swapBytes(_ pointer: UnsafeMutableRawPointer, count: Int, size: Int) {
  func swap<T: FixedWidthInteger>(_: T.Type) {
    let elements = pointer.assumingMemoryBound(to: T.self)
    for i in 0..<count { elements[i] = elements[i].byteSwapped }
  }
  switch size {
  case 2: swap(UInt16.self)
  case 4: swap(UInt32.self)
  case 8: swap(UInt64.self)
  default: break
  }
}
