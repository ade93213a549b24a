internal import GnomonTensors

extension ScalarEvaluator {
  /// One operation on a signed integer type; the result wraps to its width.
  static func signed(
    _ op: ScalarOp, _ dtype: DType, _ a: Int64, _ b: Int64, _ c: UInt64
  ) -> UInt64 {
    func wrap(_ x: Int64) -> UInt64 {
      ScalarBits.wrap(UInt64(truncatingIfNeeded: x), dtype)
    }
    let width = UInt64(dtype.byteCount * 8)
    let count = UInt64(truncatingIfNeeded: b)
    return switch op {
    case .negate: wrap(0 &- a)
    case .absolute: wrap(a < 0 ? 0 &- a : a)
    case .divide: wrap(floorDivided(a, b))
    case .remainder: wrap(floorRemainder(a, b))
    case .shiftRight: wrap(a >> min(count, width - 1))
    case .floor, .ceiling, .roundEven, .truncate: wrap(a)
    case .not: dtype == .bool ? UInt64(truncatingIfNeeded: a) ^ 1 : wrap(~a)
    case .add: wrap(a &+ b)
    case .subtract: wrap(a &- b)
    case .multiply: wrap(a &* b)
    case .minimum: wrap(min(a, b))
    case .maximum: wrap(max(a, b))
    case .multiplyHigh: wrap((a &* b) >> 32)
    case .less: a < b ? 1 : 0
    case .lessEqual: a <= b ? 1 : 0
    case .equal: a == b ? 1 : 0
    case .notEqual: a != b ? 1 : 0
    case .and: wrap(a & b)
    case .or: wrap(a | b)
    case .xor: wrap(a ^ b)
    case .shiftLeft: count < width ? wrap(a << count) : 0
    case .multiplyAdd: wrap(a &* b &+ Int64(truncatingIfNeeded: c))
    default: preconditionFailure("\(op) of \(dtype)")
    }
  }

  /// One operation on a unsigned integer type; the result wraps to its width.
  static func unsigned(
    _ op: ScalarOp, _ dtype: DType, _ a: UInt64, _ b: UInt64, _ c: UInt64
  ) -> UInt64 {
    func wrap(_ x: UInt64) -> UInt64 {
      ScalarBits.wrap(UInt64(truncatingIfNeeded: x), dtype)
    }
    let width = UInt64(dtype.byteCount * 8)
    let count = UInt64(truncatingIfNeeded: b)
    return switch op {
    case .negate: wrap(0 &- a)
    case .absolute: wrap(a)
    case .divide: b == 0 ? 0 : wrap(a / b)
    case .remainder: b == 0 ? 0 : wrap(a % b)
    case .shiftRight: count < width ? wrap(a >> count) : 0
    case .floor, .ceiling, .roundEven, .truncate: wrap(a)
    case .not: dtype == .bool ? UInt64(truncatingIfNeeded: a) ^ 1 : wrap(~a)
    case .add: wrap(a &+ b)
    case .subtract: wrap(a &- b)
    case .multiply: wrap(a &* b)
    case .minimum: wrap(min(a, b))
    case .maximum: wrap(max(a, b))
    case .multiplyHigh: wrap((a &* b) >> 32)
    case .less: a < b ? 1 : 0
    case .lessEqual: a <= b ? 1 : 0
    case .equal: a == b ? 1 : 0
    case .notEqual: a != b ? 1 : 0
    case .and: wrap(a & b)
    case .or: wrap(a | b)
    case .xor: wrap(a ^ b)
    case .shiftLeft: count < width ? wrap(a << count) : 0
    case .multiplyAdd: wrap(a &* b &+ UInt64(truncatingIfNeeded: c))
    default: preconditionFailure("\(op) of \(dtype)")
    }
  }

  /// The quotient rounded toward negative infinity; 0 for a zero divisor; wraps at the least number.
  static func floorDivided(_ a: Int64, _ b: Int64) -> Int64 {
    if b == 0 { return 0 }
    if b == -1 { return 0 &- a }
    let q = a / b
    return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q
  }

  /// The remainder with the sign of the divisor; 0 for a zero divisor.
  static func floorRemainder(_ a: Int64, _ b: Int64) -> Int64 {
    if b == 0 || b == -1 { return 0 }
    let r = a % b
    return r != 0 && (r < 0) != (b < 0) ? r + b : r
  }
}
