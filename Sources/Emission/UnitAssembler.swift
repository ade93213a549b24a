internal import Dispatch
internal import GnomonCSyntax
package import GnomonKernels
internal import GnomonTensors

/// The C of a program: one entry function and the kernels, spread over units that compile at the same
/// time.
package struct EmittedProgram: Sendable {
  /// Complete C files.
  package let units: [String]

  package init(_ program: Program, maximumUnits: Int = 2, symbols: ProgramSymbols = .library) {
    let emitted = Self.atOnce(program.kernels.count) { i in
      let kernel = program.kernels[i]
      var emitter = KernelEmitter(kernel, name: symbols.kernel(i, kernel), helpers: Helpers())
      emitter.emit()
      return EmittedKernel(functions: emitter.functions, helpers: emitter.helpers)
    }
    // Units of about equal length: the largest kernels first, each to the shortest unit. Small
    // programs are not worth a second compiler.
    let sizes = emitted.map { e in
      e.functions.reduce(0) { $0 + $1.body.lineCount } + e.helpers.functions.count * 4
    }
    let total = sizes.reduce(0, +)
    let count = max(1, min(maximumUnits, total / 60, program.kernels.count))
    var load = [Int](repeating: 0, count: count)
    var shares = [[Int]](repeating: [], count: count)
    for k in sizes.indices.sorted(by: { (sizes[$0], $1) > (sizes[$1], $0) }) {
      let u = load.indices.min { load[$0] < load[$1] }!
      load[u] += sizes[k]
      shares[u].append(k)
    }
    units = Self.atOnce(count) { [shares] u in
      EmittedProgram.unit(
        program, symbols, shares[u].sorted().map { emitted[$0] }, hasEntry: u == 0)
    }
  }

  private struct EmittedKernel: Sendable {
    let functions: [CFunction]
    let helpers: Helpers
  }

  /// The values of a function of the first `count` numbers, on all cores.
  private static func atOnce<T: Sendable>(
    _ count: Int, _ value: @Sendable (Int) -> T
  ) -> [T] {
    guard count > 1 else { return (0..<count).map(value) }
    return [T](unsafeUninitializedCapacity: count) { buffer, initialized in
      nonisolated(unsafe) let places = buffer
      DispatchQueue.concurrentPerform(iterations: count) {
        places.initializeElement(at: $0, to: value($0))
      }
      initialized = count
    }
  }

  private static func unit(
    _ program: Program, _ symbols: ProgramSymbols,
    _ kernels: [EmittedKernel], hasEntry: Bool
  ) -> String {
    var types: [String] = []
    var helpers: [Helpers.Function] = []
    for own in kernels.map(\.helpers) {
      for t in own.types where !types.contains(t) { types.append(t) }
      for f in own.functions where !helpers.contains(where: { $0.name == f.name }) {
        helpers.append(f)
      }
    }
    var printer = CPrinter()
    for f in kernels.flatMap(\.functions) { printer.function(f) }
    if hasEntry {
      for (i, kernel) in program.kernels.enumerated() {
        printer.line(
          "void \(symbols.kernel(i, kernel))(const gn_context *, void *const *, const int64_t *);")
      }
      printer.line("")
      printer.function(EntryEmitter(program, symbols).workspace())
      printer.function(EntryEmitter(program, symbols).entry())
    }
    let body = printer.text
    let helperText = helpers.map(\.definition).joined(separator: "\n")
    let everything = helperText + body
    var text = Prelude.text
    for t in types.sorted() {
      if let definition = VectorTypes.definition(t) { text += definition + "\n" }
    }
    if everything.containsBytes(of: "__AVX512") { text += Prelude.maskedTypes }
    text += "\n"
    for (name, definition) in Prelude.functions where everything.containsBytes(of: name + "(") {
      text += definition + "\n"
    }
    return text + helperText + "\n\n" + body
  }
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
