internal import GnomonEmission
internal import GnomonIR
internal import GnomonKernels
internal import GnomonNative
public import GnomonTensors

/// A native function of tensors.
///
///     let predict = try compile(inputs: [x], outputs: [softmax(logits)])
///     let p = try predict(images)
///
/// It may be called from any number of threads at once. Calls that update the same variable queue;
/// each sees and publishes whole steps.
public final class CompiledFunction: Sendable {
  let stages: Stages
  let options: CompileOptions
  let signature: Signature
  /// The variables in the order of the program's, and those that calls update.
  let variables: [VariableStorage]
  let updated: [VariableStorage]
  /// Nil where the reference interpreter serves.
  let native: NativeEntry?
  /// The short way through a call, for functions that it serves.
  let fast: FastCall?

  init(
    _ variables: [VariableStorage], _ stages: Stages, _ options: CompileOptions,
    origins: [Location], _ library: NativeLibrary? = nil
  ) throws {
    self.stages = stages
    self.options = options
    self.variables = variables
    updated = stages.program.updates.map { variables[$0.variable] }
    let signature = Signature(stages.program, stages.graph, origins: origins)
    self.signature = signature
    let threads = max(1, options.threads ?? NativeEnvironment.process.defaultThreads)
    let native = try library.map {
      try NativeEntry($0, stages.program, threads: threads, print: options.print)
    }
    self.native = native
    fast = native.flatMap { FastCall($0, signature, stages.program) }
  }

  deinit { fast?.deallocate() }

  // MARK: - Calling

  /// Runs the function.
  ///
  /// - Parameter arguments: one tensor for each input, in order, taken without a copy.
  /// - Returns: the outputs in order.
  /// - Throws: `GnomonError` when an argument does not fit, a requirement on sizes does not hold, or an
  ///   index is out of range; variables are then unchanged.
  public func outputs(_ arguments: [Tensor]) throws -> [Tensor] {
    try withUnsafeTemporaryAllocation(of: Int.self, capacity: max(signature.names.count, 1)) {
      sizes in
      try signature.bind(arguments, sizes)
      guard let native else { return try interpret(arguments) }
      var results: [Tensor] = []
      results.reserveCapacity(signature.outputs.count)
      for spec in signature.outputs {
        results.append(Tensor(uninitialized: spec.dtype, try signature.shape(spec, sizes)))
      }
      try run(native, arguments, sizes, results)
      return results
    }
  }

  /// Runs the function into tensors that the caller owns.
  ///
  /// - Parameters:
  ///   - arguments: as for `outputs(_:)`.
  ///   - results: one tensor for each output, of its dtype and shape; their memory is written, after a
  ///     copy if it is shared.
  public func outputs(_ arguments: [Tensor], into results: inout [Tensor]) throws {
    try withUnsafeTemporaryAllocation(of: Int.self, capacity: max(signature.names.count, 1)) {
      sizes in
      try signature.bind(arguments, sizes)
      guard results.count == signature.outputs.count else {
        throw GnomonError([.outputCount(results.count, signature.outputs.count)])
      }
      for (i, spec) in signature.outputs.enumerated() {
        let shape = try signature.shape(spec, sizes)
        guard results[i].dtype == spec.dtype, results[i].shape == shape else {
          throw GnomonError([.outputBuffer(i, spec.dtype, shape, results[i])])
        }
        results[i].withUnsafeMutableBytes { _ in }
      }
      guard let native else {
        results = try interpret(arguments)
        return
      }
      try run(native, arguments, sizes, results)
    }
  }

  /// Runs a function without arguments with one output.
  public func callAsFunction() throws -> Tensor { try single([]) }

  /// Runs a function of four or more arguments with one output; those of fewer have overloads of
  /// their own.
  public func callAsFunction(
    _ a: Tensor, _ b: Tensor, _ c: Tensor, _ d: Tensor, _ more: Tensor...
  ) throws -> Tensor { try single([a, b, c, d] + more) }

  /// Runs a function with two outputs.
  @_disfavoredOverload
  public func callAsFunction(_ arguments: Tensor...) throws -> (Tensor, Tensor) {
    let all = try outputs(arguments)
    guard all.count == 2 else { throw GnomonError([.outputCount(2, all.count)]) }
    return (all[0], all[1])
  }

  /// Runs a function with three outputs.
  @_disfavoredOverload
  public func callAsFunction(_ arguments: Tensor...) throws -> (Tensor, Tensor, Tensor) {
    let all = try outputs(arguments)
    guard all.count == 3 else { throw GnomonError([.outputCount(3, all.count)]) }
    return (all[0], all[1], all[2])
  }

  /// Runs a function for its updates alone.
  @_disfavoredOverload
  public func callAsFunction(_ arguments: Tensor...) throws {
    _ = try outputs(arguments)
  }

  // MARK: - State

  /// Runs the native code on the variables as they are, and publishes what they become.
  private func run(
    _ native: NativeEntry, _ arguments: [Tensor], _ sizes: UnsafeMutableBufferPointer<Int>,
    _ results: [Tensor]
  ) throws {
    if updated.isEmpty {
      let state = variables.map(\.value)
      return try native.run(arguments, state, results, updates: [], sizes)
    }
    // All updated variables stay locked for the whole step: others wait, and see whole steps.
    try VariableStorage.locking(updated) {
      var before = updated.map { $0.takeLocked() }
      var next: [Tensor] = []
      for i in updated.indices {
        switch stages.program.updates[i].memory {
        case .inPlace where before[i].isUnique: break
        case .partial: before[i].withUnsafeMutableBytes { _ in }  // copies what somebody else holds
        case .inPlace, .separate:
          next.append(Tensor(uninitialized: before[i].dtype, before[i].shape))
          continue
        }
        next.append(before[i])
      }
      // Whatever happens, every variable holds a value again.
      defer { for (storage, tensor) in zip(updated, next) { storage.lockedValue = tensor } }
      let state = variables.map { v in
        updated.firstIndex { $0 === v }.map { before[$0] } ?? v.value
      }
      do {
        try native.run(arguments, state, results, updates: next, sizes)
      } catch {
        // Errors come before the first write to a variable.
        next = before
        throw error
      }
      before = []
    }
  }

  /// The reference interpreter in place of native code.
  private func interpret(_ arguments: [Tensor]) throws -> [Tensor] {
    try VariableStorage.locking(updated) {
      let state = variables.map { v in
        updated.contains { $0 === v } ? v.lockedValue : v.value
      }
      let graph = stages.optimized
      var inputs = arguments.makeIterator()
      var values = state.makeIterator()
      let all: [Tensor]
      do {
        all = try Interpreter(graph, print: options.print).run(
          graph.parameters.map { graph.variables.contains($0) ? values.next()! : inputs.next()! })
      } catch let failure as LocatedFailure {
        throw GnomonError([.failed(failure)])
      }
      for (storage, tensor) in zip(updated, all[graph.results.count...]) {
        storage.lockedValue = tensor
      }
      return Array(all[..<graph.results.count])
    }
  }
}

extension Diagnostic {
  static func outputCount(_ wanted: Int, _ count: Int) -> Diagnostic {
    Diagnostic(
      .argumentCount, "call: the function has \(count) outputs, not \(wanted)", at: .unknown,
      help: "`outputs(_:)` returns them all as an array")
  }

  fileprivate static func outputBuffer(
    _ i: Int, _ dtype: DType, _ shape: Shape, _ given: Tensor
  ) -> Diagnostic {
    Diagnostic(
      .outputBuffer,
      "call: output \(i) is \(dtype) \(shape), the tensor for it \(given.dtype) \(given.shape)",
      at: .unknown, help: "make it: Tensor.zeros(.\(dtype), \(shape))")
  }
}
