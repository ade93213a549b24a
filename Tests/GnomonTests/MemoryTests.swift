import CRuntime
import Foundation
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
        for (a, b) in zip(results, try staged.runLoops(tensors)) {
          #expect(sameBits(a, b), "\(sizes): \(firstDifference(a, b))")
        }
      }
    }
  }

  @Test func `a thousand calls keep no memory`() throws {
    #expect(usesOwnCache)
    // Outputs and workspaces of 40 KB and more: large beside what other tests hold meanwhile.
    let x = Expr.input("x", .float32, ["n", 100])
    let w = Expr.variable("w", .normal(.float32, [100, 100], seed: 1))
    let p = softmax(matmul(x, w))
    let step = try compile(
      inputs: [x], outputs: [p],
      updates: [w: w * 0.5 + matmul(tanh(x.transposed()), p)],
      options: CompileOptions(mode: .fast))
    let argument = Tensor.normal(.float32, [100, 100], seed: 2)
    var results = [try step.outputs([argument])[0]]
    let address = results[0].withUnsafeBytes { $0.baseAddress }
    for _ in 0..<10 { try step.outputs([argument], into: &results) }
    let before = gn_heap_bytes()
    for _ in 0..<1000 { try step.outputs([argument], into: &results) }
    let kept = gn_heap_bytes() - before
    #expect(results[0].withUnsafeBytes { $0.baseAddress } == address, "another output")
    // Other tests may run at the same time. A thousand leaked outputs would be 40 MB.
    if before >= 0 { #expect(kept < 4_000_000, "\(kept) bytes more are in use") }
  }
}
