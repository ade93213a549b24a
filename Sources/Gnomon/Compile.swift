internal import GnomonEmission
public import GnomonIR
internal import GnomonKernels
internal import GnomonNative
internal import GnomonPasses

/// Compiles expressions to a native function.
///
///     let step = try compile(inputs: [x, y], outputs: [loss], updates: [w: w - 0.1 * dw])
///     let l = try step(images, labels)
///
/// - Parameters:
///   - inputs: the arguments of the function, in order.
///   - outputs: what a call returns.
///   - updates: variables and what each becomes at the end of a call. All updates see the values from
///     before the call, and are published together.
///   - givens: values replaced by others of the same type while the function is built.
///   - options: the name, clang's mode, threads.
/// - Throws: `GnomonError` with every mistake found in the expressions; an error with the compiler's
///   words when clang fails. Without any C compiler the function runs in the reference interpreter,
///   and says so once.
public func compile(
  inputs: [Expr] = [], outputs: [Expr], updates: KeyValuePairs<Expr, Expr> = [:],
  givens: KeyValuePairs<Expr, Expr> = [:], options: CompileOptions = CompileOptions()
) throws -> CompiledFunction {
  // The user's program, checked as a whole.
  let request = try Request(inputs: inputs, outputs: outputs, updates: updates, givens: givens)
  // Expressions become a graph, and the graph a better one.
  let graph = try request.graph(name: options.name)
  let optimized = try Pipeline(verifies: options.verify ? true : nil).run(graph)
  // Instructions gather into kernels; kernels become loops with every buffer in its place.
  let fused = try Pass.fuse.run(optimized)
  let program = try Program(fused, machine: .current)
  let stages = Stages(graph: graph, optimized: optimized, fused: fused, program: program)
  if options.interpreted { return try CompiledFunction(request, stages, options) }
  // Loops become C, and C a library.
  let emitted = EmittedProgram(program)
  do {
    let library = try NativeBuild.library(
      units: emitted.units.enumerated().map { CUnit(name: "\(options.name)_\($0)", source: $1) },
      flags: options.mode == .fast ? .fast : .best)
    return try CompiledFunction(request, stages, options, library)
  } catch let error as NativeError {
    guard case .noCompiler = error else { throw error }
    Warnings.once("\(error)\nGnomon runs its functions in the reference interpreter, which is slow.")
    return try CompiledFunction(request, stages, options)
  }
}

/// The forms a function goes through on its way.
struct Stages: Sendable {
  let graph: Graph
  let optimized: Graph
  let fused: Graph
  let program: Program
}
