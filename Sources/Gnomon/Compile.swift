internal import GnomonEmission
public import GnomonIR
package import GnomonKernels
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
///   - options: the name, clang's mode, threads, what `Expr.training` is.
/// - Throws: `GnomonError` with every mistake found in the expressions; an error with the compiler's
///   words when clang fails. Without any C compiler the function runs in the reference interpreter,
///   and says so once.
public func compile(
  inputs: [Expr] = [], outputs: [Expr], updates: KeyValuePairs<Expr, Expr> = [:],
  givens: KeyValuePairs<Expr, Expr> = [:], options: CompileOptions = CompileOptions()
) throws -> CompiledFunction {
  try compile(
    inputs: inputs, outputs: outputs, updates: updates.map { ($0, $1) }, givens: givens,
    options: options)
}

/// Compiles expressions to a native function, with updates in an array: for parameters in a loop.
///
///     let updates = zip(parameters, gradients).map { p, d in (p, p - 0.1 * d) }
///     let step = try compile(inputs: [x, y], outputs: [loss], updates: updates)
///
/// All else is as where the updates are written out.
public func compile(
  inputs: [Expr] = [], outputs: [Expr], updates: [(Expr, Expr)],
  givens: KeyValuePairs<Expr, Expr> = [:], options: CompileOptions = CompileOptions()
) throws -> CompiledFunction {
  try compile(
    inputs: inputs, outputs: outputs, updates: updates, givens: givens.map { ($0, $1) },
    options: options)
}

/// Compiles expressions, with updates and givens in arrays.
package func compile(
  inputs: [Expr], outputs: [Expr], updates: [(Expr, Expr)], givens: [(Expr, Expr)],
  options: CompileOptions
) throws -> CompiledFunction {
  // The user's program, checked as a whole.
  let request = try Request(
    inputs: inputs, outputs: outputs, updates: updates, givens: givens,
    training: options.training)
  return try compile(
    request.graph(name: options.name), variables: request.variables.compactMap(\.variableStorage),
    origins: request.inputs.map(\.node.location), options: options)
}

/// Compiles a graph, whose variables, in their order, are kept in `variables`.
///
/// - Parameter origins: where the user made each input; what mistakes of calls point at.
package func compile(
  _ graph: Graph, variables: [VariableStorage] = [], origins: [Location] = [],
  options: CompileOptions = CompileOptions()
) throws -> CompiledFunction {
  try graph.check(variables)
  if !options.interpreted { Compiler.locateAhead() }
  let stages = try Stages(graph, options)
  if options.interpreted {
    return try CompiledFunction(variables, stages, options, origins: origins)
  }
  // Loops become C, and C a library.
  let emitted = EmittedProgram(stages.program)
  do {
    let library = try NativeBuild.library(
      units: emitted.units.enumerated().map { CUnit(name: "\(options.name)_\($0)", source: $1) },
      flags: options.mode == .fast ? .fast : .best)
    return try CompiledFunction(variables, stages, options, origins: origins, library)
  } catch let error as NativeError {
    guard case .noCompiler = error else { throw error }
    Warnings.once(
      "\(error)\nGnomon runs its functions in the reference interpreter, which is slow.")
    return try CompiledFunction(variables, stages, options, origins: origins)
  }
}

/// The forms a function goes through on its way.
package struct Stages: Sendable {
  package let graph: Graph
  package let optimized: Graph
  package let fused: Graph
  package let program: Program

  package init(_ graph: Graph, _ options: CompileOptions = CompileOptions()) throws {
    self.graph = graph
    // The graph becomes a better one.
    optimized = try Pipeline(verifies: options.verify ? true : nil).run(graph)
      .checkingNumerics(options.checkNumerics)
    // Instructions gather into kernels; kernels become loops with every buffer in its place.
    fused = try Pass.fuse.run(optimized)
    program = try Program(fused, machine: options.applied(to: .current))
  }
}

extension Graph {
  /// What a variable holds must be what the graph says: sizes of variables have no names, since no
  /// argument of a call could give them a value.
  fileprivate func check(_ storages: [VariableStorage]) throws {
    let own = parameters.filter { variables.contains($0) }
    guard own.count == storages.count else {
      throw InternalError("@\(name) has \(own.count) variables, \(storages.count) were given")
    }
    for (v, storage) in zip(own, storages) where type(of: v) != storage.type {
      throw GnomonError([
        Diagnostic(
          .variableValue, "compile: the variable `\(storage.name)` has another type than its value",
          at: .unknown,
          evidence: [
            Diagnostic.Evidence(label: "variable", type: type(of: v)),
            Diagnostic.Evidence(label: "value", type: storage.type),
          ])
      ])
    }
  }
}
