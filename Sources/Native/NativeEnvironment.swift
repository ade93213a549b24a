internal import CRuntime

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// The environment variables that the native stage reads, as a value, so that a caller can replace
/// some without changing the process.
///
/// | variable | meaning |
/// | --- | --- |
/// | `GNOMON_CC` | the C compiler, a path or a name on `PATH` |
/// | `GNOMON_CC_TIMEOUT` | seconds that one run of it may take; 300 |
/// | `GNOMON_CACHE_DIR` | where compiled libraries are kept |
/// | `GNOMON_CACHE_LIMIT` | bytes they may take, with `K`, `M` or `G`; `512M` |
/// | `GNOMON_BLAS` | the BLAS library, a path, or `none` |
/// | `GNOMON_THREADS` | threads of a parallel loop; the number of cores |
package struct NativeEnvironment: Sendable {
  /// What differs from the process's own environment; nil stands for an unset variable.
  package let overrides: [String: String?]

  package init(overriding overrides: [String: String?] = [:]) {
    self.overrides = overrides
  }

  /// The environment of this process, read at each use.
  package static let process = NativeEnvironment()

  /// The value of a variable; nil when it is unset or empty.
  package subscript(name: String) -> String? {
    var value = getenv(name).map { String(cString: $0) }
    if let override = overrides[name] { value = override }
    return value?.isEmpty == true ? nil : value
  }

  /// All variables as "NAME=value", for a child process.
  var strings: [String] {
    var result: [String] = []
    let all = gn_environment()
    var index = 0
    while let entry = all[index] {
      let string = String(cString: entry)
      let name = string.prefix { $0 != "=" }
      if overrides.isEmpty || overrides[String(name)] == nil { result.append(string) }
      index += 1
    }
    for case (let name, let value?) in overrides { result.append("\(name)=\(value)") }
    return result
  }

  /// The folders of `PATH`.
  var searchPath: [String] {
    (self["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
  }

  /// The folder for temporary files.
  var temporaryDirectory: String { self["TMPDIR"] ?? "/tmp" }

  /// How long one run of the compiler may take, in seconds: against one that hangs, so far above what the
  /// largest program takes on a machine that has much else to do.
  var compilerTimeLimit: Double {
    guard let text = self["GNOMON_CC_TIMEOUT"], let seconds = Double(text), seconds > 0 else {
      return 300
    }
    return min(seconds, 86_400)
  }

  /// How many threads a parallel loop uses unless told otherwise.
  package var defaultThreads: Int {
    guard let text = self["GNOMON_THREADS"], let count = Int(text), count >= 1 else {
      return Int(gn_core_count())
    }
    return min(count, 256)
  }
}
