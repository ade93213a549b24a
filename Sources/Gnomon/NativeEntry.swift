internal import CRuntime
internal import GnomonEmission
internal import GnomonIR
internal import GnomonKernels
internal import GnomonNative
internal import GnomonOperations
internal import GnomonTensors
internal import Synchronization

/// The loaded code of a program and what a call of it needs.
final class NativeEntry: Sendable {
  private let library: NativeLibrary
  private let entry: gn_entry
  private let workspace: @convention(c) (UnsafePointer<gn_context>, UnsafePointer<Int64>?) -> Int64
  private let program: Program
  private let threads: Int32
  /// The BLAS library's routines, if the program has a use for them and there are any.
  nonisolated(unsafe) private let blas: UnsafePointer<gn_blas>?
  private let usesRoutines: Bool
  private let prints: Bool
  /// Takes the lines that the program prints.
  private let show: @Sendable (String) -> Void
  /// Whether a call needs workspace; its size if no named dimension matters.
  private let hasWorkspace: Bool
  /// The workspace of the last call, kept for the next one; a second call at once makes its own.
  private let spare = Atomic<UInt>(0)

  init(
    _ library: NativeLibrary, _ program: Program, threads: Int,
    print show: @escaping @Sendable (String) -> Void
  ) throws {
    self.show = show
    self.library = library
    self.program = program
    self.threads = Int32(threads)
    guard let e = library.library.symbol(ProgramSymbols.library.entry),
      let w = library.library.symbol(ProgramSymbols.library.workspace)
    else { throw InternalError("the compiled library lacks its entry") }
    entry = unsafeBitCast(e, to: gn_entry.self)
    workspace = unsafeBitCast(
      w, to: (@convention(c) (UnsafePointer<gn_context>, UnsafePointer<Int64>?) -> Int64).self)
    hasWorkspace = !program.slots.isEmpty
    usesRoutines = program.usesRoutines
    prints = !program.prints.isEmpty
    blas = program.usesLibrary || usesRoutines ? BLASLibrary.shared?.table : nil
  }

  deinit {
    if let p = UnsafeRawPointer(bitPattern: spare.load(ordering: .acquiring)) {
      Unmanaged<Storage>.fromOpaque(p).release()
    }
  }

  func run(
    _ arguments: [Tensor], _ state: [Tensor], _ results: [Tensor], updates: [Tensor],
    _ sizes: UnsafeMutableBufferPointer<Int>
  ) throws {
    let constants = program.constants
    let count =
      arguments.count + state.count + constants.count + results.count + updates.count
    try withUnsafeTemporaryAllocation(
      of: UnsafeMutableRawPointer?.self, capacity: max(count, 1)
    ) { buffers in
      var at = 0
      func add(_ tensors: [Tensor]) {
        for t in tensors {
          buffers[at] = t.storage.pointer
          at += 1
        }
      }
      add(arguments)
      add(state)
      add(constants)
      add(results)
      add(updates)
      try call(UnsafePointer(buffers.baseAddress!), UnsafePointer(sizes.baseAddress!))
    }
    withExtendedLifetime((arguments, state, results, updates)) {}
  }

  /// Enters the code with every buffer in its place.
  @inline(__always)
  func call(
    _ buffers: UnsafePointer<UnsafeMutableRawPointer?>, _ sizes: UnsafePointer<Int>
  ) throws {
    var error = gn_error()
    var memory: Storage?
    let kind: Int32 = sizes.withMemoryRebound(to: Int64.self, capacity: 1) { sizes in
      withUnsafeMutablePointer(to: &error) { error in
        var context = gn_context(
          version: UInt32(GN_CONTEXT_VERSION), threads: threads, parallel: gn_parallel,
          arena: nil, error: error, blas: blas, counters: nil,
          routine: usesRoutines ? gn_routine : nil, print: prints ? printValue : nil,
          host: prints ? Unmanaged.passUnretained(self).toOpaque() : nil)
        guard hasWorkspace else { return entry(&context, buffers, sizes) }
        let bytes = Int(workspace(&context, sizes))
        let arena = takeWorkspace(bytes)
        context.arena = arena.pointer.assumingMemoryBound(to: CChar.self)
        let kind = entry(&context, buffers, sizes)
        // What the message tells of a failed check lies in the workspace.
        if kind == 0 { giveBack(arena) } else { memory = arena }
        return kind
      }
    }
    if kind != 0 || error.kind != 0 { throw failure(error, buffers, sizes, memory) }
  }

  @inline(never)
  private func failure(
    _ error: gn_error, _ buffers: UnsafePointer<UnsafeMutableRawPointer?>,
    _ sizes: UnsafePointer<Int>, _ arena: Storage?
  ) -> GnomonError {
    let number = Int(error.location)
    guard program.checks.indices.contains(number) else {
      return GnomonError([
        .failed(
          LocatedFailure(
            failure: IndexFailure(
              index: error.values.0, position: error.values.1, bound: error.values.2),
            location: .unknown, check: .index(below: 0), operands: []))
      ])
    }
    let check = program.checks[number]
    let names = named(sizes)
    return GnomonError([
      .failed(
        LocatedFailure(
          failure: IndexFailure(
            index: error.values.0, position: error.values.1, bound: error.values.2),
          location: check.location, check: check.check,
          operands: check.values.map { place, type in
            program.address(of: place, buffers, arena?.pointer, names).flatMap {
              tensor(type, at: $0, names)
            }
          }))
    ])
  }

  private func named(_ sizes: UnsafePointer<Int>) -> [String: Int] {
    var names = [Program.workers: Int(threads)]
    for (i, name) in program.dimensionNames.enumerated() { names[name] = sizes[i] }
    return names
  }

  /// A copy of a value of the program.
  private func tensor(
    _ type: TensorType, at data: UnsafeRawPointer, _ names: [String: Int]
  ) -> Tensor? {
    var shape: [Int] = []
    for d in type.shape {
      guard let n = d.evaluated(names: names) else { return nil }
      shape.append(n)
    }
    var tensor = Tensor(uninitialized: type.dtype, Shape(shape))
    tensor.withUnsafeMutableBytes {
      if let to = $0.baseAddress { to.copyMemory(from: data, byteCount: $0.count) }
    }
    return tensor
  }

  /// Shows a value that the program prints.
  fileprivate func show(_ number: Int, _ data: UnsafeRawPointer, _ sizes: UnsafePointer<Int>) {
    guard program.prints.indices.contains(number),
      let tensor = tensor(program.prints[number].type, at: data, named(sizes))
    else { return }
    show(Printed.line(program.prints[number].label, tensor))
  }

  private func takeWorkspace(_ bytes: Int) -> Storage {
    if let p = UnsafeRawPointer(bitPattern: spare.exchange(0, ordering: .acquiringAndReleasing)) {
      let storage = Unmanaged<Storage>.fromOpaque(p).takeRetainedValue()
      if storage.byteCount >= bytes { return storage }
    }
    return Storage(byteCount: max(bytes, 64))
  }

  private func giveBack(_ storage: Storage) {
    let p = UInt(bitPattern: Unmanaged.passRetained(storage).toOpaque())
    if let old = UnsafeRawPointer(bitPattern: spare.exchange(p, ordering: .acquiringAndReleasing)) {
      Unmanaged<Storage>.fromOpaque(old).release()
    }
  }
}

/// What generated code calls to show a value.
private func printValue(
  _ context: UnsafePointer<gn_context>, _ number: Int32, _ data: UnsafeRawPointer?,
  _ sizes: UnsafePointer<Int64>?
) {
  guard let host = context.pointee.host, let data, let sizes else { return }
  let entry = Unmanaged<NativeEntry>.fromOpaque(host).takeUnretainedValue()
  sizes.withMemoryRebound(to: Int.self, capacity: 1) { entry.show(Int(number), data, $0) }
}

extension Program {
  /// Where a value lies in a call that has ended; nil for what only a loop's step knows.
  fileprivate func address(
    of place: Place, _ buffers: UnsafePointer<UnsafeMutableRawPointer?>,
    _ arena: UnsafeMutableRawPointer?, _ names: [String: Int]
  ) -> UnsafeRawPointer? {
    let variables = inputTypes.count
    let constants = variables + variableTypes.count
    let outputs = constants + self.constants.count
    let updates = outputs + outputTypes.count
    func buffer(_ n: Int) -> UnsafeRawPointer? { buffers[n].map { UnsafeRawPointer($0) } }
    switch place {
    case .input(let i): return buffer(i)
    case .variable(let i): return buffer(variables + i)
    case .constant(let i): return buffer(constants + i)
    case .output(let i): return buffer(outputs + i)
    case .update(let i): return buffer(updates + i)
    case .slot(let n):
      let offset = slots[..<n].reduce(Dim(0)) { $0 + Program.rounded($1.bytes) }
      guard let arena, let bytes = offset.evaluated(names: names) else { return nil }
      return UnsafeRawPointer(arena + bytes)
    case .carry, .next, .row: return nil
    }
  }
}
