internal import GnomonCSyntax
internal import GnomonKernels

/// What the functions of a program are called outside of their unit.
package struct ProgramSymbols: Hashable, Sendable {
  /// What their names begin with: another for each program of one library.
  package let prefix: String
  /// Whether who loads the library finds the entry and the workspace.
  package let areVisible: Bool

  package init(prefix: String, areVisible: Bool) {
    self.prefix = prefix
    self.areVisible = areVisible
  }

  /// Those of a library with one program.
  package static let library = ProgramSymbols(prefix: "gn", areVisible: true)

  /// The entry: `int32_t f(const gn_context *, void *const *buffers, const int64_t *sizes)`.
  package var entry: String { prefix + "_entry" }

  /// The workspace: `int64_t f(const gn_context *, const int64_t *sizes)`, in bytes.
  package var workspace: String { prefix + "_workspace" }

  func kernel(_ index: Int, _ kernel: Kernel) -> String { "\(prefix)_k\(index)_\(kernel.name)" }

  var qualifiers: String { areVisible ? "__attribute__((visibility(\"default\")))" : "" }
}
