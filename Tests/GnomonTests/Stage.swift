import CRuntime
import GnomonEmission
import GnomonIR
import GnomonKernels
import GnomonNative
import GnomonPasses
import GnomonTensors
import Testing

/// A graph in all the forms it has on its way to machine code, each of which can run.
struct StagedProgram {
  let graph: Graph
  let fused: Graph
  let program: Program

  /// - Parameter optimizes: whether the passes run before fusion.
  init(_ graph: Graph, machine: GnomonKernels.Machine = .native, optimizes: Bool = true) throws {
    self.graph = graph
    let better = optimizes ? try Pipeline(verifies: false).run(graph) : graph
    fused = try Pass.fuse.run(better)
    program = try Program(fused, machine: machine)
  }

  /// The arguments that are inputs, and those that are variables, of a list in parameter order.
  func divided(_ arguments: [Tensor]) -> (inputs: [Tensor], state: [Tensor]) {
    let pairs = zip(graph.parameters, arguments)
    return (
      pairs.filter { !graph.variables.contains($0.0) }.map(\.1),
      pairs.filter { graph.variables.contains($0.0) }.map(\.1)
    )
  }

  /// What leaves the program, results and then updates, with their shapes for these sizes.
  func resultTypes(_ sizes: [String: Int]) throws -> [(dtype: DType, shape: [Int])] {
    let updated = program.updates.map { program.variableTypes[$0.variable] }
    return try (program.outputTypes + updated).map { type in
      (type.dtype, try type.shape.map { try #require($0.evaluated(names: sizes)) })
    }
  }
}

extension GnomonKernels.Machine {
  /// A description that the schedules for this process's CPU may use.
  static let native: GnomonKernels.Machine = {
    let features = GnomonNative.Machine.features
    #if arch(arm64)
      return .neon
    #else
      if features.contains("avx512f") { return .avx512 }
      return features.contains("avx2") ? .avx2 : .sse2
    #endif
  }()
}

// MARK: - Loop nests

extension StagedProgram {
  /// Runs the steps, each kernel in the interpreter of loop nests.
  func runLoops(_ arguments: [Tensor], workers: Int = 1) throws -> [Tensor] {
    var sizes = try Interpreter.sizes(graph, arguments)
    sizes[Program.workers] = workers
    let (inputs, state) = divided(arguments)
    var memory: [Program.Place: LoopBuffer] = [:]
    for (i, t) in inputs.enumerated() { memory[.input(i)] = LoopBuffer(t) }
    for (i, t) in state.enumerated() { memory[.variable(i)] = LoopBuffer(t) }
    for (i, t) in program.constants.enumerated() { memory[.constant(i)] = LoopBuffer(t) }
    let types = try resultTypes(sizes)
    var leaving: [Program.Place] = []
    for (i, type) in types.enumerated() {
      let place: Program.Place
      if i < program.outputTypes.count {
        place = .output(i)
      } else {
        let update = program.updates[i - program.outputTypes.count]
        place = .update(i - program.outputTypes.count)
        // In place means the same memory, so that a nest that reads too late is found out.
        if update.memory != .separate { memory[place] = memory[.variable(update.variable)] }
      }
      leaving.append(place)
      if memory[place] == nil {
        memory[place] = LoopBuffer(
          uninitialized: type.dtype, count: type.shape.reduce(1, *))
      }
    }
    var stage = StageMemory(buffers: memory)
    try run(program.steps, &stage, sizes, workers)
    return try zip(leaving, types).map { try stage.buffers[$0]!.tensor(shape: Shape($1.shape)) }
  }

  func run(
    _ steps: [Program.Step], _ memory: inout StageMemory, _ sizes: [String: Int],
    _ workers: Int
  ) throws {
    for step in steps {
      switch step {
      case .checks, .print: break
      case .branch(let condition, let then, let otherwise):
        try run(
          try memory.isTrue(condition, sizes) ? then : otherwise, &memory, sizes, workers)
      case .loop(let loop): try runLoop(loop, &memory, sizes, workers)
      case .run(let number, let places):
        let kernel = program.kernels[number]
        var buffers: [LoopBuffer] = []
        for (buffer, place) in zip(kernel.buffers, places) {
          switch buffer.role {
          case .temporary: break
          case .output:
            try memory.prepare(place, buffer.dtype, program, sizes)
            fallthrough
          case .input: buffers.append(try memory.find(place, sizes))
          }
        }
        do {
          try LoopInterpreter(kernel).run(buffers: buffers, sizes: sizes, workers: workers)
        } catch let failure as LoopIndexFailure {
          throw IndexFailure(
            index: Int64(failure.value), position: Int64(failure.position),
            bound: Int64(failure.bound))
        }
        buffers.forEach { $0.settle() }
      }
    }
  }
}

// MARK: - C

/// The C of a program, compiled with given flags and loaded.
struct LoadedProgram {
  let staged: StagedProgram
  /// What kernels that may call a BLAS library find.
  nonisolated(unsafe) var blas: UnsafePointer<gn_blas>?
  private let library: NativeLibrary
  private let entry: gn_entry
  private let workspace: @convention(c) (UnsafePointer<gn_context>, UnsafePointer<Int64>?) -> Int64

  /// What compiles soon and gives the bits of the interpreter of loop nests.
  static let sameBits = NativeFlags(.fast, extra: ["-DGNOMON_SAME_BITS"])

  init(_ staged: StagedProgram, flags: NativeFlags = Self.sameBits) throws {
    self.staged = staged
    let units = EmittedProgram(staged.program).units
    library = try NativeBuild.library(
      units: units.enumerated().map { CUnit(name: "test_\($0)", source: $1) }, flags: flags,
      environment: testEnvironment)
    entry = unsafeBitCast(
      try #require(library.library.symbol(ProgramSymbols.library.entry)), to: gn_entry.self)
    workspace = unsafeBitCast(
      try #require(library.library.symbol(ProgramSymbols.library.workspace)),
      to: (@convention(c) (UnsafePointer<gn_context>, UnsafePointer<Int64>?) -> Int64).self)
  }

  /// The bytes of workspace that the C asks for.
  func workspaceBytes(_ sizes: [String: Int], threads: Int) -> Int {
    withContext(threads: threads) { context, _, _ in
      Int(workspace(context, staged.program.dimensionNames.map { Int64(sizes[$0]!) }))
    }
  }

  /// Runs the C with every buffer, and the workspace, between pages that must not be touched: any
  /// access outside ends the process.
  ///
  /// - Parameter counters: how many ranges of parallel loops each worker ran, added to.
  func run(_ arguments: [Tensor], threads: Int = 1, counters: inout [UInt64]) throws -> [Tensor] {
    let sizes = try Interpreter.sizes(staged.graph, arguments)
    let (inputs, state) = staged.divided(arguments)
    let program = staged.program
    let read = try (inputs + state + program.constants).map { try GuardedMemory($0) }
    let types = try staged.resultTypes(sizes)
    let written = try types.enumerated().map { i, type in
      let update = i - program.outputTypes.count
      if update >= 0, program.updates[update].memory != .separate {
        return read[inputs.count + program.updates[update].variable]
      }
      return try GuardedMemory(byteCount: type.shape.reduce(1, *) * type.dtype.byteCount)
    }
    let arena = try GuardedMemory(
      byteCount: workspaceBytes(sizes, threads: threads), isPadded: false)
    let pointers = (read + written).map { Optional($0.pointer) }
    let numbers = program.dimensionNames.map { Int64(sizes[$0]!) }
    var counts = counters
    let error = withContext(threads: threads) { context, error, pointer in
      counts.withUnsafeMutableBufferPointer {
        pointer.pointee.arena = arena.pointer.assumingMemoryBound(to: CChar.self)
        pointer.pointee.counters = $0.count >= threads ? $0.baseAddress : nil
        _ = entry(context, pointers, numbers)
      }
      return error.pointee
    }
    counters = counts
    if error.kind != 0 {
      throw IndexFailure(
        index: error.values.0, position: error.values.1, bound: error.values.2)
    }
    return zip(written, types).map { $0.tensor($1.dtype, $1.shape) }
  }

  func run(_ arguments: [Tensor], threads: Int = 1) throws -> [Tensor] {
    var none: [UInt64] = []
    return try run(arguments, threads: threads, counters: &none)
  }

  private func withContext<R>(
    threads: Int,
    _ body: (
      UnsafePointer<gn_context>, UnsafeMutablePointer<gn_error>, UnsafeMutablePointer<gn_context>
    ) -> R
  ) -> R {
    var error = gn_error()
    return withUnsafeMutablePointer(to: &error) { error in
      var context = gn_context(
        version: UInt32(GN_CONTEXT_VERSION), threads: Int32(threads), parallel: gn_parallel,
        arena: nil, error: error, blas: blas, counters: nil, routine: gn_routine, print: nil,
        host: nil)
      return withUnsafeMutablePointer(to: &context) { body(UnsafePointer($0), error, $0) }
    }
  }
}
