import Foundation
import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct RenderingTests {
  private func diagnostic(at location: Location, _ message: String = "wrong") -> Diagnostic {
    Diagnostic(.invalidShape, message, at: location)
  }

  private func position(_ file: String, _ line: Int, _ column: Int) -> Location {
    Location(position: Location.Position(file: file, line: line, column: column))
  }

  private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "gnomon-\(UUID().uuidString).swift")
    try text.write(to: url, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path)
  }

  @Test func `a missing file leaves the position without a line of source`() {
    let text = diagnostic(at: position("/nowhere/main.swift", 3, 9)).description
    #expect(text == "error[G0007]: wrong\n  --> /nowhere/main.swift:3:9")
  }

  @Test func `an unknown place leaves the message`() {
    #expect(diagnostic(at: .unknown).description == "error[G0007]: wrong")
  }

  @Test func `paths below the current directory are relative`() {
    let here = FileManager.default.currentDirectoryPath
    let text = diagnostic(at: position("\(here)/Examples/main.swift", 1, 1)).description
    #expect(text.contains("--> Examples/main.swift:1:1"))
    let beside = diagnostic(at: position("\(here)-old/main.swift", 1, 1)).description
    #expect(beside.contains("--> \(here)-old/main.swift:1:1"))
  }

  @Test(arguments: [(9, 1), (1, 40), (1, 4), (2, 1), (1, 0), (0, 1), (-1, -1)])
  func `a file that has changed is not quoted`(line: Int, column: Int) throws {
    try withFile("let x = 1\n\nlet z = 3") { file in
      let text = diagnostic(at: position(file, line, column)).description
      #expect(!text.contains(" | "), "\(text)")
    }
  }

  @Test func `the last line needs no newline, and Windows line ends do not show`() throws {
    try withFile("let x = 1\r\nlet y = x\r") { file in
      for (line, shown) in [(1, "1 | let x = 1\n"), (2, "2 | let y = x\n")] {
        let text = diagnostic(at: position(file, line, 5)).description
        #expect(text.contains(shown), "\(text)")
        #expect(text.hasSuffix(" |     ^"), "\(text)")
      }
    }
  }

  @Test(arguments: [
    ("\tlet y = x", 6, 8, "    let y = x"),
    ("let 名前 = x + y", 16, 13, "let 名前 = x + y"),
    ("let é = x + y", 12, 10, "let é = x + y"),
    ("let e\u{301} = x", 11, 8, "let e\u{301} = x"),
    ("/* 🙂 */ x + y", 14, 11, "/* 🙂 */ x + y"),
    ("a\u{7}b + c", 5, 8, "a\\u{7}b + c"),
  ])
  func `the caret counts columns as a terminal does`(
    _ line: String, _ column: Int, _ indent: Int, _ text: String
  ) throws {
    let excerpt = try #require(SourceExcerpt(line: Array(line.utf8), column: column))
    #expect(excerpt.text == text)
    #expect(excerpt.indent == indent)
  }

  @Test(arguments: [1, 60, 150, 280, 400]) func `long lines are cut around the caret`(_ column: Int)
    throws
  {
    let line = Array((0..<400).map { $0 == column - 1 ? UInt8(ascii: "+") : UInt8(ascii: "x") })
    let excerpt = try #require(SourceExcerpt(line: line, column: column))
    #expect(excerpt.text.displayWidth <= 100)
    #expect(Array(excerpt.text)[excerpt.indent] == "+")
    #expect(excerpt.text.hasPrefix("…") == (column > 41))
    #expect(excerpt.text.hasSuffix("…") == (column < 400))
  }

  @Test func `names cannot break a line or reverse it`() {
    let name = "a\nb\u{202E}\u{2028}\t\u{1B}[31m"
    let text = Diagnostic(
      .invalidShape, "`\(name)` is wrong", at: position("x\ny.swift", 1, 1),
      evidence: [.init(label: name, type: TensorType(.float32, ["a\nb"]), markedAxes: [0])],
      rule: "a\nb", help: "c\nd"
    ).description
    #expect(text.split(separator: "\n").count == 6)
    #expect(
      !text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" || $0 == "\u{2028}" })
    #expect(text.contains("a\\nb\\u{202E}\\u{2028}\\t\\u{1B}[31m"))
  }

  @Test func `marked axes are underlined whatever the widths`() {
    let type = TensorType(.int8, ["幅", "n", 3])
    let text = Diagnostic(
      .invalidShape, "wrong", at: .unknown,
      evidence: [.init(label: "x", type: type, markedAxes: [2, 0, 7])]
    ).description
    #expect(
      text == """
        error[G0007]: wrong
           |   x : int8 [幅, n, 3]
           |             ^^     ^
        """)
  }

  @Test func `scopes are named from the inside out`() {
    let location = position("/nowhere/a.swift", 1, 1).inScope("layer dense_1").inScope("softmax")
    #expect(diagnostic(at: location).description.contains("= note: in softmax, in layer dense_1"))
  }

  @Test func `several mistakes end with their number, and uncaught ones begin on their own line`() {
    let one = diagnostic(at: .unknown)
    #expect(GnomonError([one]).description == "error[G0007]: wrong")
    let two = GnomonError([one, diagnostic(at: .unknown, "also")])
    #expect(two.description == "error[G0007]: wrong\n\nerror[G0007]: also\n\n2 errors")
    #expect(String(reflecting: two).hasPrefix("\nerror[G0007]"))
    #expect(two.localizedDescription == two.description)
  }

  @Test func `help names operands that Swift can name, others by their place`() {
    let x = Expr.input("x", .float32, [])
    let odd = Expr.input("a b", .float32, [])
    #expect("{0} * {1}".naming([x, odd]) == "x * right")
    #expect("{0} * {1}".naming([odd, exp(x)]) == "left * right")
    #expect("{0}.f({2})".naming([odd, x, exp(x)]) == "x1.f(x3)")
    #expect("{0}".naming([exp(x)]) == "x")
  }

  @Test func `one address is symbolicated alike from many threads`() async {
    let locations = (0..<100).map { _ in Expr.input("x", .float32, []).node.location }
    let lines = await withTaskGroup(of: [Int?].self) { group in
      for _ in 0..<8 { group.addTask { Location.resolved(locations).map { $0?.line } } }
      return await group.reduce(into: Set<Int?>()) { $0.formUnion($1) }
    }
    #expect(lines == [#line - 5])
  }
}
