import Foundation
import GnomonNative
import Testing

@Suite struct CompilerTests {
  @Test func `clang is found, and its version`() throws {
    let folder = TemporaryFolder()
    let compiler = try Compiler.locate(folder.environment())
    #expect(compiler.path.hasSuffix("clang"))
    #expect(compiler.summary.contains("clang"))
  }

  @Test func `without PATH the running toolchain's clang is found`() throws {
    let folder = TemporaryFolder()
    let environment = folder.environment(["PATH": folder.path, "GNOMON_CC": nil])
    #expect(try Compiler.locate(environment).summary.contains("clang"))
  }

  @Test func `the clang beside swift is found through a symbolic link`() throws {
    let folder = TemporaryFolder()
    let toolchain = TemporaryFolder()
    _ = toolchain.script("swift", "exit 0")
    let clang = toolchain.script("clang", "echo clang from a toolchain")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/swift", withDestinationPath: toolchain.path + "/swift")
    let environment = folder.environment(["PATH": folder.path, "GNOMON_CC": nil])
    let found = try Compiler.locate(environment)
    #expect(found.summary == "clang from a toolchain")
    #expect(found.path.hasSuffix("/clang") && clang.hasSuffix("/clang"))
  }

  @Test func `GNOMON_CC comes before clang on PATH`() throws {
    let folder = TemporaryFolder()
    let script = folder.script("mycc", "echo my compiler 1.0")
    let byPath = try Compiler.locate(folder.environment(["GNOMON_CC": script]))
    #expect(byPath.path == script && byPath.summary == "my compiler 1.0")
    let byName = folder.environment(["GNOMON_CC": "mycc", "PATH": folder.path + ":/bin"])
    #expect(try Compiler.locate(byName).path == script)
  }

  @Test func `a GNOMON_CC that does not exist is an error and not replaced`() {
    let folder = TemporaryFolder()
    let environment = folder.environment(["GNOMON_CC": "/nowhere/clang"])
    #expect(throws: NativeError.noCompiler(tried: ["GNOMON_CC=/nowhere/clang: no such executable"]))
    {
      try Compiler.locate(environment)
    }
  }

  @Test func `many who ask at once get one answer`() async throws {
    let folder = TemporaryFolder()
    let count = folder.path + "/count"
    let cc = folder.script("cc", "echo run >> \(count); sleep 0.1; echo version 7")
    let environment = folder.environment(["GNOMON_CC": cc])
    Compiler.locateAhead(environment)
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<4 { group.addTask { try Compiler.locate(environment).summary } }
      for try await summary in group { #expect(summary == "version 7") }
    }
    #expect(try String(contentsOfFile: count, encoding: .utf8) == "run\n")
  }

  // The version is also remembered in this process; the cache on disk is what a new process has.
  @Test func `the version is kept in the cache until the executable changes`() throws {
    let folder = TemporaryFolder()
    let count = folder.path + "/count"
    func install(_ version: String) -> String {
      folder.script("cc", "echo run >> \(count); echo \(version)")
    }
    func runs() -> Int {
      ((try? String(contentsOfFile: count, encoding: .utf8)) ?? "").split(separator: "\n").count
    }
    let environment = folder.environment(["GNOMON_CC": install("one")])
    #expect(try Compiler.locate(environment).summary == "one")
    #expect(try Compiler.locate(environment).summary == "one")
    #expect(runs() == 1)
    let notes = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache")
      .filter { $0.hasPrefix("compiler-") }
    #expect(notes.count == 1)
    _ = install("another")
    #expect(try Compiler.locate(environment).summary == "another")
    #expect(runs() == 2)
  }
}
