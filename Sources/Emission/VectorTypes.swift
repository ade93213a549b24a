internal import GnomonCSyntax
internal import GnomonTensors

/// The C types of registers and memory.
///
/// A vector is a typedef such as `f32x16` with clang's and GCC's `vector_size`; `f32x16u` is the same
/// in memory: unaligned, and allowed to alias. A mask is an `i32xN` of 0 and -1.
enum VectorTypes {
  /// The scalar C type of a dtype in memory. Half floats are their bits.
  static func scalar(_ dtype: DType) -> String {
    switch dtype {
    case .bool, .uint8: "uint8_t"
    case .int8: "int8_t"
    case .int16: "int16_t"
    case .int32: "int32_t"
    case .int64: "int64_t"
    case .uint16, .float16, .bfloat16: "uint16_t"
    case .uint32: "uint32_t"
    case .uint64: "uint64_t"
    case .float32: "float"
    case .float64: "double"
    }
  }

  /// The short name of the scalar type within vector names.
  static func short(_ dtype: DType) -> String {
    switch dtype {
    case .bool, .uint8: "u8"
    case .float16, .bfloat16, .uint16: "u16"
    default: dtype.irName
    }
  }

  /// The name of a vector of elements as they lie in memory.
  static func memory(_ dtype: DType, _ lanes: Int) -> String {
    lanes == 1 ? scalar(dtype) : "\(short(dtype))x\(lanes)"
  }

  /// The type of a register; bools are masks.
  static func register(_ dtype: DType, _ lanes: Int) -> String {
    if dtype == .bool { return lanes == 1 ? "int32_t" : "i32x\(lanes)" }
    return memory(dtype, lanes)
  }

  /// The unsigned type of the same size, in which integers wrap.
  static func unsigned(_ dtype: DType) -> DType {
    switch dtype {
    case .int8: .uint8
    case .int16: .uint16
    case .int32: .uint32
    case .int64: .uint64
    default: dtype
    }
  }

  /// The signed integer type of the same size: what comparisons of vectors give.
  static func maskType(_ dtype: DType) -> DType {
    switch dtype.byteCount {
    case 1: .int8
    case 2: .int16
    case 4: .int32
    default: .int64
    }
  }

  /// The typedefs of a vector type and its form in memory.
  static func definition(_ name: String) -> String? {
    guard let x = name.firstIndex(of: "x"), let lanes = Int(name[name.index(after: x)...]) else {
      return nil
    }
    let short = name[..<x]
    guard let dtype = DType(irName: short) else { return nil }
    let element = scalar(dtype)
    let bytes = dtype.byteCount * lanes
    return """
      typedef \(element) \(name) __attribute__((vector_size(\(bytes))));
      typedef \(element) \(name)u __attribute__((vector_size(\(bytes)), aligned(\(dtype.byteCount)), may_alias));
      """
  }
}
