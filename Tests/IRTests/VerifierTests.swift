import GnomonIR
import GnomonOperations
import GnomonTensors
import GoldenFiles
import Testing

@Suite struct VerifierTests {
  private func parsed(_ text: String) throws -> Graph {
    try Graph(parsing: text, operations: operationTable)
  }

  private var chain: Graph {
    get throws {
      try parsed(
        "func @f(%x: f32[n], variable %w: f32[n]) -> f32[n] {\n  %0 = tanh %x : f32[n]\n"
          + "  %1 = add %0, %w : f32[n]\n  update %w = %1\n  return %1\n}")
    }
  }

  @Test func `a valid graph passes`() throws { try chain.verify() }

  @Test func `values that do not exist are V1 as uses and V2 as definitions`() throws {
    for number in [-1, 4, Int(Int32.max)] {
      var graph = try chain
      graph.instructions[1].operands[0] = ValueID(number)
      #expect(graph.violation()?.constraint == 1)
      graph = try chain
      graph.results[0] = ValueID(number)
      #expect(graph.violation()?.constraint == 1)
      graph = try chain
      graph.updates[0].becomes = ValueID(number)
      #expect(graph.violation()?.constraint == 1)
      graph = try chain
      graph.updates[0].variable = ValueID(number)
      #expect(graph.violation()?.constraint == 6)
      graph = try chain
      graph.instructions[0].results[0] = ValueID(number)
      #expect(graph.violation()?.constraint == 2)
      graph = try chain
      graph.parameters[0] = ValueID(number)
      #expect(graph.violation()?.constraint == 2)
      #expect(!graph.text(.locations).isEmpty)
    }
  }

  @Test func `a value that nothing defines is V2`() throws {
    var graph = try chain
    graph.values.append(Graph.Value(TensorType(.float32, [])))
    #expect(graph.violation()?.constraint == 2)
  }

  @Test func `a variable that is no parameter is V6`() throws {
    var graph = try chain
    graph.variables.insert(graph.results[0])
    #expect(graph.violation()?.constraint == 6)
  }

  @Test func `two parameters of one name are V8`() throws {
    var graph = try chain
    graph.values[graph.parameters[1].index].name = "x"
    #expect(graph.violation()?.constraint == 8)
  }

  @Test func `loop axes are no sizes (V9)`() throws {
    var graph = try chain
    graph.values[graph.parameters[1].index].type.shape = [.axis(0)]
    #expect(graph.violation()?.constraint == 9)
  }

  @Test func `too many axes are V11`() throws {
    var builder = GraphBuilder(name: "f")
    builder.setResults([
      builder.addParameter(TensorType(.float32, [Dim](repeating: 1, count: 65)))
    ])
    #expect(builder.graph.violation()?.constraint == 11)
  }

  @Test func `a location that does not exist is V13`() throws {
    var graph = try chain
    graph.instructions[0].location = LocationID(7)
    #expect(graph.violation()?.constraint == 13)
  }

  @Test func `requirements around a region count inside`() throws {
    let text = """
      func @f(%x: f32[n], %y: f32[m]) -> f32[2*m] requires 2*m == n {
        %0 = fused %x, %y {name = "k"} : f32[2*m] {
          (%x: f32[n], %y: f32[m]) -> f32[2*m]
          %0 = reshape %x {shape = [2*m]} : f32[2*m]
          return %0
        }
        return %0
      }
      """
    try parsed(text).verify()
    #expect(throws: GnomonError.self) {
      try parsed(text.replacing(" requires 2*m == n", with: ""))
    }
  }

  @Test func `the message cites the constraint and shows the IR around the fault`() throws {
    var graph = try parsed(
      "func @f(%x: f32[n]) -> f32[n] {\n"
        + (0..<20).map { "  %\($0) = tanh \($0 == 0 ? "%x" : "%\($0 - 1)") : f32[n]\n" }.joined()
        + "  return %19\n}")
    graph.values[graph.instructions[10].results[0].index].type = TensorType(.float64, ["n"])
    let error = #expect(throws: InternalError.self) { try graph.verify(after: "some-pass") }
    #expect(
      error?.message == """
        V4 after some-pass: the rule of tanh gives f32[n], but the graph says f64[n]
        (\(Graph.constraints[3]))
            %5 = tanh %4 : f32[n]
            %6 = tanh %5 : f32[n]
            %7 = tanh %6 : f32[n]
            %8 = tanh %7 : f32[n]
            %9 = tanh %8 : f32[n]
        >   %10 = tanh %9 : f64[n]
            %11 = tanh %10 : f32[n]
            %12 = tanh %11 : f32[n]
            %13 = tanh %12 : f32[n]
            %14 = tanh %13 : f32[n]
            %15 = tanh %14 : f32[n]
        """)
  }

  @Test(arguments: operationTable.map { $0.mnemonic })
  func `a wrong number of operands or regions is V3 for every op`(mnemonic: String) throws {
    let graphs = try Graph.parse(
      sampleFile(mnemonic).sections[0], operations: operationTable)
    for graph in graphs {
      for (i, instruction) in graph.instructions.enumerated()
      where instruction.op.mnemonic == mnemonic {
        let type = type(of: instruction.op)
        if let parameter = graph.parameters.first, type.arity.upperBound < Int.max {
          var changed = graph
          let missing = type.arity.upperBound + 1 - instruction.operands.count
          changed.instructions[i].operands += [ValueID](repeating: parameter, count: missing)
          #expect(changed.violation()?.constraint == 3)
        }
        if type.arity.lowerBound > 0 {
          var changed = graph
          changed.instructions[i].operands.removeLast(
            instruction.operands.count - type.arity.lowerBound + 1)
          #expect(changed.violation()?.constraint == 3)
        }
        var changed = graph
        changed.instructions[i].regions.append(Graph(name: "extra"))
        #expect(changed.violation()?.constraint == 3)
      }
    }
  }
}
