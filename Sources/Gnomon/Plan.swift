internal import GnomonIR
package import GnomonKernels
public import GnomonTensors

/// What a call of a compiled function takes, before it is made: formulas in the named dimensions.
public struct Plan: Sendable, CustomStringConvertible {
  /// One kernel's share.
  public struct Kernel: Sendable {
    public let name: String
    /// Floating-point operations; a multiply-add counts 2, a division 4, a function what its
    /// polynomial takes.
    public let flops: Dim
    /// Bytes of the operands and results, each once.
    public let bytesMoved: Dim
  }

  public let kernels: [Kernel]
  /// The bytes of workspace beside arguments, variables and results; exactly what a call takes.
  public let workspaceBytes: Dim
  public let inputBytes: Dim
  public let variableBytes: Dim
  public let outputBytes: Dim
  /// Bytes of second copies that calls make of variables which cannot be updated in place.
  public let spareBytes: Dim

  public var flops: Dim { kernels.reduce(0) { $0 + $1.flops } }
  public var bytesMoved: Dim { kernels.reduce(0) { $0 + $1.bytesMoved } }
  /// The most memory that a call holds at any time, its arguments and variables included.
  public var peakBytes: Dim {
    workspaceBytes + inputBytes + variableBytes + outputBytes + spareBytes
  }

  package init(_ program: Program) {
    func bytes(_ types: [TensorType]) -> Dim {
      types.reduce(0) { $0 + $1.elementCount * Dim($1.dtype.byteCount) }
    }
    kernels = Plan.kernels(program.steps, program)
    workspaceBytes = program.arenaBytes
    inputBytes = bytes(program.inputTypes)
    variableBytes = bytes(program.variableTypes)
    outputBytes = bytes(program.outputTypes)
    spareBytes = bytes(
      program.updates.filter { $0.memory == .separate }.map { program.variableTypes[$0.variable] })
  }

  private static func kernels(_ steps: [Program.Step], _ program: Program) -> [Kernel] {
    steps.flatMap { step -> [Kernel] in
      switch step {
      case .run(let k, _):
        let kernel = program.kernels[k]
        return [Kernel(name: kernel.name, flops: kernel.flops, bytesMoved: kernel.bytes)]
      case .branch(_, let a, let b):
        // Only one side runs; the dearer one is not known, so both are listed.
        return Plan.kernels(a, program) + Plan.kernels(b, program)
      case .loop(let loop):
        let inside = Plan.kernels(loop.steps, program)
        switch loop.count {
        case .times(let n, _):
          return inside.map {
            Kernel(name: $0.name, flops: $0.flops * n, bytesMoved: $0.bytesMoved * n)
          }
        case .whileTrue(let condition, _):
          // How often is not known before; one step is listed.
          return Plan.kernels(condition, program) + inside
        }
      case .checks, .print: return []
      }
    }
  }

  /// A table, one line for each kernel.
  public var description: String {
    var rows = kernels.map { [$0.name, $0.flops.description, $0.bytesMoved.description] }
    rows.insert(["kernel", "flops", "bytes moved"], at: 0)
    rows.append(["all", flops.description, bytesMoved.description])
    let widths = (0..<3).map { c in rows.map { $0[c].count }.max() ?? 0 }
    var lines = rows.map { row in
      row.enumerated().map { c, text in
        text + String(repeating: " ", count: c == 2 ? 0 : widths[c] - text.count)
      }.joined(separator: "  ")
    }
    lines.append("")
    for (label, value) in [
      ("workspace", workspaceBytes), ("inputs", inputBytes), ("variables", variableBytes),
      ("outputs", outputBytes), ("spare copies of variables", spareBytes), ("peak", peakBytes),
    ] where value != 0 || label == "workspace" {
      lines.append("\(label): \(value) bytes")
    }
    return lines.joined(separator: "\n")
  }

  /// The peak in bytes for given sizes, or nil if a name is missing or the number overflows.
  public func peakBytes(_ sizes: [String: Int]) -> Int? { peakBytes.evaluated(names: sizes) }
}
