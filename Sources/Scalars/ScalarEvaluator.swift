package import GnomonTensors

/// The meaning of a scalar operation, on bits: the definition that the emitted C is held to.
package enum ScalarEvaluator {
  /// Applies one operation (any but `operand` and `index`) to the bits of its arguments.
  ///
  /// - Parameters:
  ///   - dtype: the type of the result.
  ///   - argumentType: the type of the first argument; of the second for `select`.
  /// - Returns: the bits of the result, integers extended by their sign.
  package static func apply(
    _ op: ScalarOp, dtype: DType, argumentType: DType, _ a: UInt64, _ b: UInt64, _ c: UInt64
  ) -> UInt64 {
    switch op {
    case .constant(let bits): return bits
    case .select: return a & 1 != 0 ? b : c
    case .convert: return convert(a, from: argumentType, to: dtype)
    case .reinterpret: return trimmed(a, dtype)
    case .call(let f): return call(f, dtype, a, b)
    case .randomWord(let stream):
      let key = SIMD2(UInt32(truncatingIfNeeded: b), UInt32(truncatingIfNeeded: c))
      return UInt64(Philox.word(at: Int(Int64(bitPattern: a)), stream: stream, key: key))
    case .operand, .index: preconditionFailure("\(op) is not an operation on values")
    default: break
    }
    switch argumentType {
    case .float32: return float(op, value(a), value(b), value(c))
    case .float64:
      return double(op, Double(bitPattern: a), Double(bitPattern: b), Double(bitPattern: c))
    case .float16, .bfloat16:
      // Storage types: in float32, rounded once at the end.
      let r = apply(
        op, dtype: dtype == .bool ? .bool : .float32, argumentType: .float32,
        convert(a, from: argumentType, to: .float32), convert(b, from: argumentType, to: .float32),
        convert(c, from: argumentType, to: .float32))
      return dtype == .bool ? r : convert(r, from: .float32, to: dtype)
    case .int8, .int16, .int32, .int64:
      return signed(op, argumentType, Int64(bitPattern: a), Int64(bitPattern: b), c)
    default:
      return unsigned(op, argumentType, a, b, c)
    }
  }

  private static func value(_ bits: UInt64) -> Float {
    Float(bitPattern: UInt32(truncatingIfNeeded: bits))
  }

  /// Bits cut to the width of any type.
  static func trimmed(_ bits: UInt64, _ dtype: DType) -> UInt64 {
    switch dtype {
    case .float32: bits & 0xFFFF_FFFF
    case .float16, .bfloat16: bits & 0xFFFF
    default: ScalarBits.wrap(bits, dtype)
    }
  }

  /// Converts by value: to nearest even, saturating from float to integer, wrapping between integers.
  package static func convert(_ bits: UInt64, from source: DType, to target: DType) -> UInt64 {
    if source == target { return bits }
    if source.isFloat {
      let x = ScalarBits.double(bits, source)
      return target == .bool ? (x == 0 ? 0 : 1) : ScalarBits.bits(of: x, target)
    }
    switch target {
    case .float32:
      // In one rounding, which the way over double would not be.
      let x = source == .uint64 ? Float(bits) : Float(Int64(bitPattern: bits))
      return UInt64(x.bitPattern)
    case .float64, .float16, .bfloat16:
      return ScalarBits.bits(of: ScalarBits.double(bits, source), target)
    default:
      return ScalarBits.wrap(bits, target)
    }
  }

  /// Evaluates a function by its program, or by the platform's library where it has none.
  static func call(_ f: MathFunction, _ dtype: DType, _ a: UInt64, _ b: UInt64) -> UInt64 {
    if let program = f.definition(dtype) {
      let operands = program.operands.count == 1 ? [a] : [a, b]
      return program.evaluate(operands) { _ in 0 }[0]
    }
    if dtype == .float32 { return UInt64(f.library(value(a), value(b)).bitPattern) }
    return f.library(Double(bitPattern: a), Double(bitPattern: b)).bitPattern
  }
}

extension ScalarProgram {
  /// Evaluates the program on the bits of its operands.
  ///
  /// - Parameter index: the value of an integer expression of loop axes and sizes.
  package func evaluate(_ operands: [UInt64], index: (Dim) -> Int) -> [UInt64] {
    var values = [UInt64](repeating: 0, count: instructions.count)
    for (n, i) in instructions.enumerated() {
      switch i.op {
      case .operand(let k): values[n] = operands[k]
      case .index(let d): values[n] = UInt64(bitPattern: Int64(index(d)))
      default:
        values[n] = ScalarEvaluator.apply(
          i.op, dtype: i.dtype, argumentType: argumentType(of: i),
          i.a < 0 ? 0 : values[i.a], i.b < 0 ? 0 : values[i.b], i.c < 0 ? 0 : values[i.c])
      }
    }
    return results.map { values[$0] }
  }

  /// The type that decides how an instruction reads its arguments.
  package func argumentType(of i: Instruction) -> DType {
    if case .select = i.op { return i.dtype }
    return i.a < 0 ? i.dtype : instructions[i.a].dtype
  }
}
