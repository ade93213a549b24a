internal import GnomonCSyntax
package import GnomonKernels
internal import GnomonTensors

/// The C of a program: one entry function and the kernels, spread over units that compile at the same
/// time.
package struct EmittedProgram: Sendable {
  /// Complete C files.
  package let units: [String]
  /// The entry: `int32_t f(const gn_context *, void *const *buffers, const int64_t *sizes)`.
  package static let entry = "gn_entry"
  /// The workspace: `int64_t f(const gn_context *, const int64_t *sizes)`, in bytes.
  package static let workspace = "gn_workspace"

  package init(_ program: Program, maximumUnits: Int = 2) {
    var emitted: [(functions: [CFunction], helpers: Helpers)] = []
    for (i, kernel) in program.kernels.enumerated() {
      var emitter = KernelEmitter(kernel, name: CNames.kernel(i, kernel), helpers: Helpers())
      emitter.emit()
      emitted.append((emitter.functions, emitter.helpers))
    }
    // Units of about equal length: the largest kernels first, each to the shortest unit. Small
    // programs are not worth a second compiler.
    let sizes = emitted.map { e in
      e.functions.reduce(0) { $0 + $1.body.lineCount } + e.helpers.functions.count * 4
    }
    let total = sizes.reduce(0, +)
    let count = max(1, min(maximumUnits, total / 60, program.kernels.count))
    var load = [Int](repeating: 0, count: count)
    var assignment = [[Int]](repeating: [], count: count)
    for k in sizes.indices.sorted(by: { (sizes[$0], $1) > (sizes[$1], $0) }) {
      let u = load.indices.min { load[$0] < load[$1] }!
      load[u] += sizes[k]
      assignment[u].append(k)
    }
    units = assignment.enumerated().map { u, kernels in
      EmittedProgram.unit(
        program, kernels.sorted().map { emitted[$0] }, hasEntry: u == 0)
    }
  }

  private static func unit(
    _ program: Program, _ kernels: [(functions: [CFunction], helpers: Helpers)], hasEntry: Bool
  ) -> String {
    var types: [String] = []
    var helpers: [(name: String, text: String)] = []
    for (_, own) in kernels {
      for t in own.types where !types.contains(t) { types.append(t) }
      for f in own.functions where !helpers.contains(where: { $0.name == f.name }) {
        helpers.append(f)
      }
    }
    var printer = CPrinter()
    for (functions, _) in kernels { for f in functions { printer.function(f) } }
    if hasEntry {
      for (i, kernel) in program.kernels.enumerated() {
        printer.line(
          "void \(CNames.kernel(i, kernel))(const gn_context *, void *const *, const int64_t *);")
      }
      printer.line("")
      printer.function(EntryEmitter(program).workspace())
      printer.function(EntryEmitter(program).entry())
    }
    let body = printer.text
    let helperText = helpers.map { $0.text.replacing("NAME", with: $0.name) }.joined(
      separator: "\n")
    let everything = helperText + body
    var text = Prelude.text
    for t in types.sorted() {
      if let definition = VectorTypes.definition(t) { text += definition + "\n" }
    }
    if everything.contains("__AVX512F__") { text += Prelude.maskedTypes }
    text += "\n"
    for (name, definition) in Prelude.functions where everything.contains(name + "(") {
      text += definition + "\n"
    }
    return text + helperText + "\n\n" + body
  }
}

extension CNames {
  /// The C name of a program's kernel.
  static func kernel(_ index: Int, _ kernel: Kernel) -> String { "gn_k\(index)_\(kernel.name)" }
}

extension [CStatement] {
  var lineCount: Int {
    reduce(0) { total, s in
      switch s {
      case .loop(_, _, _, _, let inner), .block(let inner): total + 2 + inner.lineCount
      case .conditional(_, let a, let b): total + 2 + a.lineCount + b.lineCount
      default: total + 1
      }
    }
  }
}

/// The function that runs the kernels in order.
private struct EntryEmitter {
  let program: Program
  let names: [String: String]
  private let order: [String]

  init(_ program: Program) {
    self.program = program
    order = program.dimensionNames
    var names = CNames.unique(order, prefix: "n_")
    names[Program.workers] = "workers"
    self.names = names
  }

  private func size(_ d: Dim) -> CExpression { CIndex.expression(d) { names[$0] ?? "0" } }

  /// Declarations of the named sizes that `formulas` use.
  private func sizes(_ formulas: [Dim]) -> [CStatement] {
    let used = formulas.reduce(into: Set<String>()) { $0.formUnion($1.names) }
    var lines: [CStatement] = []
    for (i, n) in order.enumerated() where used.contains(n) {
      lines.append(.declare("const int64_t", names[n]!, .subscripted("sizes", .integer(i))))
    }
    if lines.isEmpty { lines.append(.expression(.cast("void", "sizes"))) }
    if used.contains(Program.workers) {
      lines.append(.declare("const int64_t", "workers", .arrow("context", "threads")))
    }
    return lines
  }

  func workspace() -> CFunction {
    let total = program.arenaBytes
    var body = sizes([total])
    if !total.names.contains(Program.workers) { body.append(.expression(.cast("void", "context"))) }
    body.append(.returned(size(total)))
    return CFunction(
      comment: ["The bytes of workspace that a call with these sizes needs."],
      qualifiers: "__attribute__((visibility(\"default\")))", result: "int64_t",
      name: EmittedProgram.workspace,
      parameters: [("const gn_context *", "context"), ("const int64_t *", "sizes")], body: body)
  }

  func entry() -> CFunction {
    var formulas = program.slots.dropLast().map(\.bytes)
    func collect(_ steps: [Program.Step]) {
      for s in steps {
        switch s {
        case .run(let k, _):
          formulas += program.kernels[k].sizeNames.filter { $0 != Program.workers }
            .map { Dim(named: $0) }
        case .branch(_, let a, let b):
          collect(a)
          collect(b)
        case .checks: break
        }
      }
    }
    collect(program.steps)
    var body = sizes(formulas)
    var offset = Dim(0)
    for (i, slot) in program.slots.enumerated() {
      body.append(
        .declare("char *const", "slot\(i)", .arrow("context", "arena") + size(offset)))
      offset = offset + Program.rounded(slot.bytes)
    }
    body += steps(program.steps)
    body.append(.returned(0))
    if program.kernels.isEmpty && program.slots.isEmpty {
      body.insert(.expression(.cast("void", "context")), at: 0)
      body.insert(.expression(.cast("void", "buffers")), at: 0)
    }
    return CFunction(
      comment: ["Buffers: inputs, variables, constants, outputs, updated variables."],
      qualifiers: "__attribute__((visibility(\"default\")))", result: "int32_t",
      name: EmittedProgram.entry,
      parameters: [
        ("const gn_context *", "context"), ("void *const *", "buffers"),
        ("const int64_t *", "sizes"),
      ], body: body)
  }

  private func steps(_ list: [Program.Step]) -> [CStatement] {
    list.flatMap { step -> [CStatement] in
      switch step {
      case .run(let k, let places):
        let kernel = program.kernels[k]
        var lines: [CStatement] = []
        if places.isEmpty {
          lines.append(.declare("void *const *const", "b", 0))
        } else {
          lines.append(.declare("void *const", "b[]", .compoundList(places.map(pointer))))
        }
        let names = kernel.sizeNames
        if names.isEmpty {
          lines.append(.declare("const int64_t *const", "s", 0))
        } else {
          lines.append(
            .declare(
              "const int64_t", "s[]",
              .compoundList(
                names.map { $0 == Program.workers ? 0 : size(Dim(named: $0)) })))
        }
        lines.append(.expression(.call(CNames.kernel(k, kernel), ["context", "b", "s"])))
        return [.block(lines)]
      case .checks:
        return [
          .conditional(
            .binary("!=", .arrow(.arrow("context", "error"), "kind"), 0),
            [.returned(.arrow(.arrow("context", "error"), "kind"))], otherwise: [])
        ]
      case .branch(let condition, let a, let b):
        return [
          .conditional(
            .binary("!=", .unary("*", .cast("const uint8_t *", pointer(condition))), 0),
            steps(a), otherwise: steps(b))
        ]
      }
    }
  }

  private func pointer(_ place: Program.Place) -> CExpression {
    let variables = program.inputTypes.count
    let constants = variables + program.variableTypes.count
    let outputs = constants + program.constants.count
    let updates = outputs + program.outputTypes.count
    func buffer(_ n: Int) -> CExpression { .subscripted("buffers", .integer(n)) }
    return switch place {
    case .input(let i): buffer(i)
    case .variable(let i): buffer(variables + i)
    case .constant(let i): buffer(constants + i)
    case .output(let i): buffer(outputs + i)
    case .update(let i): buffer(updates + i)
    case .slot(let i): .name("slot\(i)")
    }
  }
}
