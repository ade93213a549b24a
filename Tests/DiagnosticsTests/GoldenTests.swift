import TestSupport
import Foundation
import GoldenFiles
import Testing

/// What `diagnostic-cases` prints is what `Goldens/diagnostics.txt` holds. The same file is compared
/// with the release build by `scripts/check-diagnostics`.
@Suite struct GoldenTests {
  static let path = "Tests/DiagnosticsTests/Goldens/diagnostics.txt"

  private func output(_ arguments: String) throws -> String {
    let (status, text) = try BuiltExecutable("diagnostic-cases").run(
      [arguments], folder: GoldenFile.root)
    #expect(status == 0)
    return text
  }

  @Test func `faulty programs print what the golden file says`() throws {
    try GoldenFile.check(Self.path, equals: try output("all"))
  }

  @Test func `every faulty program has a diagnostic`() throws {
    let text = try output("all")
    #expect(!text.contains("no diagnostic"))
    let sections = text.components(separatedBy: "=== ").dropFirst()
    #expect(sections.count >= 100)
    for section in sections { #expect(section.contains("\nerror[G"), "\(section)") }
  }

  @Test func `the mistakes of a function's last expression are at that expression`() throws {
    let text = try output("all")
    let tails = text.components(separatedBy: "=== ").filter { $0.hasPrefix("place/tail") }
    #expect(tails.count >= 7)
    for tail in tails {
      let lines = tail.components(separatedBy: "\n")
      let place = try #require(lines.firstIndex { $0.contains("--> ") })
      let caret = try #require(lines[place + 2].firstIndex(of: "^"))
      let column = lines[place + 2].distance(from: lines[place + 2].startIndex, to: caret)
      let mark = lines[place + 1].dropFirst(column).prefix(1)
      #expect(["+", "*", "m", "r", "l", "["].contains(mark), "\(tail)")
    }
  }
}
