internal import GnomonTensors

extension ScalarProgram {
  /// An estimate of the work of one element, in additions: a multiply-add counts 2, division
  /// and square root 4, functions what their programs count, moves of bits nothing.
  package var flops: Int { instructions.reduce(0) { $0 + $1.flops } }

  /// The number of vector instructions of one element group, functions expanded; constants, operands
  /// and reinterpretations take none.
  package var vectorOperationCount: Int { instructions.reduce(0) { $0 + $1.vectorOperations } }
}

extension ScalarProgram.Instruction {
  fileprivate var flops: Int {
    switch op {
    case .operand, .index, .constant, .reinterpret, .select, .convert: 0
    case .not, .and, .or, .xor, .shiftLeft, .shiftRight, .randomWord: 0
    case .less, .lessEqual, .equal, .notEqual: 0
    case .divide, .remainder, .squareRoot: 4
    case .multiplyAdd: 2
    case .reciprocalRoot: ScalarProgram.rsqrtOfNormal.flops
    case .call(let f): f.definition(dtype)?.flops ?? MathFunction.libraryFlops
    default: 1
    }
  }

  fileprivate var vectorOperations: Int {
    switch op {
    case .operand, .index, .constant, .reinterpret: 0
    case .randomWord: Philox.vectorOperations
    case .reciprocalRoot: ScalarProgram.rsqrtOfNormal.vectorOperationCount
    case .call(let f): f.definition(dtype)?.vectorOperationCount ?? MathFunction.libraryFlops
    default: 1
    }
  }
}

extension MathFunction {
  /// What a call of the platform's library is taken to cost: about 20 ns, lane by lane.
  package static let libraryFlops = 40
}
