import Foundation
import Testing

@Suite struct DocumentationTests {
  @Test func `every link of the documentation leads to a file`() throws {
    let root = URL(fileURLWithPath: Command.root)
    let pages =
      ["README.md", "CHANGELOG.md", "IR/README.md"]
      + (try FileManager.default.contentsOfDirectory(atPath: root.path + "/docs"))
      .filter { $0.hasSuffix(".md") }.map { "docs/" + $0 }
    var links = 0
    for page in pages {
      let file = root.appendingPathComponent(page)
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/) {
        let target = String(match.1)
        if target.contains("://") { continue }
        links += 1
        let path = file.deletingLastPathComponent().appendingPathComponent(target).path
        #expect(FileManager.default.fileExists(atPath: path), "\(page): \(target)")
      }
    }
    #expect(links > 40)
  }
}
