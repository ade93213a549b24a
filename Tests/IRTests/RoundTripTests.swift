import GnomonIR
import GnomonOperations
import GnomonTensors
import GoldenFiles
import Testing

/// The sample of an op, with every attribute away from its default: `IR/run/<mnemonic>.ir`, or
/// `IR/roundtrip/<mnemonic>.ir` for those that do not run alone.
func sampleFile(_ mnemonic: String) throws -> GoldenFile {
  try (try? GoldenFile("IR/roundtrip/\(mnemonic).ir")) ?? GoldenFile("IR/run/\(mnemonic).ir")
}

@Suite struct RoundTripTests {
  @Test(arguments: GoldenFile.all(in: "IR/roundtrip") + GoldenFile.all(in: "IR/run"))
  func `printing what was parsed gives the same text and graph`(file: GoldenFile) throws {
    let text = file.sections[0]
    let graphs = try Graph.parse(text, operations: operationTable, file: file.path)
    for options in [TextOptions.locations, []] {
      let printed = graphs.map { $0.text(options) }.joined(separator: "\n\n")
      let comments = text.contains("//")
      if options == .locations && !comments { #expect(printed == text) }
      let again = try Graph.parse(printed, operations: operationTable)
      #expect(again.count == graphs.count)
      for (a, b) in zip(graphs, again) { #expect(a.isEqual(to: b)) }
    }
    for graph in graphs { try graph.verify() }
  }

  @Test(arguments: operationTable.map { $0.mnemonic })
  func `every op has a sample`(mnemonic: String) throws {
    let file = try #require(
      try? sampleFile(mnemonic),
      "write IR/run/\(mnemonic).ir: a function that uses \(mnemonic), all attributes set")
    let graphs = try Graph.parse(file.sections[0], operations: operationTable)
    #expect(graphs.contains { $0.instructions.contains { $0.op.mnemonic == mnemonic } })
  }

  @Test func `mnemonics differ and are plain words that the grammar has no other use for`() {
    let names = operationTable.map { $0.mnemonic }
    #expect(Set(names).count == names.count)
    let reserved: Set = [
      "func", "return", "update", "requires", "divides", "loc", "in", "variable",
    ]
    for name in names {
      #expect(Dim.wordOrQuoted(name) == name && !reserved.contains(name))
    }
  }

  @Test func `names of any text survive`() throws {
    let names = ["a b", "\"", "*/", "\n\t", "%0", "0", "", "größe", "😀", "min", "\\u{41}"]
    var builder = GraphBuilder(name: "f*/\"\n")
    for name in names {
      _ = builder.addParameter(TensorType(.float32, [Dim(named: name)]), name: name)
    }
    builder.setResults([builder.graph.parameters[0]])
    let text = builder.graph.text()
    let parsed = try Graph(parsing: text, operations: operationTable)
    #expect(parsed.isEqual(to: builder.graph))
    #expect(parsed.text() == text)
  }

  @Test(arguments: DType.allCases)
  func `scalar constants survive, the special ones too`(dtype: DType) throws {
    let values: [Double] =
      dtype.isFloat ? [0, -0.0, 1.5, .infinity, -.infinity, .nan, 1e-40, 0.1] : [0, 1]
    for value in values {
      var builder = GraphBuilder(name: "f")
      builder.setResults(try builder.emit(Constant(value, dtype), []))
      let parsed = try Graph(parsing: builder.graph.text(), operations: operationTable)
      #expect(parsed.isEqual(to: builder.graph), "\(builder.graph)")
    }
  }

  @Test func `graphs that differ are not equal`() throws {
    let base =
      "func @f(%x: f32[n], variable %w: f32[n]) -> f32[n] requires n >= 1 {\n"
      + "  %0 = subtract %x, %w : f32[n]\n  update %w = %0\n  return %0\n}"
    let a = try Graph(parsing: base, operations: operationTable)
    for (old, new) in [
      ("@f", "@g"), ("%x: f32[n],", "%y: f32[n],"), ("%x, %w", "%w, %x"), ("subtract", "add"),
      ("n >= 1", "n >= 2"), ("update %w = %0", "update %w = %x"), ("return %0", "return %x"),
      ("variable %w", "%w"), ("%x, %w : f32[n]\n", "%x, %w : f32[n]\n  %1 = tanh %0 : f32[n]\n"),
    ] {
      var text = base.replacing(old, with: new)
      if old == "%x: f32[n]," { text = text.replacing("%x", with: "%y") }
      if old == "variable %w" { text = text.replacing("  update %w = %0\n", with: "") }
      let b = try Graph(parsing: text, operations: operationTable)
      #expect(!a.isEqual(to: b), "\(old) -> \(new)")
    }
    let renumbered = base.replacing("%0", with: "%17")
    #expect(a.isEqual(to: try Graph(parsing: renumbered, operations: operationTable)))
  }

  @Test func `a chain of 50,000 instructions prints and parses`() throws {
    var builder = GraphBuilder(name: "deep")
    var v = builder.addParameter(TensorType(.float32, ["n"]), name: "x")
    for _ in 0..<50_000 { v = try builder.make(Tanh(), v) }
    builder.setResults([v])
    let parsed = try Graph(parsing: builder.graph.text(), operations: operationTable)
    #expect(parsed.isEqual(to: builder.graph))
  }
}
