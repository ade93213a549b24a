internal import GnomonCSyntax
internal import GnomonKernels
internal import GnomonTensors

/// The function that runs the kernels in order.
struct EntryEmitter {
  let program: Program
  let symbols: ProgramSymbols
  let names: [String: String]
  private let order: [String]

  init(_ program: Program, _ symbols: ProgramSymbols) {
    self.program = program
    self.symbols = symbols
    order = program.dimensionNames
    var names = CNames.unique(order, prefix: "n_")
    names[Program.workers] = "workers"
    self.names = names
  }

  func size(_ d: Dim) -> CExpression { CIndex.expression(d) { names[$0] ?? "0" } }

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
      qualifiers: symbols.qualifiers, result: "int64_t",
      name: symbols.workspace,
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
        case .loop(let loop):
          formulas += loop.formulas
          if case .whileTrue(let condition, _) = loop.count { collect(condition) }
          collect(loop.steps)
        case .checks, .print: break
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
      qualifiers: symbols.qualifiers, result: "int32_t",
      name: symbols.entry,
      parameters: [
        ("const gn_context *", "context"), ("void *const *", "buffers"),
        ("const int64_t *", "sizes"),
      ], body: body)
  }

  func steps(_ list: [Program.Step]) -> [CStatement] {
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
        lines.append(.expression(.call(symbols.kernel(k, kernel), ["context", "b", "s"])))
        return [.block(lines)]
      case .checks:
        return [
          .conditional(
            .binary("!=", .arrow(.arrow("context", "error"), "kind"), 0),
            [.returned(.arrow(.arrow("context", "error"), "kind"))], otherwise: [])
        ]
      case .print(let number, let place):
        let show = CExpression.arrow("context", "print")
        return [
          .conditional(
            .binary("!=", show, 0),
            [
              .expression(
                .call("context->print", ["context", .integer(number), pointer(place), "sizes"]))
            ], otherwise: [])
        ]
      case .branch(let condition, let a, let b):
        return [
          .conditional(
            .binary("!=", .unary("*", .cast("const uint8_t *", pointer(condition))), 0),
            steps(a), otherwise: steps(b))
        ]
      case .loop(let loop): return self.loop(loop)
      }
    }
  }

  func pointer(_ place: Program.Place) -> CExpression {
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
    case .carry(let loop, let k): .name(Self.carry(loop, k))
    case .next(let loop, let k): .name(Self.next(loop, k))
    case .row(let base, let loop, let bytes):
      .cast("char *", pointer(base)) + .name(Self.row(loop)) * size(bytes)
    }
  }
}
