package import GnomonTensors

/// Builds a scalar program, sharing equal instructions.
///
///     var b = ScalarBuilder(operands: [.float32, .float32])
///     let sum = b.add(b.operand(0), b.operand(1))
///     let program = b.program(results: [sum])
package struct ScalarBuilder {
  /// A value of the program under construction.
  package struct Value: Hashable, Sendable {
    package let number: Int
    package let dtype: DType
  }

  package private(set) var operands: [DType]
  private var instructions: [ScalarProgram.Instruction] = []
  private var known: [ScalarProgram.Instruction: Int] = [:]

  package init(operands: [DType]) { self.operands = operands }

  /// Appends an instruction, or finds the equal one that is there.
  package mutating func emit(
    _ op: ScalarOp, _ dtype: DType, _ a: Value? = nil, _ b: Value? = nil, _ c: Value? = nil
  ) -> Value {
    // A number that is no float equals itself.
    if let a, a == b, !a.dtype.isFloat {
      switch op {
      case .equal, .lessEqual: return constant(bits: 1, .bool)
      case .notEqual, .less: return constant(bits: 0, .bool)
      default: break
      }
    }
    let i = ScalarProgram.Instruction(
      op, dtype, a?.number ?? -1, b?.number ?? -1, c?.number ?? -1)
    if let n = known[i] { return Value(number: n, dtype: dtype) }
    instructions.append(i)
    known[i] = instructions.count - 1
    return Value(number: instructions.count - 1, dtype: dtype)
  }

  /// Adds an operand after construction and returns its value.
  package mutating func addOperand(_ dtype: DType) -> Value {
    operands.append(dtype)
    return operand(operands.count - 1)
  }

  package mutating func operand(_ n: Int) -> Value { emit(.operand(n), operands[n]) }
  package mutating func index(_ d: Dim) -> Value { emit(.index(d), .int64) }

  /// A constant: the nearest value of `dtype`.
  package mutating func constant(_ x: Double, _ dtype: DType) -> Value {
    emit(.constant(ScalarBits.bits(of: x, dtype)), dtype)
  }
  /// An integer constant; also usable for floats of integer value.
  package mutating func constant(_ x: Int, _ dtype: DType) -> Value {
    dtype.isFloat
      ? constant(Double(x), dtype)
      : emit(.constant(ScalarBits.wrap(UInt64(bitPattern: Int64(x)), dtype)), dtype)
  }
  /// A constant by bits.
  package mutating func constant(bits: UInt64, _ dtype: DType) -> Value {
    emit(.constant(bits), dtype)
  }

  package mutating func add(_ a: Value, _ b: Value) -> Value { emit(.add, a.dtype, a, b) }
  package mutating func subtract(_ a: Value, _ b: Value) -> Value { emit(.subtract, a.dtype, a, b) }
  package mutating func multiply(_ a: Value, _ b: Value) -> Value { emit(.multiply, a.dtype, a, b) }
  package mutating func divide(_ a: Value, _ b: Value) -> Value { emit(.divide, a.dtype, a, b) }
  package mutating func minimum(_ a: Value, _ b: Value) -> Value { emit(.minimum, a.dtype, a, b) }
  package mutating func maximum(_ a: Value, _ b: Value) -> Value { emit(.maximum, a.dtype, a, b) }
  package mutating func negate(_ a: Value) -> Value { emit(.negate, a.dtype, a) }
  package mutating func absolute(_ a: Value) -> Value { emit(.absolute, a.dtype, a) }
  package mutating func less(_ a: Value, _ b: Value) -> Value { emit(.less, .bool, a, b) }
  package mutating func lessEqual(_ a: Value, _ b: Value) -> Value { emit(.lessEqual, .bool, a, b) }
  package mutating func equal(_ a: Value, _ b: Value) -> Value { emit(.equal, .bool, a, b) }
  package mutating func notEqual(_ a: Value, _ b: Value) -> Value { emit(.notEqual, .bool, a, b) }
  package mutating func and(_ a: Value, _ b: Value) -> Value { emit(.and, a.dtype, a, b) }
  package mutating func or(_ a: Value, _ b: Value) -> Value { emit(.or, a.dtype, a, b) }
  package mutating func xor(_ a: Value, _ b: Value) -> Value { emit(.xor, a.dtype, a, b) }
  package mutating func shiftLeft(_ a: Value, _ n: Value) -> Value {
    emit(.shiftLeft, a.dtype, a, n)
  }
  package mutating func shiftRight(_ a: Value, _ n: Value) -> Value {
    emit(.shiftRight, a.dtype, a, n)
  }
  package mutating func multiplyAdd(_ a: Value, _ b: Value, _ c: Value) -> Value {
    emit(.multiplyAdd, a.dtype, a, b, c)
  }
  package mutating func scale(_ a: Value, byPowerOfTwo b: Value) -> Value {
    emit(.scale, a.dtype, a, b)
  }
  package mutating func select(_ condition: Value, _ a: Value, _ b: Value) -> Value {
    emit(.select, a.dtype, condition, a, b)
  }
  package mutating func convert(_ a: Value, to dtype: DType) -> Value {
    a.dtype == dtype ? a : emit(.convert, dtype, a)
  }
  package mutating func reinterpret(_ a: Value, as dtype: DType) -> Value {
    a.dtype == dtype ? a : emit(.reinterpret, dtype, a)
  }
  package mutating func call(_ f: MathFunction, _ a: Value, _ b: Value? = nil) -> Value {
    emit(.call(f), a.dtype, a, b)
  }

  package mutating func randomWord(at position: Value, stream: UInt64, key: [Value]) -> Value {
    emit(.randomWord(stream: stream), .uint32, position, key[0], key[1])
  }

  /// Copies another program in, with `arguments` for its operands; returns its results.
  package mutating func inline(_ program: ScalarProgram, _ arguments: [Value]) -> [Value] {
    var map: [Value] = []
    map.reserveCapacity(program.instructions.count)
    for i in program.instructions {
      if case .operand(let n) = i.op {
        map.append(arguments[n])
      } else {
        map.append(
          emit(
            i.op, i.dtype, i.a < 0 ? nil : map[i.a], i.b < 0 ? nil : map[i.b],
            i.c < 0 ? nil : map[i.c]))
      }
    }
    return program.results.map { map[$0] }
  }

  /// The program so far. Make the results before the call: in `b.program(results: [b.add(x, y)])` Swift
  /// reads `b` first, and the sum is not in it.
  package func program(results: [Value]) -> ScalarProgram {
    precondition(
      results.allSatisfy { $0.number < instructions.count }, "a result was built after `program`")
    return ScalarProgram(
      operands: operands, instructions: instructions, results: results.map(\.number))
  }
}
