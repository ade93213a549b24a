import GnomonIR
import GnomonOperations
import GnomonPasses
import GnomonTensors
import ProgramGenerator
import Testing
import TestSupport

/// A pass under test, and how often it did something.
struct Candidate: Sendable {
  var name: String
  /// The graph after, and how often each rule was applied.
  var run: @Sendable (Graph) throws -> (Graph, [String: Int])

  init(_ pass: Pass) {
    name = pass.name
    run = { graph in
      let after = try pass.run(graph)
      return (after, after.isSameProgram(as: graph) ? [:] : [pass.name: 1])
    }
  }

  init(_ pass: RulePass) {
    name = pass.name
    run = { graph in
      var fired: [String: Int] = [:]
      let after = try pass.run(graph, fired: &fired)
      // How many rules were applied does not matter, only that each was.
      return (after, fired.mapValues { _ in 1 })
    }
  }
}

private let structural = pipeline.filter { pass in
  pass.isExact && !rulePasses.contains { $0.name == pass.name }
}

/// Passes that are no lists of rules and may change a bit.
private let roundingPasses = pipeline.filter { pass in
  !pass.isExact && !rulePasses.contains { $0.name == pass.name }
}

/// The pass without the rules that may change a bit.
private func exactPart(_ pass: RulePass) -> RulePass {
  RulePass(pass.name, pass.summary, pass.rules.filter { $0.exactness == .exact })
}

/// Every pass of the pipeline without inexact rules, then all of them to a fixpoint.
private let exactCandidates: [Candidate] = {
  var passes = pipeline.compactMap { pass in
    rulePasses.first { $0.name == pass.name }.map { exactPart($0).pass }
      ?? (pass.isExact ? pass : nil)
  }
  let all = Pipeline(passes)
  passes = structural
  return passes.map { Candidate($0) } + rulePasses.map { Candidate(exactPart($0)) }
    + [Candidate(Pass("pipeline", "") { try all.run($0) })]
}()

private let exactRules = rulePasses.flatMap(\.rules).filter { $0.exactness == .exact }.map(\.name)
/// The passes that may change a bit are among them.
private let inexactRules =
  rulePasses.flatMap(\.rules).filter { $0.exactness != .exact }.map(\.name)
  + roundingPasses.map(\.name)

/// A difference that a pass made, with what is needed to see it again.
struct Disagreement: Error, CustomStringConvertible {
  var description: String
  init(_ pass: String, _ program: GeneratedProgram, _ after: Graph?, _ what: String) {
    description = """
      \(pass), seed \(program.seed): \(what)
      before:
      \(program.graph.text())
      after:
      \(after?.text() ?? "-")
      """
  }
}

/// The results, or nil when an index was out of range.
private func results(_ graph: Graph, _ arguments: [Tensor]) throws -> [Tensor]? {
  do { return try Interpreter(graph).run(arguments) } catch is LocatedFailure { return nil }
}

private func sameBits(_ a: Tensor, _ b: Tensor) -> Bool {
  guard a.dtype == b.dtype, a.shape == b.shape else { return false }
  if a.identical(to: b) { return true }
  guard a.dtype.isFloat else { return false }
  return zip(zip(a.bits, b.bits), zip(a.doubles, b.doubles)).allSatisfy { bits, values in
    bits.0 == bits.1 || (values.0.isNaN && values.1.isNaN)
  }
}

/// Checks one program and returns what was applied to it.
private func referee(
  _ program: GeneratedProgram, _ candidates: [Candidate],
  agree: (Tensor, Tensor) -> Bool
) throws -> [String: Int] {
  var counts: [String: Int] = [:]
  if let violation = program.graph.violation() {
    throw Disagreement("generator", program, nil, program.graph.report(violation))
  }
  let before: [Tensor]?
  do { before = try results(program.graph, program.arguments) } catch {
    throw Disagreement("generator", program, nil, "\(error)")
  }
  for candidate in candidates {
    let after: Graph
    let fired: [String: Int]
    do { (after, fired) = try candidate.run(program.graph) } catch {
      throw Disagreement(candidate.name, program, nil, "\(error)")
    }
    counts.merge(fired, uniquingKeysWith: +)
    if after.isSameProgram(as: program.graph) { continue }
    if let violation = after.violation() {
      throw Disagreement(candidate.name, program, after, after.report(violation))
    }
    guard after.regionType == program.graph.regionType else {
      throw Disagreement(candidate.name, program, after, "the function's type changed")
    }
    guard let before else { continue }
    do {
      guard let now = try results(after, program.arguments) else {
        throw Disagreement(candidate.name, program, after, "it fails now")
      }
      for (i, (a, b)) in zip(before, now).enumerated() where !agree(a, b) {
        throw Disagreement(
          candidate.name, program, after, "result \(i) was\n\(a)\nand is\n\(b)")
      }
    } catch let error where !(error is Disagreement) {
      throw Disagreement(candidate.name, program, after, "\(error)")
    }
  }
  return counts
}

/// Runs `body` for each seed on all cores; sums the counts and collects what failed.
private func overSeeds(
  _ seeds: Range<UInt64>, _ body: @escaping @Sendable (UInt64) throws -> [String: Int]
) async -> (counts: [String: Int], failures: [any Error]) {
  await withTaskGroup(of: ([String: Int], [any Error]).self) { group in
    let chunk: UInt64 = 50
    for start in stride(from: seeds.lowerBound, to: seeds.upperBound, by: Int(chunk)) {
      group.addTask {
        var counts: [String: Int] = [:]
        var failures: [any Error] = []
        for seed in start..<Swift.min(start + chunk, seeds.upperBound) {
          do { counts.merge(try body(seed), uniquingKeysWith: +) } catch { failures.append(error) }
        }
        return (counts, failures)
      }
    }
    var all: ([String: Int], [any Error]) = ([:], [])
    for await (counts, failures) in group {
      all.0.merge(counts, uniquingKeysWith: +)
      all.1 += failures
    }
    return all
  }
}

private func report(_ counts: [String: Int], _ names: [String], _ failures: [any Error]) {
  for failure in failures.prefix(3) { Issue.record(failure) }
  #expect(failures.isEmpty, "\(failures.count) programs in all")
  for name in names.sorted() { print("  \(counts[name] ?? 0)  \(name)") }
  let rare = names.filter { counts[$0] ?? 0 < 20 }.map { "\($0): \(counts[$0] ?? 0)" }
  #expect(rare.isEmpty, "each must be applied in at least 20 programs")
}

@Suite struct RefereeTests {
  @Test func `the catalogue has a step for every op`() {
    let known = Set(catalogue.compactMap { $0.op.map { ObjectIdentifier($0) } })
    // Made by the fusion of kernels, which comes after the passes; and what writes to the terminal.
    let others: Set = [
      ObjectIdentifier(Fused.self), ObjectIdentifier(Copy.self), ObjectIdentifier(Printed.self),
    ]
    for op in operationTable where !known.union(others).contains(ObjectIdentifier(op)) {
      // Any two matrices may have factors without a digit in common where one is nearly singular, so
      // random operands say nothing: LinearAlgebraTests compare these on chosen ones.
      if op is any RoutineOp.Type { continue }
      Issue.record("no step makes \(op.mnemonic)")
    }
  }

  @Test func `every rule has a planting`() {
    for name in exactRules + inexactRules { #expect(plantings[name] != nil, "\(name)") }
    #expect(Set(exactRules + inexactRules).count == exactRules.count + inexactRules.count)
  }

  @Test func `exact passes keep every bit of generated programs`() async {
    let (counts, failures) = await overSeeds(0..<1000) { seed in
      var chosen = (0..<5).compactMap {
        plantings[exactRules[(Int(seed) * 5 + $0) % exactRules.count]]
      }
      if seed % 8 == 0 { chosen.append(decidedBranch) }
      if seed % 8 == 2 { chosen.append(Step(several: "twin loops") { g in try g.twinScans() }) }
      if seed % 8 == 1 {
        let inside = chosen
        chosen = [Step(several: "in a branch") { g in try g.branch(planted: inside) }]
      }
      let program = try ProgramGenerator.program(seed: seed, steps: 10, planted: chosen)
      return try referee(program, exactCandidates, agree: sameBits)
    }
    report(counts, exactRules + structural.map(\.name), failures)
  }

  /// StabilizeTests holds the rules to the truth where the forms before them overflow or cancel.
  @Test func `rules that round or stabilize agree within a tolerance`() async {
    let candidates =
      rulePasses.map { Candidate($0) } + roundingPasses.map { Candidate($0) } + [
        Candidate(Pass("pipeline", "") { try Pipeline().run($0) })
      ]
    let count = UInt64(max(1200, inexactRules.count * 32))
    let (counts, failures) = await overSeeds(0..<count) { seed in
      // Two rules in one program may meet.
      let chosen = [0, seed / 7].map {
        plantings[inexactRules[Int(seed + $0) % inexactRules.count]]!
      }
      let program = try ProgramGenerator.program(
        seed: seed, steps: 0, inputs: .tame, planted: seed % 2 == 0 ? chosen : [chosen[0]])
      return try referee(program, candidates) { a, b in
        let rough = a.dtype == .float16 || a.dtype == .bfloat16
        let eps = a.dtype == .float64 ? 1e-11 : rough ? 2e-2 : 2e-5
        return a.dtype == b.dtype && b.allClose(a, rtol: eps, atol: eps)
      }
    }
    report(counts, inexactRules, failures)
  }
}

/// A branch that is decided by a constant, or by both sides being the same.
private let decidedBranch = Step(several: "decided branch") { g in
  g.random.chance(1, of: 2)
    ? try g.branch(same: true)
    : try g.branch(condition: g.number(Double(g.random.below(2)), .bool))
}
