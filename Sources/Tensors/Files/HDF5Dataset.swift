/// A dataset of an HDF5 file: shape, type of the elements and where they lie.
struct HDF5Dataset {
  private let file: FileBytes
  private let path: String
  private let messages: [HDF5Message]

  init(_ file: FileBytes, _ path: String, _ messages: [HDF5Message]) {
    self.file = file
    self.path = path
    self.messages = messages
  }

  var tensor: Tensor {
    get throws(TensorError) {
      if messages.contains(where: { $0.kind == .filters }) { throw unsupported("is compressed") }
      let (dtype, shape) = (try elementType(), try sizes())
      guard let bytes = Shape.byteCount(of: shape, dtype) else {
        throw file.malformed(at: 0, "'\(path)' has the impossible shape \(shape)")
      }
      let start = try place(bytes)
      try file.require(bytes, at: start, "the elements of '\(path)'")
      var tensor = Tensor(uninitialized: dtype, Shape(shape))
      tensor.withUnsafeMutableBytes { target in
        file.bytes.withUnsafeBytes { source in
          target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<(start + bytes)]))
        }
      }
      tensor.normalizeBools()
      return tensor
    }
  }

  private func unsupported(_ reason: String) -> TensorError {
    .unsupported(path: file.path, reason: "the dataset '\(path)' \(reason)")
  }

  private func message(_ kind: HDF5Message.Kind) throws(TensorError) -> Int {
    guard let found = messages.first(where: { $0.kind == kind }) else {
      throw file.malformed(at: 0, "'\(path)' has no \(kind)")
    }
    return found.start
  }

  private func byte(_ position: Int) throws(TensorError) -> Int {
    Int(try file.integer(UInt8.self, at: position, "'\(path)'"))
  }

  private func sizes() throws(TensorError) -> [Int] {
    let at = try message(.dataspace)
    let (version, rank) = (try byte(at), try byte(at + 1))
    guard version == 1 || version == 2, rank <= 32 else {
      throw unsupported("has a dataspace of version \(version)")
    }
    let first = at + (version == 1 ? 8 : 4)
    var sizes: [Int] = []
    for i in 0..<rank {
      let size = try file.integer(UInt64.self, at: first + 8 * i, "'\(path)'")
      guard size <= UInt64(Int.max) else {
        throw file.malformed(at: first + 8 * i, "'\(path)' has the impossible size \(size)")
      }
      sizes.append(Int(size))
    }
    return sizes
  }

  private func elementType() throws(TensorError) -> DType {
    let at = try message(.datatype)
    let (kind, flags) = (try byte(at) & 15, try byte(at + 1))
    let size = Int(try file.integer(UInt32.self, at: at + 4, "'\(path)'"))
    if kind <= 1, flags & 1 == 1, size > 1 { throw unsupported("is big-endian") }
    let isSigned = flags & 8 != 0
    switch (kind, size) {
    case (0, 1): return isSigned ? .int8 : .uint8
    case (0, 2): return isSigned ? .int16 : .uint16
    case (0, 4): return isSigned ? .int32 : .uint32
    case (0, 8): return isSigned ? .int64 : .uint64
    case (1, 2): return .float16
    case (1, 4): return .float32
    case (1, 8): return .float64
    // NumPy has no bfloat16: h5py writes two bytes of no meaning. Its bools are an enumeration.
    case (5, 2): return .bfloat16
    case (8, 1): return .bool
    default: throw unsupported("has elements of HDF5 class \(kind) and \(size) bytes")
    }
  }

  /// Where the elements begin.
  private func place(_ bytes: Int) throws(TensorError) -> Int {
    let at = try message(.layout)
    let (version, kind) = (try byte(at), try byte(at + 1))
    guard version == 3, kind <= 1 else {
      throw unsupported("is stored in pieces, or by an old version of HDF5")
    }
    if kind == 0 { return at + 4 }
    let start = try file.integer(UInt64.self, at: at + 2, "'\(path)'")
    if bytes == 0 { return 0 }
    guard start <= UInt64(file.count) else {
      throw file.malformed(at: at + 2, "the elements of '\(path)' lie beyond the end of the file")
    }
    return Int(start)
  }
}
