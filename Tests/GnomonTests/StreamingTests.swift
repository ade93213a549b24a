import GnomonEmission
import GnomonIR
import GnomonKernels
import GnomonOperations
import GnomonTensors
import Testing

/// Results that go to memory past the caches, and what rows fetch of the next one.
struct StreamingTests {
  private static func machine(from bytes: Int) -> GnomonKernels.Machine {
    var machine = GnomonKernels.Machine.native
    machine.streamedBytes = bytes
    return machine
  }

  private func values(_ dtype: DType, _ shape: [Int]) -> Tensor {
    Tensor(
      dtype: dtype, shape: Shape(shape),
      doubles: (0..<shape.reduce(1, *)).map { Double($0 * 37 % 101 - 50) / (dtype.isFloat ? 8 : 1) }
    )
  }

  /// Vectors of 64, 32 and 16 bytes; rows that begin at a line, at half of one and elsewhere.
  @Test(
    arguments: [DType.float64, .float32, .float16, .int64, .int16, .int8, .bool],
    [[7, 64], [7, 40], [5, 33], [4, 3], [0, 8]])
  func `past the caches or through them, the bits are the same`(dtype: DType, shape: [Int]) throws {
    let x = values(dtype, shape)
    let input = Expr.input("x", dtype, ["n", Dim(shape[1])])
    let isNumber = dtype != .bool
    let result =
      !isNumber
      ? .!input : dtype.isFloat ? softmax(input * 0.5) : input * input
    let graph = try Graph.build(
      name: "stream", inputs: [input], results: isNumber ? [result, input .< 0] : [result])
    let streamed = try StagedProgram(graph, machine: Self.machine(from: 0))
    let plain = try StagedProgram(graph, machine: Self.machine(from: 1 << 60))
    #expect(streamed.program.kernels.contains { $0.streaming != nil })
    let expected = try LoadedProgram(plain).run([x])
    for threads in [1, 2] {
      let found = try LoadedProgram(streamed).run([x], threads: threads)
      #expect(zip(found, expected).allSatisfy { sameBits($0, $1) })
    }
    #expect(zip(try streamed.runLoops([x]), expected).allSatisfy { $0.shape == $1.shape })
  }

  @Test func `the choice is made in each call, by the bytes it touches`() throws {
    let x = Expr.input("x", .float32, ["n", 40])
    let graph = try Graph.build(name: "stream", inputs: [x], results: [exp(x)])
    let program = try StagedProgram(graph, machine: Self.machine(from: 4000))
    let kernel = try #require(program.program.kernels.first)
    #expect(kernel.streaming?.buffers == [1] && kernel.streaming?.limit == 4000)
    #expect("\(kernel)".contains("past caches b1 if 320*n >= 4000"), "\(kernel)")
    let source = EmittedProgram(program.program).units.joined()
    #expect(source.contains("const int32_t streams = 320 * n_n >= 4000;"), "\(source)")
    // Known to be less: no choice is left.
    let small = Expr.input("x", .float32, [10, 40])
    let fixed = try StagedProgram(
      Graph.build(name: "small", inputs: [small], results: [exp(small)]),
      machine: Self.machine(from: 4000))
    #expect(fixed.program.kernels.allSatisfy { $0.streaming == nil })
  }

  @Test func `what is read again stays in the caches`() throws {
    let x = Expr.input("x", .float32, [64, 40])
    let y = exp(x)
    let kernels = { (results: [Expr]) -> [Kernel] in
      let graph = try Graph.build(name: "again", inputs: [x], results: results)
      return try StagedProgram(graph, machine: Self.machine(from: 0)).program.kernels
    }
    // The product reads the result of the first kernel.
    let both = try kernels([y, matmul(y, y.transposed())])
    #expect(both.count == 2 && both[0].streaming == nil, "\(both)")
    // A kernel that reads its own result in a later pass.
    let own = try kernels([y, softmax(y)])
    for kernel in own {
      for b in kernel.streaming?.buffers ?? [] {
        #expect(!"\(kernel)".contains("load b\(b)["), "\(kernel)")
      }
    }
  }

  @Test func `a later pass fetches the next row`() throws {
    let x = Expr.input("x", .float32, [6, 40])
    func text(_ result: Expr) throws -> String {
      let graph = try Graph.build(name: "rows", inputs: [x], results: [result])
      return "\(try StagedProgram(graph).program.kernels[0])"
    }
    #expect(try text(softmax(x)).contains("prefetch b0[40*i0 + i1 + 40]"))
    // One pass reads it all: the processor sees what comes next.
    #expect(try !text(exp(x)).contains("prefetch"))
    #expect(try !text(sum(x, axes: 1)).contains("prefetch"))
  }
}
