/// What `gnomon doctor` reports about the native stage.
package struct NativeFacts: Sendable {
  /// The compiler, or why there is none.
  package let compiler: Result<Compiler, NativeError>
  /// The BLAS library, or why there is none.
  package let blas: Result<BLASLibrary, NativeError>
  package let cpuModel: String
  package let cpuFeatures: [String]
  package let cores: Int
  /// The bytes of the data caches of levels 1, 2 and 3; nil where not known.
  package let dataCaches: [Int?]
  package let cacheDirectory: String
  package let cacheIsUsable: Bool
  package let cacheEntries: Int
  package let cacheBytes: Int64
  package let cacheLimit: Int64
  /// The threads that a parallel loop uses unless told otherwise.
  package let threads: Int

  /// Looks at everything; loads the BLAS library and may start the compiler once.
  package init(_ environment: NativeEnvironment = .process) {
    compiler = Result { () throws(NativeError) in try Compiler.locate(environment) }
    blas = Result { () throws(NativeError) in try BLASLibrary(environment) }
    cpuModel = Machine.model
    cpuFeatures = Machine.features
    cores = Machine.cores
    dataCaches = (1...3).map { Machine.cacheBytes(level: $0) }
    let cache = NativeCache(environment)
    let entries = cache.entries()
    cacheDirectory = cache.directory
    cacheEntries = entries.count
    cacheBytes = entries.reduce(0) { $0 + $1.bytes }
    cacheLimit = cache.limit
    // A folder that does not exist yet is as good as one that does, if it can be made.
    let work = cache.makeWorkDirectory()
    cacheIsUsable = work != nil
    if let work { Files.removeDirectory(work) }
    threads = environment.defaultThreads
  }
}
