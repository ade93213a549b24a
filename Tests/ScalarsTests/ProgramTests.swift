import GnomonScalars
import GnomonTensors
import Testing

@Suite struct Programs {
  @Test func `a program prints one instruction a line`() {
    var b = ScalarBuilder(operands: [.float32, .int32])
    let x = b.convert(b.operand(1), to: .float32)
    let y = b.add(b.operand(0), x)
    let less = b.less(y, b.constant(0.1, .float32))
    let z = b.select(less, b.call(.exp, y), x)
    let program = b.program(results: [z, less])
    #expect(
      program.description == """
        %0 = operand 1 : i32
        %1 = convert i32 %0 to f32
        %2 = operand 0 : f32
        %3 = add f32 %2, %1
        %4 = constant 0.1 : f32
        %5 = less f32 %3, %4
        %6 = exp f32 %3
        %7 = select f32 %5, %6, %1
        return %7, %5
        """)
  }

  @Test func `dead instructions go, operands keep their numbers`() {
    var b = ScalarBuilder(operands: [.float32, .float32])
    _ = b.multiply(b.operand(0), b.constant(3.0, .float32))
    let result = b.negate(b.operand(1))
    let program = b.program(results: [result]).withoutDeadCode()
    #expect(program.description == "%0 = operand 1 : f32\n%1 = negate f32 %0\nreturn %1")
    #expect(program.operands.count == 2)
  }

  @Test func `constants fold through operations, functions and select`() {
    var b = ScalarBuilder(operands: [.float32])
    let two = b.constant(2.0, .float32)
    let sum = b.add(two, b.call(.exp, b.constant(0.0, .float32)))
    let chosen = b.select(b.less(two, sum), b.multiply(sum, b.operand(0)), two)
    let program = b.program(results: [chosen]).constantFolded()
    #expect(
      program.description == """
        %0 = constant 3.0 : f32
        %1 = operand 0 : f32
        %2 = multiply f32 %0, %1
        return %2
        """)
  }

  @Test func `folding keeps the meaning of every function`() throws {
    for f in MathFunction.allCases where f.arity == 1 {
      guard let definition = f.definition(.float32) else { continue }
      var b = ScalarBuilder(operands: [])
      let result = b.inline(definition, [b.constant(0.7, .float32)])
      let program = b.program(results: result).constantFolded()
      #expect(program.instructions.count == 1)
      let bits = UInt64(Float(0.7).bitPattern)
      #expect(program.evaluate([]) { _ in 0 } == definition.evaluate([bits]) { _ in 0 })
    }
  }

  @Test func `costs count functions by their programs`() throws {
    var b = ScalarBuilder(operands: [.float32, .float32])
    let quotient = b.divide(b.add(b.operand(0), b.operand(1)), b.operand(1))
    let without = b.program(results: [quotient])
    #expect(without.flops == 5 && without.vectorOperationCount == 2)
    let exp = b.call(.exp, quotient)
    let definition = try #require(MathFunction.exp.definition(.float32))
    let with = b.program(results: [exp])
    #expect(with.flops == 5 + definition.flops)
    #expect(with.vectorOperationCount == 2 + definition.vectorOperationCount)
  }

  @Test(arguments: MathFunction.allCases)
  func `a function has a program or a name in the library`(_ f: MathFunction) {
    for t in [DType.float32, .float64] {
      #expect(f.definition(t) != nil || f.libmName(t) != nil)
      #expect(f.definition(t).map { $0.operands.count == f.arity } ?? true)
      // Programs are complete: they call nothing, and nothing in them is dead.
      let program = f.definition(t)
      #expect(program.map { $0.withoutDeadCode() } == program)
    }
  }
}
