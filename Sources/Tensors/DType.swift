/// The type of a tensor's elements.
///
/// `float16` and `bfloat16` are storage types: arithmetic on them is done in float32 and each
/// operation rounds its result.
public enum DType: UInt8, Hashable, Sendable, CaseIterable, Codable {
  case bool
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  case float16, bfloat16, float32, float64

  /// The size of one element in bytes.
  @inlinable public var byteCount: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// Whether the type is one of the IEEE-like floating-point types.
  public var isFloat: Bool { self >= .float16 }

  /// Whether the type is a signed or unsigned integer (`bool` is neither).
  public var isInteger: Bool { self >= .int8 && self <= .uint64 }

  /// Whether the type is a signed integer.
  public var isSignedInteger: Bool { self >= .int8 && self <= .int64 }

  /// Whether the type is an unsigned integer.
  public var isUnsignedInteger: Bool { self >= .uint8 && self <= .uint64 }

  /// The type in which arithmetic on this type is done: float32 for the two half types.
  public var computeType: DType { self == .float16 || self == .bfloat16 ? .float32 : self }

  /// The short name used in the IR: `f32`, `i64`, `bool`, `bf16`.
  public var irName: String {
    switch self {
    case .bool: "bool"
    case .int8: "i8"
    case .int16: "i16"
    case .int32: "i32"
    case .int64: "i64"
    case .uint8: "u8"
    case .uint16: "u16"
    case .uint32: "u32"
    case .uint64: "u64"
    case .float16: "f16"
    case .bfloat16: "bf16"
    case .float32: "f32"
    case .float64: "f64"
    }
  }

  /// The type whose IR name is `irName`, or nil.
  public init?(irName: some StringProtocol) {
    guard let found = DType.allCases.first(where: { $0.irName == irName }) else { return nil }
    self = found
  }
}

extension DType: CustomStringConvertible {
  /// The name a user writes: `float32`, `int64`, `bool`.
  public var description: String {
    switch self {
    case .bool: "bool"
    case .int8: "int8"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .uint8: "uint8"
    case .uint16: "uint16"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    case .float32: "float32"
    case .float64: "float64"
    }
  }
}

extension DType: Comparable {
  public static func < (a: DType, b: DType) -> Bool { a.rawValue < b.rawValue }
}
