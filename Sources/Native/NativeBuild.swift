internal import CRuntime
internal import Synchronization

/// A compiled library, loaded, and how it came about.
package struct NativeLibrary: Sendable {
  package let library: SharedLibrary
  /// Its name in the cache: a SHA-256 of all that it was made from.
  package let key: String
  /// Whether it came from the cache and nothing was compiled.
  package let fromCache: Bool
  /// What the user should hear once: that the cache cannot be written, say.
  package let warnings: [String]
}

/// C sources in, a loaded library out, by way of the cache.
package enum NativeBuild {
  /// Changes whenever libraries of an older Gnomon must not be used any more.
  private static let formatVersion = 1

  /// The library of these units, from the cache or compiled now: each unit by a compiler process
  /// of its own, as many at once as there are cores.
  ///
  /// - Parameters:
  ///   - units: the C files; those that call each other declare each other's functions. What the
  ///     library exports has `__attribute__((visibility("default")))`.
  ///   - sidecar: a text kept beside the library in the cache, not part of its key.
  /// - Throws: what keeps the C from being compiled or loaded. A cache that cannot be written is
  ///   not an error but a warning in the result; then a temporary directory serves.
  package static func library(
    units: [CUnit], flags: NativeFlags = .best, sidecar: String = "",
    environment: NativeEnvironment = .process
  ) throws(NativeError) -> NativeLibrary {
    let compiler = try Compiler.locate(environment)
    let key = key(of: units, flags, compiler)
    let cache = NativeCache(environment)
    if let (library, stored) = cache.load(key) {
      if stored != sidecar { cache.setSidecar(key, sidecar) }
      return NativeLibrary(library: library, key: key, fromCache: true, warnings: [])
    }

    var warnings: [String] = []
    let work: String
    if let directory = cache.makeWorkDirectory() {
      work = directory
    } else {
      warnings = warnOnce(about: cache.directory)
      work = try temporaryDirectory("gnomon-", environment)
    }
    defer { Files.removeDirectory(work) }

    let job = Job(
      units: units, flags: flags, compiler: compiler, work: work, environment: environment)
    var built = try job.build(byDriver: false)
    let library: SharedLibrary
    do {
      library = try SharedLibrary(path: built)
    } catch  where !flags.concernsLinking {
      // The linker alone knows no system library; in a program that has not loaded libm, the
      // driver's link, which names it, helps.
      built = try job.build(byDriver: true)
      library = try SharedLibrary(path: built)
    }
    // Only what loads is kept; moving the file does not disturb the loaded library.
    if warnings.isEmpty, cache.store(key, library: built, sidecar: sidecar, work: work) == nil {
      warnings = warnOnce(about: cache.directory)
    }
    return NativeLibrary(library: library, key: key, fromCache: false, warnings: warnings)
  }

  // MARK: - The key

  /// The SHA-256 of the sources without comments and layout, the flags, the compiler, the CPU (for
  /// native code) and the format. The names of the units do not count.
  static func key(of units: [CUnit], _ flags: NativeFlags, _ compiler: Compiler) -> String {
    var text: [UInt8] = []
    // Each part with its length, so that no two lists of parts make the same text.
    func add(_ part: [UInt8]) { text += Array("\(part.count)\n".utf8) + part }
    add(Array("gnomon \(formatVersion)".utf8))
    add(Array(compiler.version.utf8))
    add(Array(flags.target == .native ? Machine.model.utf8 : "".utf8))
    add(Array("\(flags.arguments.count)".utf8))
    for flag in flags.arguments { add(Array(flag.utf8)) }
    for unit in units { add(CanonicalSource.bytes(of: unit.source)) }
    return SHA256.hex(text)
  }

  // MARK: - Without a cache

  private static let warned = Mutex<Set<String>>([])

  private static func warnOnce(about directory: String) -> [String] {
    guard warned.withLock({ $0.insert(directory).inserted }) else { return [] }
    return [
      "the cache \(directory) cannot be written, or others can write to it; compiled functions "
        + "are not kept. GNOMON_CACHE_DIR names another folder."
    ]
  }

  static func temporaryDirectory(
    _ prefix: String, _ environment: NativeEnvironment
  ) throws(NativeError) -> String {
    let base = environment.temporaryDirectory
    guard let path = Files.makeUniqueDirectory(prefix: base + "/" + prefix) else {
      throw .cacheUnwritable(path: base, reason: Files.lastError)
    }
    return path
  }
}
