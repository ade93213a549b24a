import GnomonIR
import GnomonOperations
import GoldenFiles
import Testing

@Suite struct OperationsPageTests {
  @Test func `IR operations page is up to date`() throws {
    let page = try operationsPage(operationTable) { mnemonic in
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
