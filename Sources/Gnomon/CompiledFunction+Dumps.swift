internal import GnomonEmission
internal import GnomonIR
internal import GnomonKernels

extension CompiledFunction {
  /// The graph as it was built.
  public var ir: String { stages.graph.text() }
  /// The graph after the passes, gathered into kernels.
  public var optimizedIR: String { stages.fused.text() }
  /// Why instructions share a kernel or do not, a decision a line, in the order in which they were made.
  public var fusionTrace: String {
    (try? FusionTrace(fusing: stages.optimized).description) ?? ""
  }
  /// The loops of every kernel, before they are C.
  public var loops: String {
    stages.program.kernels.map(\.description).joined(separator: "\n")
  }
  /// The C that runs, a file after the other.
  public var cSource: String {
    EmittedProgram(stages.program).units.joined(separator: "\n// ───── the next file\n\n")
  }
  /// What a call takes: workspace, operations, bytes moved, as formulas in the named dimensions.
  public var plan: Plan { Plan(stages.program) }
  /// The number of kernels that a call runs.
  public var kernelCount: Int { stages.fused.instructions.count { $0.op is Fused } }
}
