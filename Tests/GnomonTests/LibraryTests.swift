import CRuntime
import GnomonEmission
import GnomonIR
import GnomonKernels
import GnomonNative
import GnomonOperations
import GnomonTensors
import Testing

/// Plain products on a machine that leaves all of them to a BLAS library.
struct LibraryTests {
  static let machine = {
    var machine = GnomonKernels.Machine.native
    machine.librarySteps = 0
    return machine
  }()

  private func staged(_ tensors: [Tensor], _ build: ([Expr]) -> Expr) throws -> StagedProgram {
    let inputs = tensors.enumerated().map { i, t in
      Expr.input("x\(i)", t.dtype, t.shape.map { Dim($0) })
    }
    let graph = try Graph.build(name: "product", inputs: inputs, results: [build(inputs)])
    return try StagedProgram(graph, machine: Self.machine)
  }

  private func tensor(_ dtype: DType, _ shape: [Int], seed: Int) -> Tensor {
    let count = shape.reduce(1, *)
    return Tensor(
      dtype: dtype, shape: Shape(shape),
      doubles: (0..<count).map { Double(($0 * 7919 + seed * 104_729) % 1009) / 1009 - 0.5 })
  }

  /// The interpreter, the nest with and without the library, and the C with and without it.
  @Test(
    arguments: [DType.float32, .float64], ["ik,kj->ij", "ki,kj->ij", "ik,jk->ij", "ki,jk->ij"])
  func `a plain product with a BLAS library and without one`(dtype: DType, spec: String) throws {
    let size: [Character: Int] = ["i": 260, "j": 70, "k": 65]
    let operands = spec.split(separator: "-")[0].split(separator: ",")
    let x = operands.enumerated().map { n, letters in
      tensor(dtype, letters.map { size[$0]! }, seed: n)
    }
    let program = try staged(x) { einsum(spec, $0) }
    let kernel = try #require(program.program.kernels.first)
    #expect(program.program.usesLibrary && "\(kernel)".contains("product"), "\(kernel)")
    let expected = try Interpreter(program.graph).run(x)[0].doubles
    func check(_ found: Tensor, _ what: String) {
      let tolerance = dtype == .float32 ? 1e-5 : 1e-13
      let worst = zip(found.doubles, expected).map { abs($0 - $1) }.max()!
      #expect(worst < tolerance, "\(what)")
    }
    for hasLibrary in dtype == .float32 ? [true, false] : [] {
      let output = LoopBuffer(uninitialized: dtype, count: expected.count)
      try LoopProgram(kernel, sizes: [:], hasLibrary: hasLibrary)
        .run(buffers: x.map { LoopBuffer($0) } + [output], workers: 2)
      check(try output.tensor(shape: [260, 70]), "nest, library: \(hasLibrary)")
    }
    var loaded = try LoadedProgram(program)
    check(try loaded.run(x)[0], "C without a library")
    guard let table = BLASLibrary.shared?.table else { return }
    loaded.blas = table
    let one = try loaded.run(x)[0]
    check(one, "C with a library")
    for threads in [2, 3] {
      #expect(try loaded.run(x, threads: threads)[0].bits == one.bits, "\(threads) threads")
    }
  }

  @Test func `what is no plain product stays with the tiles`() throws {
    let x = [tensor(.float32, [80, 90], seed: 1), tensor(.float32, [90, 70], seed: 2)]
    #expect(try staged(x) { matmul($0[0], $0[1]) }.program.usesLibrary)
    #expect(try !staged(x) { relu(matmul($0[0], $0[1])) }.program.usesLibrary)
    #expect(
      try !staged(x.map { $0.cast(to: .float16) }) { matmul($0[0], $0[1]) }.program.usesLibrary)
    var machine = Self.machine
    machine.librarySteps = 1e6
    let graph = try staged(x) { matmul($0[0], $0[1]) }.graph
    #expect(try !StagedProgram(graph, machine: machine).program.usesLibrary)
  }
}
