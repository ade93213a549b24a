internal import CRuntime
internal import Dispatch
internal import Synchronization

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// The system's C compiler: where it is, and which version.
package struct Compiler: Hashable, Sendable {
  /// The path of the executable.
  package let path: String
  /// All that `--version` prints; part of the name of what it compiles.
  package let version: String

  /// The first line of the version.
  package var summary: String {
    version.split(whereSeparator: \.isNewline).first.map(String.init) ?? "unknown"
  }

  /// Finds the compiler: `GNOMON_CC`, else `clang` on `PATH`, else the Swift toolchain's clang.
  ///
  /// The version is read once for each executable file and remembered in the cache, so that a
  /// warm start begins no process.
  ///
  /// - Throws: `noCompiler`, or the failure of `--version`.
  package static func locate(
    _ environment: NativeEnvironment = .process
  ) throws(NativeError) -> Compiler {
    let path = try findPath(environment)
    return Compiler(path: path, version: try version(of: path, environment))
  }

  /// Begins to ask the compiler for its version, which takes 10 ms, while the caller does something else.
  package static func locateAhead(_ environment: NativeEnvironment = .process) {
    guard known.withLock(\.isEmpty) else { return }
    DispatchQueue.global(qos: .userInitiated).async { _ = try? locate(environment) }
  }

  // MARK: - Where it is

  private static func findPath(_ environment: NativeEnvironment) throws(NativeError) -> String {
    if let chosen = environment["GNOMON_CC"] {
      // An explicit wish is never replaced by something else.
      if let path = find(chosen, environment) { return path }
      throw .noCompiler(tried: ["GNOMON_CC=\(chosen): no such executable"])
    }
    if let path = find("clang", environment) { return path }
    var tried = ["clang on PATH"]
    for path in toolchainCandidates(environment) {
      if Files.isExecutable(path) { return path }
      tried.append(path)
    }
    throw .noCompiler(tried: tried)
  }

  /// The executable of a name on `PATH`, or at a path.
  static func find(_ name: String, _ environment: NativeEnvironment) -> String? {
    if name.contains("/") { return Files.isExecutable(name) ? name : nil }
    for directory in environment.searchPath {
      let path = directory + "/" + name
      if Files.isExecutable(path) { return path }
    }
    return nil
  }

  private static func toolchainCandidates(_ environment: NativeEnvironment) -> [String] {
    var directories: [String] = []
    for name in ["swift", "swiftc"] {
      guard let found = find(name, environment), let path = Files.resolved(found) else { continue }
      directories.append(folder(of: path))
    }
    // The runtime that this process uses lies in <toolchain>/usr/lib/swift/<platform>.
    #if canImport(Darwin)
      let everyImage = UnsafeMutableRawPointer(bitPattern: -2)  // RTLD_DEFAULT
    #else
      let everyImage: UnsafeMutableRawPointer? = nil
    #endif
    if let symbol = dlsym(everyImage, "swift_retain"), let image = gn_image_path(symbol) {
      var path = String(cString: image)
      for _ in 0..<4 { path = folder(of: path) }
      directories.append(path + "/bin")
    }
    var seen: Set<String> = []
    let candidates = directories.map { $0 + "/clang" } + ["/usr/bin/clang"]
    return candidates.filter { seen.insert($0).inserted }
  }

  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }

  // MARK: - Which version

  private static let known = Mutex<[String: String]>([:])
  /// Held by who reads or asks, so that nobody asks twice.
  private static let asking = Mutex<Void>(())

  private static func version(
    of path: String, _ environment: NativeEnvironment
  ) throws(NativeError) -> String {
    guard let file = Files.resolved(path), let facts = Files.facts(file) else {
      throw .noCompiler(tried: [path])
    }
    // An executable that was replaced has another time or size.
    let identity = "\(path)\n\(file)\n\(facts.modified)\n\(facts.bytes)\n"
    if let version = known.withLock({ $0[identity] }) { return version }
    return try asking.withLock { _ throws(NativeError) in
      try ask(path, identity, environment)
    }
  }

  private static func ask(
    _ path: String, _ identity: String, _ environment: NativeEnvironment
  ) throws(NativeError) -> String {
    if let version = known.withLock({ $0[identity] }) { return version }
    let cache = NativeCache(environment)
    let name = "compiler-\(SHA256.hex(Array(identity.utf8)).prefix(32)).txt"
    if let text = cache.note(name), text.hasPrefix(identity), text.hasSuffix("\n") {
      let version = String(text.dropFirst(identity.count))
      if !version.isEmpty {
        known.withLock { $0[identity] = version }
        return version
      }
    }

    let command = Command(executable: path, arguments: ["--version"])
    let result = ChildProcess.run(
      [command], atMost: 1, seconds: environment.compilerTimeLimit, environment: environment)[0]
    if let error = NativeError(result, of: command, environment, source: nil) { throw error }
    let version = result.output.hasSuffix("\n") ? result.output : result.output + "\n"
    known.withLock { $0[identity] = version }
    cache.setNote(name, identity + version)
    return version
  }
}

extension NativeError {
  /// The error that a run of the compiler amounts to; nil when it succeeded.
  init?(
    _ result: ProcessResult, of command: Command, _ environment: NativeEnvironment, source: String?
  ) {
    switch result.ending {
    case .exited(0):
      return nil
    case .exited(let status):
      // A driver whose own child crashed reports 128 + signal, as shells do.
      if status > 128 && status < 160 {
        self = .compilerCrashed(
          command: command.words, signal: status - 128, output: result.output, sourcePath: source)
      } else {
        self = .compilerFailed(
          command: command.words, status: status, output: result.output, sourcePath: source)
      }
    case .signalled(let signal):
      self = .compilerCrashed(
        command: command.words, signal: signal, output: result.output, sourcePath: source)
    case .timedOut:
      self = .compilerTimedOut(
        command: command.words, seconds: environment.compilerTimeLimit, sourcePath: source)
    case .notStarted(let code):
      self = .noCompiler(
        tried: ["\(command.executable): \(String(cString: strerror(code)))"])
    }
  }
}
