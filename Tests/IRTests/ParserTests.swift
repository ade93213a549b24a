import GnomonIR
import GnomonOperations
import GnomonTensors
import GoldenFiles
import TestSupport
import Testing

@Suite struct ParserTests {
  private func failure(_ text: String) -> Diagnostic? {
    do {
      _ = try Graph.parse(text, operations: operationTable, file: "f.ir")
      return nil
    } catch { return error.diagnostics.first }
  }

  /// Every refusal is a file of `IR/verifier/` with `// error: message` on the faulty line.
  @Test(arguments: GoldenFile.all(in: "IR/verifier"))
  func `a refusal names the line and the constraint`(file: GoldenFile) throws {
    let lines = file.sections[0].split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(lines.firstIndex { $0.contains("// error: ") })
    let expected = try #require(lines[line].firstRange(of: "// error: "))
    let diagnostic = try #require(failure(file.sections[0]), "nothing was refused")
    #expect(diagnostic.location.position?.line == line + 1)
    #expect(diagnostic.message == lines[line][expected.upperBound...])
  }

  @Test func `every constraint that text can break has a refusal`() {
    let files = GoldenFile.all(in: "IR/verifier").map(\.name)
    // V13 is about the arrays behind a graph; VerifierTests has it.
    for number in 1...12 {
      #expect(files.contains { $0.hasPrefix("V\(number)-") }, "IR/verifier/V\(number)-….ir")
    }
    #expect(Graph.constraints.count == 13)
  }

  @Test(arguments: [
    ("", 1, 1), ("func", 1, 5), ("func @f(", 1, 9), ("func @f() -> () {\n  return\n", 3, 1),
    ("func @f() -> () {\n  return\n}\nfunc @f() -> () {\n  return\n}", 4, 1),
    ("func @f(%x f32[]) -> () { return }", 1, 12),
    ("func @f(%x: f33[]) -> () { return }", 1, 13),
    ("func @f(%x: f32[99999999999999999999]) -> () { return }", 1, 17),
    ("func @f(%x: f32[]) -> f32[] {\n %0 = tanh %x {a = 1} : f32[]\n return %0 }", 2, 20),
    ("func @f(%x: f32[]) -> f32[] {\n %0 = sum %x : f32[]\n return %0 }", 2, 14),
    ("func @f(%x: f32[]) -> f32[] {\n %0 = sum %x {axes = [0.5]} : f32[]\n return %0 }", 2, 23),
    ("func @f(%x: f32[]) -> f32[] {\n %0 = sum %x {axes = [1], axes = [2]} : f32[] }", 2, 27),
    ("func @f(%x: f32[]) -> f32[] {\n %0 = unheard %x : f32[]\n return %0 }", 2, 7),
    ("func @f(%99999999999: f32[]) -> () { return }", 1, 10),
    ("func @f(%\"no end: f32[]) -> () { return }", 1, 10),
  ])
  func `a mistake in the text is an error with its place`(text: String, line: Int, column: Int) {
    guard !text.isEmpty else {
      #expect(throws: GnomonError.self) { try Graph(parsing: text, operations: operationTable) }
      return
    }
    let found = failure(text)
    #expect(found?.location.position == .init(file: "f.ir", line: line, column: column))
  }

  @Test func `both types are named when they differ`() {
    let found = failure(
      "func @f(%x: f32[n]) -> f64[n] {\n  %0 = tanh %x : f64[n]\n  return %0\n}")
    #expect(
      found?.message == "V4: the rule of tanh gives f32[n], but the graph says f64[n]")
  }

  @Test func `comments, spaces and line ends do not matter`() throws {
    let a = try Graph(
      parsing: "// first\nfunc\n@f // name\n( %x :f32[ n ,2*n+1 ])->f32[n,2*n + 1]{return%x}//",
      operations: operationTable)
    #expect(a.text() == "func @f(%x: f32[n, 2*n + 1]) -> f32[n, 2*n + 1] {\n  return %x\n}")
  }

  @Test func `instructions can be placed at their line of the text`() throws {
    let text = "func @f(%x: f32[]) -> f32[] {\n  %0 = tanh %x : f32[]\n  return %0\n}"
    let graph = try Graph(
      parsing: text, operations: operationTable, file: "f.ir", placing: true)
    #expect(
      graph.location(of: graph.instructions[0]).position
        == .init(file: "f.ir", line: 2, column: 3))
  }

  @Test(arguments: [
    String(repeating: "(", count: 100_000), String(repeating: "[", count: 100_000),
    String(repeating: "{", count: 100_000), String(repeating: "-", count: 100_000),
    String(repeating: "floor(", count: 50_000), "((a+b+c+d+e+f)*(g+h+i+j+k+l))*(m+n+o+p+q+r+s)",
    "9223372036854775807*9223372036854775807", "floor(1, 0 - 1)*4611686018427387903*8",
  ])
  func `hostile nesting and numbers are refused`(hostile: String) {
    for text in [
      hostile, "func @f(%x: f32[\(hostile)]) -> () { return }",
      "func @f(%x: f32[n]) -> () { %0 = sum %x {axes = \(hostile)} : f32[] return }",
      "func @f(%x: f32[n]) -> () { %0 = reshape %x {shape = [\(hostile)]} : f32[] return }",
      "func @f(%x: f32[n]) -> () requires n >= \(hostile) { return }",
    ] {
      #expect(failure(text) != nil)
    }
  }

  @Test(arguments: [
    ("f32", "[0, 4611686018427387903, 4611686018427387903]", ""), ("f32", "[-1, -4]", "AACAPw=="),
    ("f32", "[4611686018427387903, 4611686018427387903, 0]", ""), ("f32", "[1]", "AAC"),
    ("f32", "[2]", "AACAPw=="), ("f33", "[1]", "AACAPw=="), ("bool", "[1]", "Bw=="),
    ("f32", "[\(String(repeating: "1, ", count: 5000))1]", "AACAPw=="),
  ])
  func `constant arrays whose bytes do not fit are refused`(
    dtype: String, shape: String, base64: String
  ) {
    #expect(
      failure(
        "func @f() -> () {\n  %0 = dense {data = {dtype = \"\(dtype)\", shape = \(shape), "
          + "base64 = \"\(base64)\"}} : \(dtype == "bool" ? "bool" : "f32")[1]\n  return\n}") != nil
    )
  }

  @Test func `mutated and truncated texts never stop the process`() throws {
    var random = SeededRandom(17)
    let samples = GoldenFile.all(in: "IR/roundtrip").map { Array($0.sections[0].utf8) }
    let tokens = [
      "%0", "%x", "f32[n]", "{", "}", "[", "]", "-1", "99999999999", "n*n", "\"", "(",
      "= ", ": ", "loc(", "requires ", "return ", "sum ", "add ", "nil", "nan", "0", "//", "\\u{",
    ]
    var accepted = 0
    for round in 0..<6000 {
      var text = samples[round % samples.count]
      for _ in 0..<Int.random(in: 1...3, using: &random) where !text.isEmpty {
        let at = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: text.removeSubrange(at...)
        case 1: text.remove(at: at)
        case 2: text[at] = UInt8.random(in: 0...255, using: &random)
        case 3: text.insert(contentsOf: tokens.randomElement(using: &random)!.utf8, at: at)
        case 4:
          let end = min(text.count, at + Int.random(in: 1...30, using: &random))
          text.insert(contentsOf: Array(text[at..<end]), at: at)
        default:
          let other = samples.randomElement(using: &random)!
          let from = Int.random(in: 0..<other.count, using: &random)
          text.replaceSubrange(at..., with: other[from...])
        }
      }
      let source = String(decoding: text, as: UTF8.self)
      guard let graphs = try? Graph.parse(source, operations: operationTable) else { continue }
      accepted += 1
      // What is accepted is a valid graph, and prints as a text that means the same.
      for graph in graphs {
        try graph.verify()
        let again = try Graph(parsing: graph.text(), operations: operationTable)
        #expect(again.isEqual(to: graph))
      }
    }
    #expect(accepted > 100)
  }
}
