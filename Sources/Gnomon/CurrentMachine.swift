internal import GnomonKernels
internal import GnomonNative

extension CompileOptions {
  /// What schedules may do on a machine.
  func applied(to machine: GnomonKernels.Machine) -> GnomonKernels.Machine {
    var machine = machine
    if convolutions == .direct { machine.winogradShare = 0 }
    return machine
  }
}

extension GnomonKernels.Machine {
  /// The machine that the process runs on.
  static let current: GnomonKernels.Machine = {
    let facts = GnomonNative.Machine.features
    let cores = GnomonNative.Machine.cores
    var machine: GnomonKernels.Machine
    #if arch(arm64)
      machine = .neon
    #else
      machine = facts.contains("avx512f") ? .avx512 : .avx2
      if !facts.contains("avx") { machine.vectorBytes = 16 }
    #endif
    machine.cores = cores
    if let bytes = GnomonNative.Machine.cacheBytes(level: 1) { machine.firstCacheBytes = bytes }
    if let bytes = GnomonNative.Machine.cacheBytes(level: 2) { machine.secondCacheBytes = bytes }
    if let bytes = GnomonNative.Machine.cacheBytes(level: 3) {
      // A small last cache holds what one kernel touches; a large one is shared with many.
      machine.streamedBytes = max(machine.streamedBytes, bytes / 2, min(bytes, 32 << 20))
    }
    return machine
  }()
}
