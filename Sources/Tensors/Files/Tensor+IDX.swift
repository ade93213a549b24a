extension Tensor {
  /// Reads an IDX file: two zero bytes, the type, the rank, the sizes as 32-bit and the elements,
  /// all big-endian (the format of the MNIST digits).
  init(idx file: FileBytes) throws(TensorError) {
    let (dtype, rank) = try Tensor.idxStart(file)
    let start = 4 + 4 * rank
    var sizes: [Int] = []
    for axis in 0..<rank {
      let at = 4 + 4 * axis
      sizes.append(Int(try file.integer(UInt32.self, at: at, bigEndian: true, "the sizes")))
    }
    let count = try Tensor.idxByteCount(sizes, dtype, file)
    try file.require(count, at: start, "the elements")
    guard file.count == start + count else {
      throw file.malformed(
        at: start + count, "\(file.count - start - count) bytes follow after the last element")
    }
    self.init(uninitialized: dtype, Shape(sizes))
    let pointer = storage.pointer
    file.bytes.withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress, count > 0 else { return }
      pointer.copyMemory(from: source + start, byteCount: count)
    }
    swapBytes(pointer, count: count / dtype.byteCount, size: dtype.byteCount)
  }

  /// Reads an IDX file compressed by gzip, expanding straight into the tensor. Positions in errors
  /// about the header are those of the expanded file.
  init(idxGZ compressed: FileBytes) throws(TensorError) {
    let inflater = try Inflater(compressed, 0..<compressed.count, .gzip)
    let first = FileBytes(path: compressed.path, bytes: try inflater.bytes(4))
    let (dtype, rank) = try Tensor.idxStart(first)
    let header = FileBytes(
      path: compressed.path, bytes: first.bytes + (try inflater.bytes(4 * rank)))
    var sizes: [Int] = []
    for axis in 0..<rank {
      let at = 4 + 4 * axis
      sizes.append(Int(try header.integer(UInt32.self, at: at, bigEndian: true, "the sizes")))
    }
    let count = try Tensor.idxByteCount(sizes, dtype, header)
    guard Inflater.mayExpand(compressed.count, to: count) else {
      throw header.malformed(
        at: 4,
        "the sizes \(sizes) ask for \(count) bytes, more than the \(compressed.count) "
          + "compressed bytes can hold")
    }
    self.init(uninitialized: dtype, Shape(sizes))
    let buffer = UnsafeMutableRawBufferPointer(start: storage.pointer, count: count)
    let got = try inflater.read(into: buffer)
    guard got == count else {
      throw header.malformed(
        at: 4 + 4 * rank + got,
        "the file ends within the elements: \(count) bytes expected, \(got) there")
    }
    guard try inflater.isAtEnd() else {
      throw header.malformed(at: 4 + 4 * rank + count, "bytes follow after the last element")
    }
    swapBytes(storage.pointer, count: count / dtype.byteCount, size: dtype.byteCount)
  }

  /// Writes an IDX file, compressed by gzip if the name ends in `.gz`.
  ///
  /// The file appears under its name only when it is whole.
  /// - Throws: `TensorError` for types that IDX does not have (it has uint8, int8, int16, int32,
  ///   float32 and float64), for sizes of 2^32 and more, and when the file cannot be written.
  public func write(idx path: String) throws(TensorError) {
    guard let code = Tensor.idxTypes.first(where: { $0.dtype == dtype })?.code else {
      throw .unsupported(
        path: path, reason: "IDX has no \(dtype); convert the tensor with cast(to:) first")
    }
    guard rank < 256, shape.allSatisfy({ $0 <= Int(UInt32.max) }) else {
      throw .unsupported(path: path, reason: "IDX cannot hold the shape \(shape)")
    }
    var header: [UInt8] = [0, 0, code, UInt8(rank)]
    for size in shape {
      header += (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) }
    }
    var swapped = self
    swapped.withUnsafeMutableBytes {
      if let start = $0.baseAddress {
        swapBytes(start, count: elementCount, size: dtype.byteCount)
      }
    }
    let body = swapped.withUnsafeBytes { Array($0) }
    let pieces = [header, body]
    try writeAtomically(path.hasSuffix(".gz") ? [deflated(pieces, .gzip)] : pieces, to: path)
  }

  private static let idxTypes: [(code: UInt8, dtype: DType)] = [
    (0x08, .uint8), (0x09, .int8), (0x0B, .int16), (0x0C, .int32), (0x0D, .float32),
    (0x0E, .float64),
  ]

  private static func idxStart(_ file: FileBytes) throws(TensorError) -> (DType, rank: Int) {
    try file.require(4, at: 0, "the IDX header")
    guard file.bytes[0] == 0, file.bytes[1] == 0 else {
      throw file.malformed(at: 0, "not an IDX file: it does not begin with two zero bytes")
    }
    guard let dtype = idxTypes.first(where: { $0.code == file.bytes[2] })?.dtype else {
      throw file.malformed(at: 2, "\(file.bytes[2]) is not a type of IDX")
    }
    return (dtype, Int(file.bytes[3]))
  }

  private static func idxByteCount(
    _ sizes: [Int], _ dtype: DType, _ file: FileBytes
  ) throws(TensorError) -> Int {
    guard let count = Shape.byteCount(of: sizes, dtype) else {
      throw file.malformed(at: 4, "the sizes \(sizes) are not possible")
    }
    return count
  }
}
