/// The compiler flags of a library.
///
/// The emitter vectorizes and unrolls by itself, so clang's own vectorizers and unroller are off:
/// that halves its time and does not change the speed of what it makes. Contraction to fused
/// multiply-add happens where the emitter writes it, never by the compiler's choice.
package struct NativeFlags: Hashable, Sendable {
  package enum Mode: String, Hashable, Sendable, CaseIterable {
    /// `-O1`: explicitly vectorized code runs as with `-O2`, and compiles sooner.
    case fast
    /// `-O2`.
    case best
  }

  /// The instruction sets that the code may use.
  package enum Target: Hashable, Sendable {
    /// Those of the machine that compiles.
    case native
    /// Those that these flags turn on, beyond the architecture's baseline.
    case features([String])

    /// x86-64 with AVX-512: the level that the System V ABI calls x86-64-v4.
    package static let avx512 = Target.features(["-march=x86-64-v4"])
    /// x86-64 with AVX2 and FMA: x86-64-v3.
    package static let avx2 = Target.features(["-march=x86-64-v3"])
    /// The architecture's baseline: SSE2 on x86-64, NEON on arm64.
    package static let baseline = Target.features([])
  }

  package var mode: Mode
  package var target: Target
  /// Flags added at the end, to compiling and linking.
  package var extra: [String]

  package init(_ mode: Mode = .best, target: Target = .native, extra: [String] = []) {
    self.mode = mode
    self.target = target
    self.extra = extra
  }

  package static let fast = NativeFlags(.fast)
  package static let best = NativeFlags(.best)

  /// Those of the runtime in an exported library, which has threads and POSIX.
  package static let runtime = NativeFlags(.best, target: .baseline, extra: ["-pthread"])

  /// The compiler's arguments, without files.
  package var arguments: [String] {
    let optimization = mode == .fast ? "-O1" : "-O2"
    return ["-std=c11", optimization] + targetArguments + Self.common + extra
  }

  private static let common = [
    "-fPIC", "-fvisibility=hidden", "-fno-math-errno", "-ffp-contract=off",
    "-fno-vectorize", "-fno-slp-vectorize", "-fno-unroll-loops",
  ]

  private var targetArguments: [String] {
    switch target {
    case .features(let flags): return flags
    case .native:
      #if arch(arm64)
        return ["-mcpu=native"]
      #else
        return ["-march=native"]
      #endif
    }
  }

  /// Whether the linker needs the compiler driver's knowledge: for a sanitizer's runtime, say.
  var concernsLinking: Bool {
    extra.contains { flag in
      ["-fsanitize", "-l", "-L", "-Wl,", "-fuse-ld", "-fprofile"].contains { flag.hasPrefix($0) }
    }
  }
}
