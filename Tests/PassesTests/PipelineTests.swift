import GnomonIR
import GnomonOperations
import GnomonPasses
import GnomonTensors
import Testing

/// A chain of `count` instructions in which many rules find something.
private func chain(_ count: Int) throws -> Graph {
  var builder = GraphBuilder(name: "chain")
  let x = builder.addParameter(TensorType(.float32, ["n", 8]), name: "x")
  var v = x
  let one = try builder.make(Constant(1, .float32))
  for i in 0..<(count / 4) {
    v = try builder.make(Multiply(), one, v)
    v = try builder.make(Negate(), v)
    v = try builder.make(Add(), v, x)
    v = try builder.make(i % 2 == 0 ? Reshape(shape: ["n" * 8]) : Reshape(shape: ["n", 8]), v)
    if i % 2 == 0 { v = try builder.make(Reshape(shape: ["n", 8]), v) }
  }
  builder.setResults([v])
  return builder.graph
}

@Suite struct PipelineTests {
  @Test func `a deep chain is simplified without recursion`() throws {
    let result = try Pipeline(verifies: false).run(try chain(12_000))
    #expect(result.instructions.count == 3000)
    #expect(result.instructions.allSatisfy { $0.op is Subtract })
  }

  @Test func `the work grows with the graph, not with its square`() throws {
    func work(_ count: Int) throws -> Int {
      var trace = PassTrace()
      _ = try Pipeline(verifies: false).run(try chain(count), trace: &trace, text: nil)
      return trace.steps.reduce(0) { $0 + $1.instructionsBefore }
    }
    // The rounds do not depend on the length of a chain.
    #expect(try work(2000) < 5 * work(500))
  }

  @Test func `a trace has text around the passes that changed something`() throws {
    var trace = PassTrace()
    _ = try Pipeline().run(try chain(8), trace: &trace) { $0.text() }
    #expect(trace.steps.contains { $0.isChanged })
    for step in trace.steps {
      #expect((step.before != nil) == step.isChanged)
      #expect((step.after != nil) == step.isChanged)
    }
    // The last round found nothing.
    let last = trace.steps.map(\.round).max()
    #expect(trace.steps.filter { $0.round == last }.allSatisfy { !$0.isChanged })
  }

  @Test func `the derivative of a recurrent layer keeps its state before and after each step`()
    throws
  {
    let x = Expr.input("x", .float32, ["time", "batch", 5])
    let (w, u) = (Expr.input("w", .float32, [5, 7]), Expr.input("u", .float32, [7, 7]))
    let h = scan(x, from: Expr.zeros(.float32, ["batch", 7])) { h, x in
      tanh(matmul(x, w) + matmul(h, u))
    }
    let d = gradient(of: sum(h.last * h.last), withRespectTo: [w, u])
    let graph = try Pipeline().run(
      try Graph.build(name: "layer", inputs: [x, w, u], results: d))
    var forward: [(kept: Int, products: Int)] = []
    for instruction in graph.instructions {
      guard let loop = instruction.op as? Scan, !loop.isReversed else { continue }
      let products = instruction.regions[0].instructions.filter { $0.op is Contract }.count
      forward.append((instruction.results.count - loop.carries, products))
    }
    // One is what the weights are multiplied with, of the other the derivative of tanh is made; what is
    // between is not kept, and the input's products are outside.
    #expect(forward.count == 1 && forward[0] == (2, 1), "\(graph.text())")
  }

  @Test func `a rule that changes a type is found out`() throws {
    let wrong = RulePass(
      "wrong", "",
      [
        Rule("tanh(x) = scalar", at: Tanh.self) { rewriter, _, _ in
          try rewriter.number(1, .float32)
        }
      ])
    var builder = GraphBuilder(name: "f")
    let x = builder.addParameter(TensorType(.float32, [4]), name: "x")
    builder.setResults([try builder.make(Tanh(), x)])
    let graph = builder.graph
    #expect(throws: InternalError.self) { try wrong.pass.run(graph) }
  }

  @Test func `names and locations stay`() throws {
    var builder = GraphBuilder(name: "f")
    let x = builder.addParameter(TensorType(.float32, [4]), name: "x")
    builder.location = Location(position: Location.Position(file: "user.swift", line: 7, column: 3))
    let one = try builder.make(Constant(2, .float32))
    let y = try builder.make(Divide(), x, one)
    builder.setName("half", of: y)
    builder.setResults([y])
    let result = try Pipeline().run(builder.graph)
    let last = try #require(result.instructions.last)
    #expect(last.op is Multiply)
    #expect(result.location(of: last).position?.line == 7)
    #expect(result.values[last.results[0].index].name == "half")
  }
}
