package import GnomonTensors

/// Numbers as 64-bit patterns: how constants and the evaluator hold them.
package enum ScalarBits {
  /// The bits of the value of `dtype` nearest to `x` (integers saturate, NaN gives 0).
  package static func bits(of x: Double, _ dtype: DType) -> UInt64 {
    switch dtype {
    case .bool: x == 0 ? 0 : 1
    case .float64: x.bitPattern
    case .float32: UInt64(Float(x).bitPattern)
    case .float16: UInt64(HalfFloat.float16Bits(x))
    case .bfloat16: UInt64(HalfFloat.bfloat16Bits(x))
    default: saturated(x, dtype)
    }
  }

  /// The value of a float's bits, exactly; of an integer's, rounded to double.
  package static func double(_ bits: UInt64, _ dtype: DType) -> Double {
    switch dtype {
    case .float64: Double(bitPattern: bits)
    case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .float16: HalfFloat.double(float16Bits: UInt16(truncatingIfNeeded: bits))
    case .bfloat16: HalfFloat.double(bfloat16Bits: UInt16(truncatingIfNeeded: bits))
    case .bool: bits & 1 == 0 ? 0 : 1
    case .uint64: Double(bits)
    default: Double(Int64(bitPattern: wrap(bits, dtype)))
    }
  }

  /// The bits cut to the width of an integer type and extended again by its sign.
  package static func wrap(_ bits: UInt64, _ dtype: DType) -> UInt64 {
    switch dtype {
    case .int8: UInt64(bitPattern: Int64(Int8(truncatingIfNeeded: bits)))
    case .int16: UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: bits)))
    case .int32: UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: bits)))
    case .uint8: bits & 0xFF
    case .uint16: bits & 0xFFFF
    case .uint32: bits & 0xFFFF_FFFF
    case .bool: bits == 0 ? 0 : 1
    default: bits
    }
  }

  private static func saturated(_ x: Double, _ dtype: DType) -> UInt64 {
    if x.isNaN { return 0 }
    func clamp<T: FixedWidthInteger>(_: T.Type) -> UInt64 {
      let t = x.rounded(.towardZero)
      if t >= Double(T.max) { return UInt64(truncatingIfNeeded: T.max) }
      if t <= Double(T.min) { return UInt64(truncatingIfNeeded: T.min) }
      return UInt64(truncatingIfNeeded: T(t))
    }
    return switch dtype {
    case .int8: clamp(Int8.self)
    case .int16: clamp(Int16.self)
    case .int32: clamp(Int32.self)
    case .int64: clamp(Int64.self)
    case .uint8: clamp(UInt8.self)
    case .uint16: clamp(UInt16.self)
    case .uint32: clamp(UInt32.self)
    default: clamp(UInt64.self)
    }
  }
}
