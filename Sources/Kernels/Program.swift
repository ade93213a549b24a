package import GnomonIR
package import GnomonTensors

/// A compiled graph before it is text: kernels, the order they run in, and where every value lives.
package struct Program: Sendable {
  /// Where a value's elements are.
  package enum Place: Hashable, Sendable {
    case input(Int)
    /// What a variable holds when the call begins.
    case variable(Int)
    case constant(Int)
    case output(Int)
    /// What a variable holds after the call; the same memory as `variable` when it is updated in place.
    case update(Int)
    /// A slot of the call's workspace.
    case slot(Int)
  }

  package indirect enum Step: Sendable {
    /// A kernel with the places of its buffers, in their order.
    case run(kernel: Int, buffers: [Place])
    case branch(condition: Place, then: [Step], otherwise: [Step])
    case checks(location: Int)
  }

  /// One slot of the workspace, in bytes.
  package struct Slot: Hashable, Sendable {
    package var bytes: Dim
  }

  package var kernels: [Kernel] = []
  package var steps: [Step] = []
  package var slots: [Slot] = []
  package var constants: [Tensor] = []
  package var inputTypes: [TensorType] = []
  package var variableTypes: [TensorType] = []
  package var outputTypes: [TensorType] = []
  /// For each update the variable it belongs to, and whether it may be written in place.
  package var updates: [(variable: Int, inPlace: Bool)] = []
  /// The lines that run-time errors name.
  package var locations: [Location] = []

  /// The name under which formulas know the number of workers of a call.
  package static let workers = "workers of the call"

  /// The bytes of the workspace: each slot rounded up to a cache line.
  package var arenaBytes: Dim {
    slots.reduce(Dim(0)) { $0 + Program.rounded($1.bytes) }
  }

  package static func rounded(_ bytes: Dim) -> Dim {
    (bytes + 63).quotient(dividingBy: 64) * 64
  }

  /// The named dimensions, in the order of the entry's `sizes`.
  package var dimensionNames: [String] {
    var names: [String] = []
    for type in inputTypes + variableTypes {
      for d in type.shape { for n in d.names.sorted() where !names.contains(n) { names.append(n) } }
    }
    return names
  }
}
