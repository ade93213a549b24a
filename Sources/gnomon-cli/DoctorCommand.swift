internal import ArgumentParser
internal import Foundation
internal import Gnomon
internal import GnomonIR
internal import GnomonNative
internal import GnomonOperations
internal import GnomonTensors

/// `gnomon doctor`: whether this machine has what Gnomon needs.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Reports the compiler, BLAS, CPU, cache and threads, and tries them.",
    discussion: "The status is 1 when functions cannot be compiled here.")

  func run() throws {
    let facts = NativeFacts()
    line("threads", "\(facts.threads) of \(facts.cores) cores")
    line("CPU", facts.cpuModel)
    line("", facts.cpuFeatures.joined(separator: " "))
    let caches = facts.dataCaches.enumerated().compactMap { level, bytes in
      bytes.map { "L\(level + 1) \(byteText(Int64($0)))" }
    }
    line("CPU caches", caches.isEmpty ? "unknown" : caches.joined(separator: ", "))
    switch facts.blas {
    case .success(let blas):
      line("BLAS", [blas.path, blas.configuration].compactMap { $0 }.joined(separator: ", "))
    case .failure(let error): line("BLAS", "none, which is no harm: \(error)")
    }
    line(
      "cache",
      "\(facts.cacheDirectory): \(libraryText(facts.cacheEntries)),"
        + " \(byteText(facts.cacheBytes)) of \(byteText(facts.cacheLimit))")
    if !facts.cacheIsUsable {
      line("", "cannot be written; GNOMON_CACHE_DIR names another folder")
    }
    switch facts.compiler {
    case .success(let compiler):
      line("compiler", "\(compiler.path), \(compiler.summary)")
      line("trial", try trial())
    case .failure(let error):
      line("compiler", "\(error)")
      throw CommandFailure(
        "functions cannot be compiled here; they run in the reference interpreter, which is slow")
    }
  }

  private func line(_ title: String, _ text: String) {
    let head = title.padding(toLength: 12, withPad: " ", startingAt: 0)
    print(head + text.replacing("\n", with: "\n" + String(repeating: " ", count: 12)))
  }

  /// Compiles a function and compares it with the interpreter.
  private func trial() throws -> String {
    let graph = try Graph(
      parsing: """
        func @doctor(%x: f32[n]) -> f32[n] {
          %0 = tanh %x : f32[n]
          return %0
        }
        """, operations: operationTable)
    let x = Tensor([-2, -0.5, 0, 0.25, 3] as [Float])
    let start = ContinuousClock.now
    let compiled = try compile(graph, options: CompileOptions(name: "doctor"))
    let results = try compiled.outputs([x])[0].doubles
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let expected = try Interpreter(graph).run([x])[0].doubles
    guard zip(results, expected).allSatisfy({ abs($0 - $1) <= 1e-6 }) else {
      throw CommandFailure("tanh, compiled, gives \(results); it should give \(expected)")
    }
    return String(format: "tanh compiled, loaded and run in %.3f s, with the right result", seconds)
  }
}
