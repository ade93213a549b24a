internal import GnomonTensors

extension ScalarProgram {
  /// The program without the instructions that no result needs. Operands keep their numbers.
  package func withoutDeadCode() -> ScalarProgram {
    var live = [Bool](repeating: false, count: instructions.count)
    for r in results { live[r] = true }
    for n in instructions.indices.reversed() where live[n] {
      for a in instructions[n].arguments { live[a] = true }
    }
    return rebuilt { b, i, n in live[n] ? b.emit(i.op, i.dtype, i.a, i.b, i.c) : nil }
  }

  /// The program with every instruction evaluated whose arguments are constants, `select` by a constant
  /// resolved, and what has become dead removed. Calls of the platform's library stay.
  package func constantFolded() -> ScalarProgram {
    var constants = [Int: UInt64]()
    return rebuilt { b, i, n in
      let arguments = [i.a, i.b, i.c].compactMap { $0 }
      let known = arguments.compactMap { constants[$0.number] }
      let value: ScalarBuilder.Value
      switch i.op {
      case .operand, .index:
        return b.emit(i.op, i.dtype)
      case .constant(let bits):
        value = b.constant(bits: bits, i.dtype)
        constants[value.number] = bits
        return value
      case .select:
        if let a = i.a, let x = i.b, let y = i.c, let c = constants[a.number] {
          return c & 1 != 0 ? x : y
        }
        if let x = i.b, let y = i.c, let value = constants[x.number], value == constants[y.number] {
          return x
        }
      case .call(let f) where f.definition(i.dtype) == nil:
        return b.emit(i.op, i.dtype, i.a, i.b, i.c)
      default: break
      }
      guard known.count == arguments.count else {
        return b.emit(i.op, i.dtype, i.a, i.b, i.c)
      }
      let read = if case .select = i.op { i.dtype } else { i.a?.dtype ?? i.dtype }
      let bits = ScalarEvaluator.apply(
        i.op, dtype: i.dtype, argumentType: read, known[0], known.count > 1 ? known[1] : 0,
        known.count > 2 ? known[2] : 0)
      value = b.constant(bits: bits, i.dtype)
      constants[value.number] = bits
      return value
    }.withoutDeadCode()
  }

  /// An instruction with its arguments as values of the program being built.
  struct Rebuilding {
    var op: ScalarOp
    var dtype: DType
    var a: ScalarBuilder.Value?
    var b: ScalarBuilder.Value?
    var c: ScalarBuilder.Value?
  }

  /// Builds the program anew; `each` gives the new value of an instruction, nil for none.
  func rebuilt(
    _ each: (inout ScalarBuilder, Rebuilding, Int) -> ScalarBuilder.Value?
  ) -> ScalarProgram {
    var builder = ScalarBuilder(operands: operands)
    var map = [ScalarBuilder.Value?](repeating: nil, count: instructions.count)
    for (n, i) in instructions.enumerated() {
      let i = Rebuilding(
        op: i.op, dtype: i.dtype, a: i.a < 0 ? nil : map[i.a], b: i.b < 0 ? nil : map[i.b],
        c: i.c < 0 ? nil : map[i.c])
      map[n] = each(&builder, i, n)
    }
    return builder.program(
      results: results.map {
        guard let value = map[$0] else { preconditionFailure("a result was removed") }
        return value
      })
  }
}
