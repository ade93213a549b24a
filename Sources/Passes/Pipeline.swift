package import GnomonIR

/// The passes in their order. The list is run again until a round changes nothing, at most
/// `Pipeline.rounds` times: passes open the way for one another. Then the closing ones run.
package let pipeline: [Pass] = [
  inlineRegions,  // before all others: what only differentiation looked at stands in their way
  removeIdentities.pass,  // first: they hide the patterns of all others
  canonicalOrder,  // rules look for constants on the right; equal sums become the same text
  commonSubexpressions,  // a pattern that names a value twice finds one value
  joinLoops,  // while a loop and the one that keeps more of it still look alike
  foldConstants,  // rules with constants see numbers, not expressions
  resolveBranches,  // what a taken side holds joins the rest before the rules look at it
  simplifyLoops,  // constants move into steps before the rules look at them
  stabilize.pass,  // before other identities take the formulas it knows apart
  simplifyAlgebra.pass,
  simplifySelections.pass,
  simplifyShapes.pass,  // after arithmetic has dropped what stood between two views
  simplifyIndexing.pass,
  foldTransposes.pass,  // only the transposes that did not cancel
  mergeReductions.pass,  // views between reductions are gone
  hoistFromLoops,  // steps are simplified, so that what moves out is final
  orderProducts,  // after what does not change has left the loops: there it is computed once
  deadValues,  // last of a round: removes what the others left behind
  divideOnce.pass,  // closing: stabilize knows derivatives of quotients by their divisions
]

/// The passes of the pipeline that are lists of rules.
package let rulePasses: [RulePass] = [
  removeIdentities, stabilize, simplifyAlgebra, simplifySelections, simplifyShapes,
  simplifyIndexing, foldTransposes, mergeReductions, divideOnce,
]

/// Runs the passes.
package struct Pipeline: Sendable {
  package var passes: [Pass]
  /// Whether each pass's result is verified; on in debug builds.
  package var verifies: Bool
  /// How often the list is run at most.
  package static let rounds = 4
  package var maximumRounds = Pipeline.rounds

  package init(_ passes: [Pass] = pipeline, verifies: Bool? = nil) {
    self.passes = passes
    var isDebug = false
    assert(
      {
        isDebug = true; return true
      }())
    self.verifies = verifies ?? isDebug
  }

  package func run(_ graph: Graph) throws -> Graph {
    var trace = PassTrace()
    return try run(graph, trace: &trace, text: nil)
  }

  /// Runs the passes and records each in `trace`; with `text`, also the graph around each pass that
  /// changed it.
  package func run(
    _ graph: Graph, trace: inout PassTrace, text: ((Graph) -> String)?
  ) throws -> Graph {
    var graph = graph
    let clock = ContinuousClock()
    /// Whether some pass of the list changed the graph.
    func sweep(_ passes: [Pass], round: Int) throws -> Bool {
      var hasChanged = false
      for pass in passes {
        let start = clock.now
        let result = try pass.run(graph)
        let duration = clock.now - start
        if verifies { try result.verify(after: pass.name) }
        let isChanged = !result.isSameProgram(as: graph)
        hasChanged = hasChanged || isChanged
        trace.steps.append(
          PassTrace.Step(
            pass: pass.name, round: round, duration: duration,
            instructionsBefore: graph.totalInstructionCount,
            instructionsAfter: result.totalInstructionCount, isChanged: isChanged,
            before: isChanged ? text?(graph) : nil, after: isChanged ? text?(result) : nil))
        graph = result
      }
      return hasChanged
    }
    let repeated = passes.filter { !$0.isClosing }
    var round = 1
    while try sweep(repeated, round: round), round < maximumRounds { round += 1 }
    _ = try sweep(passes.filter(\.isClosing), round: round)
    return graph
  }
}

/// What each pass did.
package struct PassTrace: Sendable {
  package struct Step: Sendable {
    package var pass: String
    package var round: Int
    package var duration: Duration
    package var instructionsBefore: Int
    package var instructionsAfter: Int
    package var isChanged: Bool
    /// The text around the pass; only when it changed the graph and text was asked for.
    package var before: String?
    package var after: String?
  }
  package var steps: [Step] = []
  package init() {}
}
