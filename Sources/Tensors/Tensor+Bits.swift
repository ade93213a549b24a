extension Tensor {
  /// A tensor from the bits of its elements: integers in two's complement, floats as IEEE patterns.
  package init(dtype: DType, shape: Shape, bits: [UInt64]) {
    precondition(bits.count == shape.elementCount, "\(bits.count) elements for \(shape)")
    self.init(uninitialized: dtype, shape)
    let pointer = storage.pointer
    switch dtype.byteCount {
    case 1:
      for i in bits.indices {
        pointer.storeBytes(of: UInt8(truncatingIfNeeded: bits[i]), toByteOffset: i, as: UInt8.self)
      }
    case 2:
      for i in bits.indices {
        pointer.storeBytes(
          of: UInt16(truncatingIfNeeded: bits[i]), toByteOffset: 2 * i, as: UInt16.self)
      }
    case 4:
      for i in bits.indices {
        pointer.storeBytes(
          of: UInt32(truncatingIfNeeded: bits[i]), toByteOffset: 4 * i, as: UInt32.self)
      }
    default:
      for i in bits.indices {
        pointer.storeBytes(of: bits[i], toByteOffset: 8 * i, as: UInt64.self)
      }
    }
  }

  /// The bits of the elements: signed integers sign-extended, everything else zero-extended.
  package var bits: [UInt64] {
    let n = elementCount
    let pointer = UnsafeRawPointer(storage.pointer)
    defer { withExtendedLifetime(storage) {} }
    func load<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) -> [UInt64] {
      (0..<n).map {
        UInt64(
          truncatingIfNeeded: pointer.load(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self))
      }
    }
    return switch dtype {
    case .bool, .uint8: load(UInt8.self)
    case .int8: load(Int8.self)
    case .int16: load(Int16.self)
    case .uint16, .float16, .bfloat16: load(UInt16.self)
    case .int32: load(Int32.self)
    case .uint32, .float32: load(UInt32.self)
    case .int64: load(Int64.self)
    case .uint64, .float64: load(UInt64.self)
    }
  }
}
