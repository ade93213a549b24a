import TestSupport
import Gnomon
import GnomonKernels
import Testing

/// The workspace and what calls allocate. Every run of `LoadedProgram` has its buffers and its
/// workspace end at a page that nobody may touch.
@Suite struct MemoryTests {
  /// Formulas with several kernels and values between them, over symbolic sizes.
  static let programs: [(name: String, inputs: [Expr], outputs: [Expr])] = {
    let x = Expr.input("x", .float32, ["n", "m"])
    let w = Expr.input("w", .float32, ["m", "k"])
    let u = Expr.input("u", .float64, ["n"])
    return [
      ("two products", [x, w], [matmul(tanh(matmul(x, w)), tanh(w.transposed()))]),
      ("rows, then columns", [x], [sum(softmax(x), axes: 0), softmax(x.transposed())]),
      ("prefixes", [u], [sum(exp(u)) / mean(u) * u, variance(u)]),
      ("a loss", [x, w], [mean(logSumExp(matmul(x, w), axes: 1)), matmul(x, w)]),
    ]
  }()

  @Test(arguments: programs.indices)
  func `the workspace is exactly what the plan says, and nothing touches what lies behind`(
    _ number: Int
  ) throws {
    let (_, inputs, outputs) = Self.programs[number]
    let graph = try Graph.build(name: "memory", inputs: inputs, results: outputs)
    let staged = try StagedProgram(graph)
    let loaded = try LoadedProgram(staged)
    for (n, m, k) in [(1, 1, 1), (3, 5, 7), (0, 4, 2), (16, 16, 16), (33, 17, 40), (70, 9, 20)] {
      let sizes = ["n": n, "m": m, "k": k]
      let named = sizes.filter { staged.program.dimensionNames.contains($0.key) }
      let plan = Plan(staged.program)
      var tensors: [Tensor] = []
      for (i, input) in inputs.enumerated() {
        let shape = input.shape.map { $0.evaluated(names: sizes)! }
        tensors.append(.normal(input.dtype, shape, seed: UInt64(i + 1)))
      }
      for threads in [1, 2] {
        var formulas = named
        formulas[Program.workers] = threads
        #expect(
          loaded.workspaceBytes(named, threads: threads)
            == staged.program.arenaBytes.evaluated(names: formulas))
        let results = try loaded.run(tensors, threads: threads)
        let held = (tensors + results).reduce(0) { $0 + $1.byteCount }
        #expect(
          plan.peakBytes.evaluated(names: formulas)
            == held + loaded.workspaceBytes(named, threads: threads))
        for (a, b) in zip(results, try staged.runLoops(tensors)) {
          #expect(sameBits(a, b), "\(sizes): \(firstDifference(a, b))")
        }
      }
    }
  }

  @Test func `a thousand calls allocate nothing but their outputs`() throws {
    let (status, text) = try BuiltExecutable("call-allocations").run(
      environment: ["GNOMON_CACHE_DIR": testCacheFolder])
    #expect(status == 0)
    let lines = text.split(separator: "\n").map { $0.split(separator: ",") }
    try #require(lines.count == 4)
    for line in lines {
      let numbers = try line.dropFirst().map { try #require(Int($0)) }
      if numbers[0] < 0 { continue }  // an allocator that cannot be counted
      // Outputs and workspaces are 40 KB and more. What else a call asks for is small change that
      // only builds without optimization have.
      let outputs = line[0].hasSuffix("fresh") ? 1000 * 40_000 : 0
      #expect((outputs..<outputs + 1000 * 4096).contains(numbers[1]), "\(line)")
      #expect(abs(numbers[2]) < 40_000, "\(line)")
    }
  }
}
