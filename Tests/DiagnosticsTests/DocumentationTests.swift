import Foundation
import GnomonIR
import GoldenFiles
import Testing

@Suite struct DocumentationTests {
  /// The numbers of the sections, in order, with their bodies.
  private func sections() throws -> [(id: String, title: String, body: String)] {
    let text = try String(
      contentsOf: GoldenFile.root.appending(path: "docs/errors.md"), encoding: .utf8)
    return text.components(separatedBy: "\n## ").dropFirst().map { section in
      let lines = section.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      let heading = lines[0].components(separatedBy: " — ")
      let body = lines.count > 1 ? lines[1].components(separatedBy: "\n# ")[0] : ""
      return (heading[0], heading.count > 1 ? heading[1] : "", body)
    }
  }

  @Test func `every number has a section, and every section a number`() throws {
    #expect(try sections().map(\.id) == DiagnosticCode.allCases.map(\.id))
  }

  @Test func `every section has a title and an example`() throws {
    for section in try sections() {
      #expect(!section.title.isEmpty, "\(section.id)")
      #expect(section.body.contains("\n    "), "\(section.id)")
    }
  }
}
