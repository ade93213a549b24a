import Foundation
import GnomonNative
import Testing

@Suite struct BuildTests {
  @Test func `one unit`() throws {
    let folder = TemporaryFolder()
    let built = try NativeBuild.library(
      units: [constantUnit(42)], environment: folder.environment())
    #expect(built.library.call("answer") == 42)
    #expect(!built.fromCache && built.warnings.isEmpty)
    #expect(built.library.symbol("no_such_symbol") == nil)
  }

  @Test func `several units that call each other`() throws {
    let folder = TemporaryFolder()
    let units =
      (0..<5).map {
        CUnit(name: "part \($0)", source: "int part\($0)(int x) { return x + \($0); }")
      }
      + [
        CUnit(
          name: "whole",
          source: """
            int part0(int), part1(int), part2(int), part3(int), part4(int);
            __attribute__((visibility("default")))
            int whole(void) { return part0(part1(part2(part3(part4(0))))); }
            """)
      ]
    let built = try NativeBuild.library(units: units, environment: folder.environment())
    #expect(built.library.call("whole") == 10)
    #expect(built.library.symbol("part0") == nil)  // hidden
  }

  @Test func `mathematical functions of the system are found`() throws {
    let folder = TemporaryFolder()
    let unit = CUnit(
      name: "f",
      source: """
        double sin(double);
        __attribute__((visibility("default"))) int f(void) {
          volatile double x = 1.5707963267948966; return (int)(sin(x) * 100 + 0.5);
        }
        """)
    let built = try NativeBuild.library(units: [unit], environment: folder.environment())
    #expect(built.library.call("f") == 100)
  }

  @Test func `without ld the driver links`() throws {
    let folder = TemporaryFolder()
    let clang = try Compiler.locate(folder.environment()).path
    let environment = folder.environment(["PATH": folder.path, "GNOMON_CC": clang])
    let built = try NativeBuild.library(units: [constantUnit(7)], environment: environment)
    #expect(built.library.call("answer") == 7)
  }

  @Test func `an ld that fails is not the end`() throws {
    let folder = TemporaryFolder()
    let clang = try Compiler.locate(folder.environment()).path
    _ = folder.script("ld", "echo no >&2; exit 1")
    let path = folder.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    let environment = folder.environment(["PATH": path, "GNOMON_CC": clang])
    // The driver finds its linker beside itself or by its own path.
    let built = try NativeBuild.library(units: [constantUnit(8)], environment: environment)
    #expect(built.library.call("answer") == 8)
  }

  @Test(arguments: NativeFlags.Mode.allCases)
  func `both modes compile`(_ mode: NativeFlags.Mode) throws {
    let folder = TemporaryFolder()
    let built = try NativeBuild.library(
      units: [constantUnit(3)], flags: NativeFlags(mode), environment: folder.environment())
    #expect(built.library.call("answer") == 3)
  }

  #if arch(x86_64)
    @Test func `the target's instruction sets are those asked for`() throws {
      let folder = TemporaryFolder()
      let unit = CUnit(
        name: "features",
        source: """
          __attribute__((visibility("default"))) int features(void) {
            int set = 0;
          #ifdef __AVX2__
            set |= 1;
          #endif
          #ifdef __FMA__
            set |= 2;
          #endif
          #ifdef __AVX512F__
            set |= 4;
          #endif
            return set;
          }
          """)
      func features(_ target: NativeFlags.Target) throws -> Int32? {
        try NativeBuild.library(
          units: [unit], flags: NativeFlags(.best, target: target),
          environment: folder.environment()
        ).library.call("features")
      }
      #expect(try features(.baseline) == 0)
      if Machine.features.contains("avx2") { #expect(try features(.avx2) == 3) }
      if Machine.features.contains("avx512vl") { #expect(try features(.avx512) == 7) }
      var native: Int32 = 0
      for (bit, name) in ["avx2", "fma", "avx512f"].enumerated()
      where Machine.features.contains(name) {
        native |= 1 << Int32(bit)
      }
      #expect(try features(.native) == native)
    }
  #endif

  @Test func `a damaged path is a load error`() {
    #expect(throws: NativeError.self) { try SharedLibrary(path: "/dev/null/no.so") }
  }

  @Test func `code is usable while the library is referenced, from many threads`() async throws {
    let folder = TemporaryFolder()
    let environment = folder.environment()
    // Eight tasks build and load the same function at once in one process.
    let results = await withTaskGroup(of: Int32?.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let built = try? NativeBuild.library(units: [constantUnit(99)], environment: environment)
          return built?.library.call("answer")
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results == Array(repeating: 99, count: 8))
    #expect(folder.cache.entries().count == 1)
  }
}
