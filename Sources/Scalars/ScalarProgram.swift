package import GnomonTensors

/// What one element computes: straight-line code in SSA form over typed scalars.
///
/// There is no C here and no loop: the same program serves the evaluator, a vector of 16 lanes and a
/// scalar tail. Values of `float16` and `bfloat16` appear only as operands, results and arguments of
/// `convert`; arithmetic happens in float32.
package struct ScalarProgram: Hashable, Sendable {
  /// One instruction; its number in `instructions` names its value.
  package struct Instruction: Hashable, Sendable {
    package var op: ScalarOp
    /// The type of the value it defines.
    package var dtype: DType
    /// The values it uses, by number; unused places hold -1.
    package var a: Int
    package var b: Int
    package var c: Int

    package init(_ op: ScalarOp, _ dtype: DType, _ a: Int = -1, _ b: Int = -1, _ c: Int = -1) {
      self.op = op
      self.dtype = dtype
      self.a = a
      self.b = b
      self.c = c
    }

    /// The used values in order.
    package var arguments: [Int] { [a, b, c].filter { $0 >= 0 } }
  }

  /// The types of the operands.
  package var operands: [DType]
  package var instructions: [Instruction]
  /// The values that leave the program.
  package var results: [Int]

  package init(operands: [DType], instructions: [Instruction] = [], results: [Int] = []) {
    self.operands = operands
    self.instructions = instructions
    self.results = results
  }

  package var resultTypes: [DType] { results.map { instructions[$0].dtype } }
}

/// The operations of a scalar program. Meanings follow the float and integer rules of `IR/README.md`:
/// integers wrap, integer division by zero gives 0, `remainder` has the sign of the divisor, float to
/// integer saturates (NaN gives 0), `minimum` and `maximum` propagate NaN.
package enum ScalarOp: Hashable, Sendable {
  /// The operand with this number.
  case operand(Int)
  /// An integer expression of the loop axes and named sizes, as a value (int64).
  case index(Dim)
  /// A constant by its bits: an integer in two's complement, a float as its IEEE pattern in the low bits.
  case constant(UInt64)

  case negate, absolute, squareRoot, floor, ceiling, roundEven, truncate
  /// Logical not for bool, bitwise not for integers.
  case not

  case add, subtract, multiply, divide, remainder, minimum, maximum
  /// The high half of the product of two uint32 values.
  case multiplyHigh
  case less, lessEqual, equal, notEqual
  case and, or, xor
  /// Shifts by the value of `b`, modulo nothing: a count outside 0..<width gives 0 (or the sign).
  case shiftLeft, shiftRight

  /// `1 / sqrt(a)` of a float32 that is NaN or at least the least normal number, 2^-126, to within 1.5
  /// units of the last place: from the CPU's own estimate, where it has one good to 14 bits.
  case reciprocalRoot

  /// `a * b + c` with one rounding where the target has the instruction, else with two.
  case multiplyAdd
  /// `a * 2^b` with one rounding, for a float `b` that is a whole number (or NaN, which gives NaN) of at
  /// most 250 (2040) in magnitude.
  case scale
  /// `b` where the bool `a` holds, else `c`.
  case select
  /// To `dtype`, by value.
  case convert
  /// To `dtype` of the same size, by bits.
  case reinterpret
  /// The word of a random stream at the position `a` (int64), under the key `b`, `c` (uint32).
  case randomWord(stream: UInt64)
  /// A named function; a program of its own, expanded late so that dumps say `exp`.
  case call(MathFunction)
}

/// A mathematical function of scalars that has a name in dumps and in the C.
package enum MathFunction: String, Hashable, Sendable, CaseIterable {
  case exp, expm1, log, log1p, tanh, sigmoid, softplus, erf, rsqrt
  case sin, cos, tan, power
}
