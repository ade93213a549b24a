import CRuntime
import Foundation
import GnomonNative
import Testing

@Suite struct BLASTests {
  /// The system's library; these tests say nothing on a machine without one.
  private let blas = BLASLibrary.shared

  @Test func `a product in both precisions`() throws {
    guard let table = blas?.table.pointee else { return }
    // [1 2 3; 4 5 6] times its transpose.
    let a: [Float] = [1, 2, 3, 4, 5, 6]
    var c: [Float] = [0, 0, 0, 0]
    table.sgemm!(101, 111, 112, 2, 2, 3, 1, a, 3, a, 3, 0, &c, 2)
    #expect(c == [14, 32, 32, 77])
    let b = a.map(Double.init)
    var d: [Double] = [1, 1, 1, 1]
    table.dgemm!(101, 111, 112, 2, 2, 3, 2, b, 3, b, 3, 1, &d, 2)
    #expect(d == [29, 65, 65, 155])
  }

  @Test func `the environment is as before`() {
    let before = getenv("OPENBLAS_NUM_THREADS").map { String(cString: $0) }
    _ = try? BLASLibrary(NativeEnvironment(overriding: ["GNOMON_BLAS": nil]))
    #expect(getenv("OPENBLAS_NUM_THREADS").map { String(cString: $0) } == before)
  }

  @Test(arguments: ["none", "/nowhere/libblas.so", "/dev/null"])
  func `no library is an error with a reason`(_ name: String) {
    let environment = NativeEnvironment(overriding: ["GNOMON_BLAS": name])
    do {
      _ = try BLASLibrary(environment)
      Issue.record("it loaded")
    } catch {
      #expect(error.description.contains(name))
    }
  }

  @Test func `a library without the routines is refused`() throws {
    let folder = TemporaryFolder()
    _ = try NativeBuild.library(units: [constantUnit(1)], environment: folder.environment())
    let cache = folder.path + "/cache"
    let name = try #require(
      FileManager.default.contentsOfDirectory(atPath: cache).first { $0.hasSuffix(".so") })
    #expect(throws: NativeError.self) {
      try BLASLibrary(NativeEnvironment(overriding: ["GNOMON_BLAS": cache + "/" + name]))
    }
  }

  @Test func `GNOMON_BLAS names another library`() throws {
    let folder = TemporaryFolder()
    let unit = CUnit(
      name: "blas",
      source: """
        #define EXPORT __attribute__((visibility("default")))
        EXPORT void cblas_sgemm(void) {}
        EXPORT void cblas_dgemm(void) {}
        EXPORT const char *openblas_get_config(void) { return "a test of mine"; }
        """)
    _ = try NativeBuild.library(units: [unit], environment: folder.environment())
    let cache = folder.path + "/cache"
    let name = try #require(
      FileManager.default.contentsOfDirectory(atPath: cache).first { $0.hasSuffix(".so") })
    let path = cache + "/" + name
    let mine = try BLASLibrary(NativeEnvironment(overriding: ["GNOMON_BLAS": path]))
    #expect(mine.path == path && mine.configuration == "a test of mine")
  }
}
