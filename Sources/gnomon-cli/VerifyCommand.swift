internal import ArgumentParser
internal import GnomonIR
internal import GnomonPasses

/// `gnomon verify`: whether a file is a valid program.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks an IR file against the specification.",
    discussion: "A mistake is shown at its line with the constraint it breaks; the status is 1.")

  @OptionGroup var input: IRFile

  func run() throws {
    // The parser verifies what it reads.
    for graph in try input.graphs() {
      let count = graph.totalInstructionCount
      print("@\(graph.name): valid, \(count) \(count == 1 ? "instruction" : "instructions")")
    }
  }
}
