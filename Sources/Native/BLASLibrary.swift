package import CRuntime

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// A BLAS library, loaded when a program first needs it and never linked.
///
/// It is asked for one thread: our own partition makes the bits of a product independent of the
/// thread count, which a BLAS library's does not. OpenBLAS picks its kernels by the CPU it finds;
/// `OPENBLAS_CORETYPE` overrides that, is the user's, and is left alone.
package final class BLASLibrary: Sendable {
  package let path: String
  /// What the library says about itself, or nil.
  package let configuration: String?
  /// Its routines, for a `gn_context`. Valid for as long as the process lives.
  package nonisolated(unsafe) let table: UnsafePointer<gn_blas>

  /// The library that `GNOMON_BLAS` or the system provides, loaded at the first use; nil when
  /// there is none.
  package static let shared: BLASLibrary? = try? BLASLibrary(.process)

  /// Loads the library that `GNOMON_BLAS` names, else the first that is there of the usual ones.
  ///
  /// - Throws: `loadFailed` with the reason of the last one tried.
  package init(_ environment: NativeEnvironment) throws(NativeError) {
    var failure = NativeError.loadFailed(path: "BLAS", reason: "GNOMON_BLAS is none")
    for path in Self.candidates(environment) {
      do {
        (table, configuration) = try Self.open(path)
        self.path = path
        return
      } catch {
        failure = error
      }
    }
    throw failure
  }

  private static func candidates(_ environment: NativeEnvironment) -> [String] {
    if let chosen = environment["GNOMON_BLAS"] { return chosen == "none" ? [] : [chosen] }
    #if os(macOS)
      return [
        "/System/Library/Frameworks/Accelerate.framework/Accelerate",
        "/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "libopenblas.dylib",
      ]
    #else
      return ["libopenblas.so.0", "libopenblas.so"]
    #endif
  }

  private static func open(
    _ path: String
  ) throws(NativeError) -> (UnsafePointer<gn_blas>, String?) {
    guard let handle = openWithOneThread(path) else {
      throw .loadFailed(path: path, reason: dlerror().map { String(cString: $0) } ?? "unknown")
    }
    guard let sgemm = dlsym(handle, "cblas_sgemm"), let dgemm = dlsym(handle, "cblas_dgemm") else {
      dlclose(handle)
      throw .loadFailed(path: path, reason: "it has no cblas_sgemm and cblas_dgemm")
    }
    var configuration: String?
    if let function = dlsym(handle, "openblas_get_config") {
      typealias GetConfiguration = @convention(c) () -> UnsafePointer<CChar>?
      configuration = unsafeBitCast(function, to: GetConfiguration.self)()
        .map { String(cString: $0) }
    }
    if configuration?.contains("USE64BITINT") == true {
      dlclose(handle)
      throw .loadFailed(path: path, reason: "it takes 64-bit integers; 32-bit ones are needed")
    }
    if let function = dlsym(handle, "openblas_set_num_threads") {
      unsafeBitCast(function, to: (@convention(c) (Int32) -> Void).self)(1)
    }
    // Never freed: there is one for each library that is ever loaded.
    let table = UnsafeMutablePointer<gn_blas>.allocate(capacity: 1)
    table.initialize(to: gn_blas())
    UnsafeMutableRawPointer(table).storeBytes(
      of: sgemm, toByteOffset: MemoryLayout<gn_blas>.offset(of: \.sgemm)!,
      as: UnsafeMutableRawPointer.self)
    UnsafeMutableRawPointer(table).storeBytes(
      of: dgemm, toByteOffset: MemoryLayout<gn_blas>.offset(of: \.dgemm)!,
      as: UnsafeMutableRawPointer.self)
    UnsafeMutableRawPointer(table).storeBytes(
      of: lapack(handle), toByteOffset: MemoryLayout<gn_blas>.offset(of: \.lapack)!,
      as: UnsafeMutablePointer<gn_lapack>?.self)
    return (UnsafePointer(table), configuration)
  }

  /// The routines of LAPACK that the library has, or nil if it has none.
  private static func lapack(_ handle: UnsafeMutableRawPointer) -> UnsafeMutablePointer<gn_lapack>?
  {
    let fields: [(String, Int?)] = [
      ("cblas_strsm", MemoryLayout<gn_lapack>.offset(of: \.strsm)),
      ("cblas_dtrsm", MemoryLayout<gn_lapack>.offset(of: \.dtrsm)),
      ("spotrf_", MemoryLayout<gn_lapack>.offset(of: \.spotrf)),
      ("dpotrf_", MemoryLayout<gn_lapack>.offset(of: \.dpotrf)),
      ("sgetrf_", MemoryLayout<gn_lapack>.offset(of: \.sgetrf)),
      ("dgetrf_", MemoryLayout<gn_lapack>.offset(of: \.dgetrf)),
      ("sgeqrf_", MemoryLayout<gn_lapack>.offset(of: \.sgeqrf)),
      ("dgeqrf_", MemoryLayout<gn_lapack>.offset(of: \.dgeqrf)),
      ("sorgqr_", MemoryLayout<gn_lapack>.offset(of: \.sorgqr)),
      ("dorgqr_", MemoryLayout<gn_lapack>.offset(of: \.dorgqr)),
      ("ssyevd_", MemoryLayout<gn_lapack>.offset(of: \.ssyevd)),
      ("dsyevd_", MemoryLayout<gn_lapack>.offset(of: \.dsyevd)),
      ("sgesdd_", MemoryLayout<gn_lapack>.offset(of: \.sgesdd)),
      ("dgesdd_", MemoryLayout<gn_lapack>.offset(of: \.dgesdd)),
      ("sgeev_", MemoryLayout<gn_lapack>.offset(of: \.sgeev)),
      ("dgeev_", MemoryLayout<gn_lapack>.offset(of: \.dgeev)),
      ("sgees_", MemoryLayout<gn_lapack>.offset(of: \.sgees)),
      ("dgees_", MemoryLayout<gn_lapack>.offset(of: \.dgees)),
      ("strsyl_", MemoryLayout<gn_lapack>.offset(of: \.strsyl)),
      ("dtrsyl_", MemoryLayout<gn_lapack>.offset(of: \.dtrsyl)),
    ]
    // Never freed, as the table that points to it.
    let table = UnsafeMutablePointer<gn_lapack>.allocate(capacity: 1)
    table.initialize(to: gn_lapack())
    var isEmpty = true
    for (name, offset) in fields {
      guard let offset, let symbol = dlsym(handle, name) else { continue }
      UnsafeMutableRawPointer(table).storeBytes(
        of: symbol, toByteOffset: offset, as: UnsafeMutableRawPointer.self)
      isEmpty = false
    }
    guard isEmpty else { return table }
    table.deallocate()
    return nil
  }

  /// OpenBLAS starts its threads while it is loaded, unless this variable forbids it: 1.5 ms
  /// instead of 10 ms, and no idle threads. The variable is put back at once.
  private static func openWithOneThread(_ path: String) -> UnsafeMutableRawPointer? {
    let name = "OPENBLAS_NUM_THREADS"
    let previous = getenv(name).map { String(cString: $0) }
    setenv(name, "1", 1)
    let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)
    if let previous { setenv(name, previous, 1) } else { unsetenv(name) }
    return handle
  }
}
