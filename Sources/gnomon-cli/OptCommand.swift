internal import ArgumentParser
internal import Foundation
internal import GnomonIR
internal import GnomonKernels
internal import GnomonPasses

/// `gnomon opt`: passes on an IR file.
struct OptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "opt",
    abstract: "Runs passes on an IR file and prints what becomes of it.",
    discussion: """
      Without --pass the whole pipeline runs, again and again until nothing changes. Named passes \
      run once each, in the order given. The result goes to standard output, all else to standard \
      error.
      """)

  @OptionGroup var input: IRFile

  @Option(
    name: .customLong("pass"),
    help: "A pass to run, or several with commas; may be repeated. `gnomon passes` lists them.")
  var names: [String] = []

  @Flag(help: "Print the program after each pass that changes it.")
  var printAfterEach = false

  @Flag(help: "Print what each pass changes, line by line.")
  var diff = false

  @Flag(help: "Print the time of each pass.")
  var time = false

  @Flag(help: "Print why instructions of the result would share a kernel or not.")
  var traceFusion = false

  @Flag(help: "Print where each instruction comes from.")
  var locations = false

  /// The whole pipeline, or the named passes once each.
  private var chosen: Pipeline {
    if names.isEmpty { return Pipeline(verifies: true) }
    let passes = names.flatMap { $0.split(separator: ",") }.compactMap { name in
      Pass.all.first { $0.name == name }
    }
    var chosen = Pipeline(passes, verifies: true)
    chosen.maximumRounds = 1
    return chosen
  }

  func validate() throws {
    for name in names.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) })
    where !Pass.all.contains(where: { $0.name == name }) {
      throw ValidationError("there is no pass `\(name)`; `gnomon passes` lists them")
    }
  }

  func run() throws {
    let graphs = try input.graphs()
    for (i, graph) in graphs.enumerated() {
      var trace = PassTrace()
      let result = try chosen.run(graph, trace: &trace, text: shown)
      report(trace, graphs.count > 1 ? "@\(graph.name): " : "")
      if traceFusion { note(try FusionTrace(fusing: result).description) }
      print((i > 0 ? "\n" : "") + shown(result))
    }
  }

  private func shown(_ graph: Graph) -> String { graph.text(locations ? .locations : []) }

  private func report(_ trace: PassTrace, _ function: String) {
    for step in trace.steps {
      guard let before = step.before, let after = step.after, printAfterEach || diff else {
        continue
      }
      note("// \(function)\(step.pass), round \(step.round)")
      if diff { note(LineDiff(before, after).text) }
      if printAfterEach { note(after) }
    }
    guard time else { return }
    for step in trace.steps {
      let name = step.pass.padding(toLength: 24, withPad: " ", startingAt: 0)
      let count =
        step.isChanged ? "\(step.instructionsBefore) -> \(step.instructionsAfter)" : "unchanged"
      note("// \(function)\(step.round) \(name) \(milliseconds(step.duration)) ms  \(count)")
    }
    let total = trace.steps.reduce(Duration.zero) { $0 + $1.duration }
    let name = "all".padding(toLength: 24, withPad: " ", startingAt: 0)
    note("// \(function)  \(name) \(milliseconds(total)) ms")
  }

  private func milliseconds(_ duration: Duration) -> String {
    String(format: "%8.3f", duration / .milliseconds(1))
  }
}

extension Pass {
  /// What the command knows by name: the pipeline, and what gathers its result into kernels.
  static let all: [Pass] = pipeline + [.fuse]
}
