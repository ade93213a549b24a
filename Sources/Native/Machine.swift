internal import CRuntime

/// Facts about the machine that this process runs on.
package enum Machine {
  /// The physical cores that this process may use.
  package static var cores: Int { Int(gn_core_count()) }

  /// The CPU's instruction sets by clang's names: `avx2`, `fma`, `avx512f`, …
  package static let features: [String] = text(gn_cpu_features)
    .split(separator: " ").map(String.init)

  /// The CPU's name with all that compiling for it can depend on.
  package static let model: String = text(gn_cpu_model)

  /// The bytes of a data cache of level 1, 2 or 3; nil when not known.
  package static func cacheBytes(level: Int) -> Int? {
    let bytes = gn_cache_bytes(Int32(level))
    return bytes > 0 ? Int(bytes) : nil
  }

  private static func text(_ write: (UnsafeMutablePointer<CChar>, Int32) -> Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
      write(buffer.baseAddress!, 1024) < 0 ? "" : String(cString: buffer.baseAddress!)
    }
  }
}
