package import GnomonIR
package import GnomonTensors

/// A compiled graph before it is text: kernels, the order they run in, and where every value lives.
package struct Program: Sendable {
  /// Where a value's elements are.
  package indirect enum Place: Hashable, Sendable {
    case input(Int)
    /// What a variable holds when the call begins.
    case variable(Int)
    case constant(Int)
    case output(Int)
    /// What a variable holds after the call; the same memory as `variable` when it is updated in place.
    case update(Int)
    /// A slot of the call's workspace.
    case slot(Int)
    /// What a carry of a loop is when the step begins.
    case carry(loop: Int, Int)
    /// What a carry of a loop becomes.
    case next(loop: Int, Int)
    /// The row of a loop's step, of `bytes` bytes.
    case row(of: Place, loop: Int, bytes: Dim)
  }

  package indirect enum Step: Sendable {
    /// A kernel with the places of its buffers, in their order.
    case run(kernel: Int, buffers: [Place])
    case branch(condition: Place, then: [Step], otherwise: [Step])
    case loop(StepLoop)
    /// Ends the call if the check with this number has failed.
    case checks(location: Int)
    /// Shows a value to the user, under the label with this number.
    case print(number: Int, Place)
  }

  /// What must hold when the program comes to it.
  package struct CheckPoint: Sendable {
    package var check: Check
    /// The line that the error names.
    package var location: Location
    /// The operands of the check and where they are at that moment.
    package var values: [(place: Place, type: TensorType)]
  }

  /// Steps that run again and again.
  package struct StepLoop: Sendable {
    /// What `Place` calls the loop.
    package var number: Int
    /// How often the steps run.
    package var count: Count
    package var carries: [Carry]
    package var steps: [Step]

    package enum Count: Sendable {
      /// A number of times; the rows go from the last to the first if reversed.
      case times(Dim, isReversed: Bool)
      /// As long as the steps leave true in the place.
      case whileTrue([Step], Place)
    }
  }

  /// A value that the steps of a loop hand on. No element is copied between two steps: only pointers
  /// change.
  package struct Carry: Sendable {
    /// What the first step takes.
    package var initial: Place
    package var target: Target
    /// Where the value after the last step goes, if anyone wants it.
    package var result: Place?
    package var bytes: Dim

    /// Where steps write the next value.
    package enum Target: Sendable {
      /// Two buffers in turn, so that the last of a known number of steps writes the first one.
      case alternating(Place, Place)
      /// The row of an output that keeps the value of every step.
      case row(Place)
    }
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
  /// How the memory of a variable's new value relates to that of the old one.
  package enum UpdateMemory: Sendable {
    /// Old values are read after new ones are written.
    case separate
    /// The same, if nobody else holds it.
    case inPlace
    /// The same: only a part is written. If somebody else holds it, it is copied first.
    case partial
  }

  /// For each update the variable it belongs to, and where its new value may be written.
  package var updates: [(variable: Int, memory: UpdateMemory)] = []
  package var checks: [CheckPoint] = []
  /// What is shown to the user while the program runs.
  package var prints: [(label: String, type: TensorType)] = []

  /// The name under which formulas know the number of workers of a call.
  package static let workers = "workers of the call"

  /// Whether some kernel calls a BLAS library where there is one.
  package var usesLibrary: Bool {
    kernels.contains { kernel in
      kernel.body.contains { if case .library = $0 { true } else { false } }
    }
  }

  /// Whether some kernel calls the runtime's routines on matrices.
  package var usesRoutines: Bool {
    kernels.contains { kernel in
      kernel.body.contains {
        guard case .parallel(let p) = $0 else { return false }
        return p.body.contains { if case .routine = $0 { true } else { false } }
      }
    }
  }

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
