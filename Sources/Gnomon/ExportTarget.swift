internal import GnomonKernels
internal import GnomonNative

/// An instruction set that exported code is for.
///
/// Those of x86-64 are the levels of its System V ABI. A library with several chooses when it is loaded.
public enum ExportTarget: String, Hashable, Sendable, CaseIterable {
  /// Any x86-64: SSE2. It has no fused multiply-add, so results differ in their last bits.
  case x86_64 = "x86-64"
  /// AVX2 and fused multiply-add: CPUs since about 2013.
  case x86_64v3 = "x86-64-v3"
  /// AVX-512.
  case x86_64v4 = "x86-64-v4"
  /// Any 64-bit ARM: NEON.
  case arm64

  /// The best that this machine has.
  public static var best: ExportTarget {
    #if arch(arm64)
      return .arm64
    #else
      return available.last ?? .x86_64
    #endif
  }

  /// Those that this machine can run, the best last.
  static var available: [ExportTarget] {
    #if arch(arm64)
      return [.arm64]
    #else
      let features = Set(GnomonNative.Machine.features)
      return [.x86_64]
        + (features.isSuperset(of: ["avx2", "fma"]) ? [.x86_64v3] : [])
        + (features.isSuperset(of: ["avx512f", "avx512bw", "avx512vl"]) ? [.x86_64v4] : [])
    #endif
  }

  /// Whether this process can make code for it.
  var isOfThisArchitecture: Bool {
    #if arch(arm64)
      return self == .arm64
    #else
      return self != .arm64
    #endif
  }

  /// Which of two of one architecture a CPU that has both runs: the greater.
  var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// What schedules know of it. The caches are common ones, since nobody knows the CPU.
  var machine: GnomonKernels.Machine {
    var machine: GnomonKernels.Machine =
      switch self {
      case .x86_64: .sse2
      case .x86_64v3: .avx2
      case .x86_64v4: .avx512
      case .arm64: .neon
      }
    machine.librarySteps = nil
    return machine
  }

  var flags: NativeFlags.Target {
    switch self {
    case .x86_64, .arm64: .baseline
    case .x86_64v3: .avx2
    case .x86_64v4: .avx512
    }
  }

  /// A C expression that is true where the CPU has it.
  var condition: String {
    switch self {
    case .x86_64, .arm64: "1"
    case .x86_64v3, .x86_64v4: "__builtin_cpu_supports(\"\(rawValue)\") != 0"
    }
  }
}
