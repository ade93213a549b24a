/// The bits of one element in memory, with its conversions to and from double and 64-bit integer.
///
/// The bulk loops are requirements, so that a call through `any StoredElement.Type` is one dynamic
/// call for a whole array and the loop inside is specialized for its type.
protocol StoredElement: BitwiseCopyable {
  /// The nearest value; integers saturate and NaN gives 0.
  init(_ x: Double, rounding: Void)
  /// The integer cut to the width (a float: the nearest value).
  init(_ x: Int64, wrapping: Void)
  /// The value, exact but for 64-bit integers beyond 2^53, which are rounded to nearest.
  var double: Double { get }
  /// As `double`, but rounded to odd: rounding it again to at most 51 bits rounds only once.
  var oddDouble: Double { get }
  /// The value of an integer (`uint64`: its bits); a float is cut and saturates, NaN gives 0.
  var integer: Int64 { get }

  static func read(_ source: UnsafeRawPointer, into: UnsafeMutablePointer<Double>, _ n: Int)
  static func readOdd(_ source: UnsafeRawPointer, into: UnsafeMutablePointer<Double>, _ n: Int)
  static func read(_ source: UnsafeRawPointer, into: UnsafeMutablePointer<Int64>, _ n: Int)
  static func write(_ source: UnsafePointer<Double>, into: UnsafeMutableRawPointer, _ n: Int)
  static func write(_ source: UnsafePointer<Int64>, into: UnsafeMutableRawPointer, _ n: Int)
}

extension StoredElement {
  var oddDouble: Double { double }

  static func read(_ source: UnsafeRawPointer, into: UnsafeMutablePointer<Double>, _ n: Int) {
    let elements = source.assumingMemoryBound(to: Self.self)
    for i in 0..<n { into[i] = elements[i].double }
  }

  static func readOdd(_ source: UnsafeRawPointer, into: UnsafeMutablePointer<Double>, _ n: Int) {
    let elements = source.assumingMemoryBound(to: Self.self)
    for i in 0..<n { into[i] = elements[i].oddDouble }
  }

  static func read(_ source: UnsafeRawPointer, into: UnsafeMutablePointer<Int64>, _ n: Int) {
    let elements = source.assumingMemoryBound(to: Self.self)
    for i in 0..<n { into[i] = elements[i].integer }
  }

  static func write(_ source: UnsafePointer<Double>, into: UnsafeMutableRawPointer, _ n: Int) {
    let elements = into.assumingMemoryBound(to: Self.self)
    for i in 0..<n { elements[i] = Self(source[i], rounding: ()) }
  }

  static func write(_ source: UnsafePointer<Int64>, into: UnsafeMutableRawPointer, _ n: Int) {
    let elements = into.assumingMemoryBound(to: Self.self)
    for i in 0..<n { elements[i] = Self(source[i], wrapping: ()) }
  }
}

extension DType {
  /// The type of one element in memory.
  var stored: any StoredElement.Type {
    switch self {
    case .bool: BoolByte.self
    case .int8: Int8.self
    case .int16: Int16.self
    case .int32: Int32.self
    case .int64: Int64.self
    case .uint8: UInt8.self
    case .uint16: UInt16.self
    case .uint32: UInt32.self
    case .uint64: UInt64.self
    case .float16: Float16Bits.self
    case .bfloat16: BFloat16Bits.self
    case .float32: Float.self
    case .float64: Double.self
    }
  }
}

// MARK: - Integers

extension StoredElement where Self: FixedWidthInteger {
  init(_ x: Double, rounding: Void) {
    if x.isNaN {
      self = 0
    } else if x >= Double(Self.max) {
      // Double(max) of a 64-bit type is 2^63 or 2^64: everything from there on is too large.
      self = Self.max
    } else if x <= Double(Self.min) {
      self = Self.min
    } else if Self.isSigned || Self.bitWidth < 64 {
      // By way of a concrete type: the generic conversion is many times slower.
      self = Self(truncatingIfNeeded: Int64(x))
    } else {
      self = Self(truncatingIfNeeded: UInt64(x))
    }
  }

  init(_ x: Int64, wrapping: Void) { self = Self(truncatingIfNeeded: x) }
  var double: Double { Double(self) }
  var integer: Int64 { Int64(truncatingIfNeeded: self) }
}

extension Int8: StoredElement {}
extension Int16: StoredElement {}
extension Int32: StoredElement {}
extension UInt8: StoredElement {}
extension UInt16: StoredElement {}
extension UInt32: StoredElement {}

extension UInt64: StoredElement {
  var oddDouble: Double {
    // 2^53 and less is exact. Above, keep 53 bits and let the last one say whether any was lost.
    let extra = 11 - leadingZeroBitCount
    if extra <= 0 { return Double(self) }
    let kept = self >> extra
    let lost: UInt64 = self & ((1 << extra) - 1) == 0 ? 0 : 1
    return Double(sign: .plus, exponent: extra, significand: Double(kept | lost))
  }
}

extension Int64: StoredElement {
  var oddDouble: Double { self < 0 ? -magnitude.oddDouble : magnitude.oddDouble }
}

/// A bool as a byte; any byte but 0 is true.
struct BoolByte: StoredElement {
  var byte: UInt8
  init(_ x: Double, rounding: Void) { byte = x == 0 ? 0 : 1 }
  init(_ x: Int64, wrapping: Void) { byte = x == 0 ? 0 : 1 }
  var double: Double { byte == 0 ? 0 : 1 }
  var integer: Int64 { byte == 0 ? 0 : 1 }
}

// MARK: - Floats

extension Float: StoredElement {
  init(_ x: Double, rounding: Void) { self = Float(x) }
  init(_ x: Int64, wrapping: Void) { self = Float(x) }
  var double: Double { Double(self) }
  var integer: Int64 { Int64(Double(self), rounding: ()) }
}

extension Double: StoredElement {
  init(_ x: Double, rounding: Void) { self = x }
  init(_ x: Int64, wrapping: Void) { self = Double(x) }
  var double: Double { self }
  var integer: Int64 { Int64(self, rounding: ()) }
}

struct Float16Bits: StoredElement {
  var bits: UInt16
  init(_ x: Double, rounding: Void) { bits = HalfFloat.float16Bits(x) }
  init(_ x: Int64, wrapping: Void) { bits = HalfFloat.float16Bits(x.oddDouble) }
  var double: Double { HalfFloat.double(float16Bits: bits) }
  var integer: Int64 { Int64(double, rounding: ()) }
}

struct BFloat16Bits: StoredElement {
  var bits: UInt16
  init(_ x: Double, rounding: Void) { bits = HalfFloat.bfloat16Bits(x) }
  init(_ x: Int64, wrapping: Void) { bits = HalfFloat.bfloat16Bits(x.oddDouble) }
  var double: Double { HalfFloat.double(bfloat16Bits: bits) }
  var integer: Int64 { Int64(double, rounding: ()) }
}
