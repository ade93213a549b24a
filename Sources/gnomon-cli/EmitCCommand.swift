internal import ArgumentParser
internal import Gnomon
internal import GnomonEmission
internal import GnomonIR
internal import GnomonKernels

/// `gnomon emit-c`: the C of a function.
struct EmitCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emit-c",
    abstract: "Prints the C that a function of an IR file becomes on this machine.")

  @OptionGroup var input: IRFile

  @Option(help: "The function, where the file holds several.")
  var function: String?

  @Flag(help: "Print the loops of every kernel, the step before the C.")
  var loops = false

  func run() throws {
    let stages = try Stages(try input.graph(named: function))
    if loops {
      print(stages.program.kernels.map(\.description).joined(separator: "\n"))
    } else {
      print(
        EmittedProgram(stages.program).units
          .joined(separator: "\n// ───── the next file\n\n"))
    }
  }
}
