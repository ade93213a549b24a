import Foundation
import GnomonIR
import GnomonOperations
import GnomonPasses
import GnomonTensors
import GoldenFiles
import ProgramGenerator
import Testing

/// A golden of a pass: the graph before, `---`, the graph after the pass and `dead-values`, so that
/// only what is left of the program shows.
private func check(_ file: GoldenFile, _ pass: Pass) throws {
  let before = try Graph(parsing: file.sections[0], operations: operationTable, file: file.path)
  let after = try deadValues.run(try pass.run(before))
  try after.verify(after: pass.name)
  try file.check(1, equals: after.text())
}

@Suite struct GoldenTests {
  @Test(arguments: pipeline.map(\.name)) func `a pass turns before into after`(name: String) throws
  {
    let pass = try #require(pipeline.first { $0.name == name })
    writeMissing(name)
    for file in GoldenFile.all(in: "IR/passes/\(name)") { try check(file, pass) }
  }

  @Test(arguments: rulePasses.map(\.name)) func `every rule has a golden in which it is applied`(
    name: String
  ) throws {
    let pass = try #require(rulePasses.first { $0.name == name })
    writeMissing(name)
    for rule in pass.rules {
      let file = try GoldenFile("IR/passes/\(name)/\(rule.name.asFileName).ir")
      let graph = try Graph(parsing: file.sections[0], operations: operationTable, file: file.path)
      var fired: [String: Int] = [:]
      _ = try pass.run(graph, fired: &fired)
      #expect(fired[rule.name] != nil, "\(file.path) does not show \"\(rule.name)\"")
    }
  }

  @Test func `the documentation lists every rule`() throws {
    let path = "docs/rewrites.md"
    let text = try String(contentsOf: GoldenFile.root.appending(path: path), encoding: .utf8)
    let parts = text.components(separatedBy: "<!-- rules -->\n")
    try #require(parts.count == 3)
    var list = ""
    for pass in rulePasses {
      list += "\n### \(pass.name)\n\n\(pass.summary)\n\n| equation | exactness |\n| --- | --- |\n"
      for rule in pass.rules {
        let dtypes = rule.domain == .all ? "" : " (\(rule.domain))"
        list += "| `\(rule.name)`\(dtypes) | \(rule.exactness) |\n"
      }
    }
    list += "\n"
    try GoldenFile.check(
      path, equals: [parts[0], list, parts[2]].joined(separator: "<!-- rules -->\n"))
  }

  @Test func `the page of others' rewrites cites rules and passes that exist`() throws {
    let text = try String(
      contentsOf: GoldenFile.root.appending(path: "docs/rewrites-elsewhere.md"), encoding: .utf8)
    let known = Set(rulePasses.flatMap { $0.rules.map(\.name) } + pipeline.map(\.name))
    var count = 0
    for line in text.split(separator: "\n") where line.hasPrefix("| ") {
      let columns = line.split(separator: "|", omittingEmptySubsequences: false)
      guard columns.count == 5 else {
        Issue.record("not three columns: \(line)")
        continue
      }
      // Between backticks; what lies between two names is a space.
      for name in columns[2].split(separator: "`") where name.contains(where: { $0 != " " }) {
        guard columns[2].contains("`") else { continue }
        #expect(known.contains(String(name)), "\(name)")
        count += 1
      }
    }
    #expect(count > 100)
  }

  @Test func `no two rules share a golden`() {
    for pass in rulePasses {
      #expect(Set(pass.rules.map(\.name.asFileName)).count == pass.rules.count, "\(pass.name)")
    }
  }
}

/// Under `BLESS=1` a rule without a golden gets one: its left side over plain parameters, or the
/// smallest program that shows it.
private func writeMissing(_ name: String) {
  guard GoldenFile.isBlessing, let pass = rulePasses.first(where: { $0.name == name }) else {
    return
  }
  for rule in pass.rules {
    let path = "IR/passes/\(name)/\(rule.name.asFileName).ir"
    let url = GoldenFile.root.appending(path: path)
    if FileManager.default.fileExists(atPath: url.path) { continue }
    guard let graph = smallest(rule, pass) else { continue }
    try? FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? "// \(rule.name)\n\(graph.text())\n---\n".write(to: url, atomically: true, encoding: .utf8)
  }
}

private func smallest(_ rule: Rule, _ pass: RulePass) -> Graph? {
  var best: Graph?
  func consider(_ graph: Graph) {
    var fired: [String: Int] = [:]
    guard graph.violation() == nil, (try? pass.run(graph, fired: &fired)) != nil,
      fired[rule.name] != nil,
      best.map({
        graph.instructions.count + graph.parameters.count
          < $0.instructions.count + $0.parameters.count
      }) ?? true
    else { return }
    best = graph
  }
  if let left = rule.left {
    for dtype in [DType.float32, .int32, .bool]
    where rule.domain.contains(dtype) || rule.domain == .bools {
      if let graph = try? plain(left, dtype) { consider(graph) }
      if best != nil { return best }
    }
  }
  guard let step = plantings[rule.name] else { return nil }
  for seed in 0..<100 {
    guard
      let program = try? ProgramGenerator.program(
        seed: UInt64(seed), steps: 0, inputs: .tame, planted: [step])
    else { continue }
    var graph = program.graph
    graph.name = "f"
    graph = (try? deadValues.run(graph)) ?? graph
    let uses = graph.useCounts()
    var trimmed = graph
    trimmed.parameters = graph.parameters.filter { uses[$0.index] > 0 }
    consider(trimmed.renumbered(keeping: trimmed.instructions))
    consider(graph)
  }
  return best
}

/// The left side over parameters `x`, `y` … of one dtype.
private func plain(_ left: Pattern, _ dtype: DType) throws -> Graph {
  var builder = GraphBuilder(name: "f")
  var known: [Int: ValueID] = [:]
  func declare(_ pattern: Pattern, _ dtype: DType) {
    switch pattern {
    case .value(let i):
      if known[i] == nil {
        known[i] = builder.addParameter(
          TensorType(dtype, [4]), name: ["x", "y", "z", "w"][known.count])
      }
    case .number: break
    case .op(let op, let patterns):
      for (i, p) in patterns.enumerated() {
        declare(
          p,
          op is Select
            ? i == 0 ? .bool : dtype : op is any ComparisonOp && dtype == .bool ? .float32 : dtype)
      }
    }
  }
  declare(left, dtype)
  func build(_ pattern: Pattern, _ dtype: DType) throws -> ValueID {
    switch pattern {
    case .value(let i): return known[i]!
    case .number(let x): return try builder.make(Constant(x, dtype))
    case .op(let op, let patterns):
      return try builder.emit(op, patterns.map { try build($0, dtype) })[0]
    }
  }
  builder.setResults([try build(left, dtype)])
  return builder.graph
}

extension String {
  /// `x * 1 = x` as `x-times-1-is-x`.
  fileprivate var asFileName: String {
    let words: [Character: String] = [
      "*": " times ", "/": " over ", "+": " plus ", "=": " is ", "-": " minus ", "<": " less ",
      "^": " to ", "!": " not ",
    ]
    let spelled = map { words[$0] ?? ($0.isLetter || $0.isNumber || $0 == "." ? String($0) : " ") }
    return spelled.joined().split(separator: " ").joined(separator: "-")
  }
}
