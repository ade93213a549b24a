import GnomonIR
import GnomonOperations
import GnomonTensors
import ProgramGenerator
import Testing

/// The C of every op under the address and the undefined-behaviour sanitizer.
@Suite struct SanitizerTests {
  private func run(
    _ graph: Graph, _ arguments: [Tensor], optimizes: Bool = false, referee: Referee? = nil
  ) throws {
    let sanitized = try SanitizedProgram(StagedProgram(graph, optimizes: optimizes))
    defer { sanitized.remove() }
    for threads in [1, 2] {
      let results = try sanitized.run(arguments, threads: threads)
      if var referee {
        #expect(referee.fault(in: results) == nil, "\(threads) threads")
      } else if let fault = try fault(of: graph, results, arguments) {
        Issue.record("\(threads) threads: \(fault)\n\(graph.text())")
      }
    }
  }

  @Test(arguments: 0..<4)
  func `the catalogue is clean under the sanitizers`(_ part: Int) throws {
    let generated = try Corpus.mixed(part, of: 4, seed: 291 + UInt64(part))
    try run(generated.graph, generated.arguments)
  }

  @Test func `large programs are clean under the sanitizers`() throws {
    let (graph, arguments, referee) = try Corpus.large.get()
    try run(graph, arguments, optimizes: true, referee: referee)
  }

  @Test(arguments: DType.allCases)
  func `elementwise ops are clean under the sanitizers`(_ dtype: DType) throws {
    let arguments = [
      Corpus.nasty(dtype, 37, seed: 1), Corpus.nasty(dtype, 37, seed: 2),
      Corpus.nasty(.bool, 37, seed: 3),
    ]
    try run(Corpus.elementwise(dtype), arguments)
  }

  @Test func `the sanitizers see a read behind a buffer`() throws {
    let x = Expr.input("x", .float32, ["n"])
    let graph = try Graph.build(name: "reads", inputs: [x], results: [x + 1])
    let sanitized = try SanitizedProgram(StagedProgram(graph))
    defer { sanitized.remove() }
    #expect(throws: SanitizedProgram.Failure.self) {
      try sanitized.run([Tensor.zeros(.float32, [40])], pretending: ["n": 400])
    }
  }
}
