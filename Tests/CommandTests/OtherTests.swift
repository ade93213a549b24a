import Foundation
import GnomonNative
import Testing

@Test func `verify names each function`() throws {
  let result = try Command.run(
    ["verify", "-"],
    input: """
      func @f(%x: f32[n]) -> f32[n] {
        %0 = tanh %x : f32[n]
        return %0
      }
      func @g() -> () {
        return
      }
      """)
  #expect(result.errors == "")
  #expect(result.output == "@f: valid, 1 instruction\n@g: valid, 0 instructions\n")
}

@Test func `verify shows the line and the constraint`() throws {
  let result = try Command.run(["verify", "IR/verifier/V1-undefined.ir"])
  #expect(result.status == 1)
  #expect(result.errors.hasPrefix("error[G0082]: V1: "))
  #expect(result.errors.contains("  --> IR/verifier/V1-undefined.ir:"))
}

@Test func `emit-c prints C that a compiler takes`() throws {
  let result = try Command.run(["emit-c", "IR/run/step.ir"])
  #expect(result.status == 0)
  #expect(result.output.contains("int32_t gn_entry(const gn_context *context"))
  let folder = try TemporaryFolder()
  let file = folder.path + "/step.c"
  try Data(result.output.utf8).write(to: URL(fileURLWithPath: file))
  let compiler = Process()
  compiler.executableURL = URL(fileURLWithPath: try Compiler.locate(.process).path)
  compiler.arguments = ["-std=c11", "-Wno-psabi", "-fsyntax-only", file]
  try compiler.run()
  compiler.waitUntilExit()
  #expect(compiler.terminationStatus == 0)
}

@Test func `emit-c --loops prints the step before`() throws {
  let result = try Command.run(["emit-c", "IR/run/step.ir", "--loops"])
  #expect(result.output.hasPrefix("kernel "))
}

@Test func `passes are listed in the order of the pipeline`() throws {
  let result = try Command.run(["passes"])
  let names = result.output.split(separator: "\n").map { $0.split(separator: " ")[0] }
  #expect(names.first == "inline-regions")
  #expect(names.suffix(2) == ["divide-once", "fuse"])
}

@Test func `doctor tries a function, and fails without a compiler`() throws {
  let folder = try TemporaryFolder()
  let cache = ["GNOMON_CACHE_DIR": folder.path + "/cache"]
  let healthy = try Command.run(["doctor"], environment: cache)
  #expect(healthy.status == 0)
  let titles = healthy.output.split(separator: "\n").map { $0.prefix(12) }
    .filter { !$0.hasPrefix(" ") }.map { $0.trimmingCharacters(in: .whitespaces) }
  #expect(titles == ["threads", "CPU", "CPU caches", "BLAS", "cache", "compiler", "trial"])

  let sick = try Command.run(["doctor"], environment: cache.merging(["GNOMON_CC": "/no/cc"]) { $1 })
  #expect(sick.status == 1)
  #expect(sick.output.contains("tried: GNOMON_CC=/no/cc: no such executable"))
  #expect(sick.errors.hasPrefix("error: functions cannot be compiled here; "))
}

@Test func `the cache is listed, cleared and named`() throws {
  let folder = try TemporaryFolder()
  let path = folder.path + "/cache"
  let environment = ["GNOMON_CACHE_DIR": path]
  func cache(_ words: String...) throws -> String {
    try Command.run(["cache"] + words, environment: environment).output
  }
  #expect(try cache("path") == path + "\n")
  #expect(try cache("list") == "0 libraries, 0 B of 512.0 MiB, in \(path)\n")
  _ = try Command.run(["doctor"], environment: environment)
  #expect(try cache("list").hasSuffix(" of 512.0 MiB, in \(path)\n"))
  #expect(try cache("clear") == "removed 1 library from \(path)\n")
  #expect(try cache() == "0 libraries, 0 B of 512.0 MiB, in \(path)\n")
}
