internal import GnomonTensors

/// A program prints one instruction a line:
///
///     %0 = operand 0 : f32
///     %1 = constant 1 : f32
///     %2 = add f32 %0, %1
///     return %2
extension ScalarProgram: CustomStringConvertible {
  package var description: String {
    var lines = instructions.indices.map { "%\($0) = \(text(instructions[$0]))" }
    lines.append("return " + results.map { "%\($0)" }.joined(separator: ", "))
    return lines.joined(separator: "\n")
  }

  private func text(_ i: Instruction) -> String {
    let type = i.dtype.irName
    let arguments = i.arguments.map { "%\($0)" }.joined(separator: ", ")
    return switch i.op {
    case .operand(let n): "operand \(n) : \(type)"
    case .index(let d): "index \(d) : \(type)"
    case .constant(let bits): "constant \(Self.text(bits, i.dtype)) : \(type)"
    case .less, .lessEqual, .equal, .notEqual:
      "\(i.op.name) \(argumentType(of: i).irName) \(arguments)"
    case .convert, .reinterpret:
      "\(i.op.name) \(argumentType(of: i).irName) \(arguments) to \(type)"
    default: "\(i.op.name) \(type) \(arguments)"
    }
  }

  /// A constant as the shortest decimal that reads back as it.
  private static func text(_ bits: UInt64, _ dtype: DType) -> String {
    switch dtype {
    case .bool: bits & 1 == 0 ? "false" : "true"
    case .float64: "\(Double(bitPattern: bits))"
    case .float32, .float16, .bfloat16: "\(Float(ScalarBits.double(bits, dtype)))"
    case .uint8, .uint16, .uint32, .uint64: "\(bits)"
    default: "\(Int64(bitPattern: bits))"
    }
  }
}

extension ScalarOp {
  /// The name in dumps.
  package var name: String {
    switch self {
    case .operand: "operand"
    case .index: "index"
    case .constant: "constant"
    case .call(let f): f.rawValue
    case .randomWord(let stream): "randomWord stream \(stream) at"
    default: "\(self)"
    }
  }
}
