import GnomonIR
import GnomonOperations
import GnomonScalars
import GnomonTensors
import GoldenFiles
import Testing

@Suite struct OperationsPageTests {
  /// What `make sweep` measured of one function.
  private struct Measured {
    var error: Double
    var argument: String
    var every: Int
  }

  private func measured() throws -> [String: Measured] {
    var found: [String: Measured] = [:]
    let text = try GoldenFile("IR/float32-accuracy.tsv").sections[0]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: "\t").map(String.init)
      try #require(parts.count == 4, "\(line)")
      found[parts[0]] = Measured(
        error: try #require(Double(parts[1])), argument: parts[2],
        every: try #require(Int(parts[3])))
    }
    return found
  }

  /// The stated bound of a function in float32.
  private func bound(_ op: any ElementwiseOp.Type) -> Double {
    if let f = MathFunction(rawValue: op.mnemonic) { return f.ulpBound(.float32) }
    // One unit more: the statement counts from the rounded reference. A square root is rounded once.
    return op.accuracy == .exact ? 0.5 : op.accuracy.ulps + 1
  }

  @Test func `every function of one float has been swept, and keeps its bound`() throws {
    let measured = try measured()
    var functions: Set<String> = []
    for op in operationTable {
      guard let op = op as? any UnaryFloatOp.Type else { continue }
      functions.insert(op.mnemonic)
      let found = try #require(measured[op.mnemonic], "make sweep SWEEP=\(op.mnemonic)")
      #expect(found.error <= bound(op), "\(op.mnemonic): \(found.error) at \(found.argument)")
    }
    #expect(Set(measured.keys) == functions)
  }

  private func accuracy(_ measured: Measured, near: Double) -> String {
    let inputs =
      measured.every == 1
      ? "all 2^32 inputs" : "every \(measured.every)th block of 2^20 of all 2^32 inputs"
    let unit = near == 0 ? "ulp" : "units in the last place of the result, or of \(near)"
    let place = measured.error == 0 ? "" : ", at \(measured.argument)"
    return "Largest error in float32 over \(inputs): \(measured.error) \(unit)\(place)."
  }

  @Test func `IR operations page is up to date`() throws {
    let measured = try measured()
    let page = try operationsPage(
      operationTable,
      accuracy: { mnemonic in
        let op = operationTable.first { $0.mnemonic == mnemonic } as? any UnaryFloatOp.Type
        return measured[mnemonic].map { accuracy($0, near: op?.accuracy.near ?? 0) }
      }
    ) { mnemonic in
      let file = try sampleFile(mnemonic)
      let graphs = try Graph.parse(file.sections[0], operations: operationTable)
      let instruction = try #require(
        graphs.flatMap(\.instructions).first { $0.op.mnemonic == mnemonic })
      let line = try #require(
        file.sections[0].split(separator: "\n").first { $0.contains("= \(mnemonic)") })
      let shown = line.firstRange(of: " loc(").map { line[..<$0.lowerBound] } ?? line
      return (instruction, String(shown.drop { $0 == " " }))
    }
    try GoldenFile.check("IR/operations.md", equals: page)
  }

  @Test func `the example of the specification is a valid graph`() throws {
    let lines = try GoldenFile("IR/README.md").sections.joined(separator: "\n")
      .split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0.hasPrefix("    func @logistic") })
    let example = lines[start...].prefix { $0.hasPrefix("    ") }.joined(separator: "\n")
    _ = try Graph(parsing: example, operations: operationTable)
  }

  @Test func `the specification lists the constraints of graphs`() throws {
    let text = try GoldenFile("IR/README.md").sections.joined(separator: "\n---\n")
      .split { $0 == "\n" || $0 == " " }.joined(separator: " ")
    for (i, constraint) in Graph.constraints.enumerated() {
      #expect(text.contains("**V\(i + 1)** \(constraint)"), "V\(i + 1) in IR/README.md")
    }
  }
}
