internal import CRuntime
internal import GnomonEmission
internal import GnomonIR
internal import GnomonKernels
internal import GnomonNative
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
  /// Whether a call needs workspace; its size if no named dimension matters.
  private let hasWorkspace: Bool
  /// The workspace of the last call, kept for the next one; a second call at once makes its own.
  private let spare = Atomic<UInt>(0)

  init(_ library: NativeLibrary, _ program: Program, threads: Int) throws {
    self.library = library
    self.program = program
    self.threads = Int32(threads)
    guard let e = library.library.symbol(EmittedProgram.entry),
      let w = library.library.symbol(EmittedProgram.workspace)
    else { throw InternalError("the compiled library lacks its entry") }
    entry = unsafeBitCast(e, to: gn_entry.self)
    workspace = unsafeBitCast(
      w, to: (@convention(c) (UnsafePointer<gn_context>, UnsafePointer<Int64>?) -> Int64).self)
    hasWorkspace = !program.slots.isEmpty
    usesRoutines = program.usesRoutines
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
    let kind: Int32 = sizes.withMemoryRebound(to: Int64.self, capacity: 1) { sizes in
      withUnsafeMutablePointer(to: &error) { error in
        var context = gn_context(
          version: UInt32(GN_CONTEXT_VERSION), threads: threads, parallel: gn_parallel,
          arena: nil, error: error, blas: blas, counters: nil,
          routine: usesRoutines ? gn_routine : nil)
        guard hasWorkspace else { return entry(&context, buffers, sizes) }
        let bytes = Int(workspace(&context, sizes))
        let arena = takeWorkspace(bytes)
        context.arena = arena.pointer.assumingMemoryBound(to: CChar.self)
        defer { giveBack(arena) }
        return entry(&context, buffers, sizes)
      }
    }
    if kind != 0 || error.kind != 0 { throw failure(error) }
  }

  private func failure(_ error: gn_error) -> GnomonError {
    let place = Int(error.location)
    let location = program.locations.indices.contains(place) ? program.locations[place] : .unknown
    return GnomonError([
      .indexOutOfRange(
        IndexFailure(
          index: error.values.0, position: error.values.1, bound: error.values.2), at: location)
    ])
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
