import Foundation
import Gnomon
import GnomonNative
import Testing

/// Functions written to folders, as programs without Gnomon use them.
@Suite struct ExportTests {
  init() { #expect(usesOwnCache) }

  private let folder = testCacheFolder + "/export-\(UUID().uuidString)"

  private func code(_ body: () throws -> Void) -> DiagnosticCode? {
    do { try body() } catch let error as GnomonError { return error.diagnostics.first?.code } catch
    {}
    return nil
  }

  /// A training step with a product, rows of several passes, a constant, an index and a size that
  /// must fit: of sizes that no vector's lanes divide.
  private func step() throws -> (function: CompiledFunction, weights: Expr) {
    let x = Expr.input("x", .float32, ["batch", 37])
    let i = Expr.input("i", .int32, ["batch"])
    let w = Expr.variable("w", .normal(.float32, [37, 19], seed: 3))
    let c = Expr.constant(.normal(.float32, [19], seed: 4))
    let y = softmax(matmul(x, w) + c, axis: -1)
    let loss = sum(tanh(y) * take(w, i)[0..., 0..<19])
    let step = try compile(
      inputs: [x, i], outputs: [y, loss],
      updates: [w: w - 0.1 * gradient(of: loss, withRespectTo: w)],
      options: CompileOptions(name: "step", mode: .fast))
    return (step, w)
  }

  #if arch(x86_64)
    @Test func `every target of a library gives the bits of the function itself`() throws {
      let (step, w) = try step()
      let library = try step.export(to: folder, targets: [.x86_64v3, .x86_64v4, .x86_64])
      let exported = try ExportedStep(library)
      let features = Set(GnomonNative.Machine.features)
      var targets =
        features.isSuperset(of: ["avx512f", "avx512bw", "avx512vl"]) ? ["x86-64-v4"] : []
      if features.isSuperset(of: ["avx2", "fma"]) { targets.append("x86-64-v3") }
      // The best was chosen when the library was loaded.
      #expect(exported.target == targets.first ?? "x86-64")
      #expect(!exported.use("x86-64-v2") && !exported.use(""))

      let x = Tensor.normal(.float32, [41, 37], seed: 5)
      let i = Tensor((0..<41).map { Int32($0 % 37) })
      let before = w.value
      let expected = try step.outputs([x, i]) + [w.value]
      for target in targets {
        #expect(exported.use(target) && exported.target == target)
        for threads in [1, 2] {
          let found = try exported.run(x, i, threads: threads)
          for (a, b) in zip(found, expected) {
            #expect(sameBits(a, b), "\(target): \(firstDifference(a, b))")
          }
          #expect(!sameBits(found[2], before))
        }
      }
      // Without fused multiply-add the last bits differ.
      #expect(exported.use("x86-64"))
      for (a, b) in zip(try exported.run(x, i, threads: 2), expected) {
        #expect(zip(a.doubles, b.doubles).allSatisfy { abs($0 - $1) < 1e-4 })
      }
    }

    @Test func `targets of other architectures, none, and names that C does not know are refused`()
      throws
    {
      let x = Expr.input("x", .float32, ["n"])
      let f = try compile(
        inputs: [x], outputs: [x + 1], options: CompileOptions(name: "a+b", interpreted: true))
      #expect(
        code { try f.export(to: folder, as: "f", targets: [.x86_64, .arm64]) } == .exportRefused)
      #expect(code { try f.export(to: folder, as: "f", targets: []) } == .exportRefused)
      for name in [nil, "", "2f", "é", "f g"] {
        #expect(code { try f.export(to: folder, as: name) } == .exportRefused)
      }
      #expect(!FileManager.default.fileExists(atPath: folder))
      do { try f.export(to: folder, as: "f", targets: [.arm64]) } catch {
        #expect("\(error)".contains("ExportTests.swift"), "the line of the call: \(error)")
      }
      #expect(throws: NativeError.self) { try f.export(to: "/dev/null/folder", as: "f") }
    }

    /// The Makefile in the folder, and what it is asked for: one bit that CPUs differ in.
    @Test func `a library made again for the same bits has no estimates`() throws {
      let features = Set(GnomonNative.Machine.features)
      guard features.isSuperset(of: ["avx512f", "avx512bw", "avx512vl"]) else { return }
      let x = Expr.input("x", .float32, [4096])
      let root = try compile(
        inputs: [x], outputs: [rsqrt(x)], options: CompileOptions(name: "root", mode: .fast))
      try root.export(to: folder, targets: [.x86_64v3, .x86_64v4])
      let main = """
        #include "root.h"
        #include <string.h>
        static float x[4096], y[2][4096];
        int main(void) {
          for (int k = 0; k < 4096; ++k) { x[k] = 1 + (float)k / 4096; }
          const char *targets[] = {"x86-64-v3", "x86-64-v4"};
          for (int t = 0; t < 2; ++t) {
            if (root_use_target(targets[t]) != ROOT_OK) { return 1; }
            root *f = root_create(1);
            const void *inputs[] = {x};
            void *outputs[] = {y[t]};
            if (root_run(f, inputs, outputs, 0) != ROOT_OK) { return 2; }
            root_destroy(f);
          }
          return memcmp(y[0], y[1], sizeof x) ? 3 : 0;
        }
        """
      try main.write(toFile: folder + "/main.c", atomically: true, encoding: .utf8)
      let compiler = try Compiler.locate(testEnvironment).path
      for (flag, status) in [("", 3), (" -DGNOMON_SAME_BITS", 0)] as [(String, Int32)] {
        let made = try run("/usr/bin/env", ["make", "-B", "-C", folder, "CC=\(compiler)\(flag)"])
        #expect(made.status == 0, "\(made.output)")
        let built = try run(
          compiler,
          [
            folder + "/main.c", "-o", folder + "/main", "-L", folder, "-lroot", "-lm",
            "-Wl,-rpath," + folder,
          ])
        #expect(built.status == 0, "\(built.output)")
        #expect(try run(folder + "/main", []).status == status, "with flag '\(flag)'")
      }
    }
  #endif

  @Test func `a program in C calls an exported function`() throws {
    let (step, _) = try step()
    try step.export(to: folder)
    let main = """
      #include "step.h"
      #include <math.h>
      #include <stdio.h>
      static float x[5 * 37], y[5 * 19], loss;
      int main(void) {
        int32_t i[5] = {0, 36, 2, 3, 4};
        for (int k = 0; k < 5 * 37; ++k) { x[k] = (float)k / 100; }
        const void *inputs[] = {x, i};
        void *outputs[] = {y, &loss};
        int64_t batch = 5;
        step *f = step_create(2);
        if (!f || !step_target()) { return 1; }
        float first = *(float *)step_variable(f, 0);
        if (step_run(f, inputs, outputs, &batch) != STEP_OK || step_message(f)[0]) { return 2; }
        for (int r = 0; r < 5; ++r) {
          float sum = 0;
          for (int k = 0; k < 19; ++k) { sum += y[r * 19 + k]; }
          if (!(fabsf(sum - 1) < 1e-5f)) { return 3; }
        }
        float second = *(float *)step_variable(f, 0);
        if (first == second || step_variable(f, 1)) { return 4; }
        // A failed call changes nothing; one that cannot be is not begun.
        i[3] = 37;
        if (step_run(f, inputs, outputs, &batch) != STEP_FAILED) { return 5; }
        puts(step_message(f));
        if (*(float *)step_variable(f, 0) != second) { return 6; }
        batch = -1;
        if (step_run(f, inputs, outputs, &batch) != STEP_SIZES) { return 7; }
        step_destroy(f);
        return 0;
      }
      """
    try main.write(toFile: folder + "/main.c", atomically: true, encoding: .utf8)
    let strict = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    let compiler = try Compiler.locate(testEnvironment).path
    let built = try run(
      compiler,
      strict + [
        folder + "/main.c", "-o", folder + "/main", "-L", folder, "-lstep", "-lm",
        "-Wl,-rpath," + folder,
      ])
    #expect(built.status == 0, "\(built.output)")
    let result = try run(folder + "/main", [])
    #expect(result.status == 0)
    #expect(result.output == "an index is out of range: 37 at position 3\n")
  }

  private func run(_ path: String, _ arguments: [String]) throws -> (status: Int32, output: String)
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let said = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: said, as: UTF8.self))
  }
}

/// The library of `ExportTests.step`, loaded into the test.
private struct ExportedStep {
  private let library: SharedLibrary
  private let create: @convention(c) (Int32) -> OpaquePointer?
  private let destroy: @convention(c) (OpaquePointer?) -> Void
  private let variable: @convention(c) (OpaquePointer?, Int32) -> UnsafeMutableRawPointer?
  private let useTarget: @convention(c) (UnsafePointer<CChar>) -> Int32
  private let currentTarget: @convention(c) () -> UnsafePointer<CChar>?
  private let runStep:
    @convention(c) (
      OpaquePointer?, UnsafePointer<UnsafeRawPointer?>, UnsafePointer<UnsafeMutableRawPointer?>,
      UnsafePointer<Int64>
    ) -> Int32

  init(_ path: String) throws {
    let library = try SharedLibrary(path: path)
    self.library = library
    func function<F>(_ name: String) throws -> F {
      unsafeBitCast(try #require(library.symbol(name)), to: F.self)
    }
    create = try function("step_create")
    destroy = try function("step_destroy")
    variable = try function("step_variable")
    useTarget = try function("step_use_target")
    currentTarget = try function("step_target")
    runStep = try function("step_run")
  }

  var target: String? { currentTarget().map { String(cString: $0) } }

  func use(_ target: String) -> Bool { useTarget(target) == 0 }

  /// The outputs of the first step, and the weights after it.
  func run(_ x: Tensor, _ i: Tensor, threads: Int) throws -> [Tensor] {
    let function = try #require(create(Int32(threads)))
    defer { destroy(function) }
    let batch = x.shape[0]
    var y = Tensor(uninitialized: .float32, [batch, 19])
    var loss = Tensor(uninitialized: .float32, [])
    let status = x.withUnsafeBytes { x in
      i.withUnsafeBytes { i in
        y.withUnsafeMutableBytes { y in
          loss.withUnsafeMutableBytes { loss in
            runStep(
              function, [x.baseAddress, i.baseAddress], [y.baseAddress, loss.baseAddress],
              [Int64(batch)])
          }
        }
      }
    }
    #expect(status == 0)
    let memory = try #require(variable(function, 0))
    var weights = Tensor(uninitialized: .float32, [37, 19])
    weights.withUnsafeMutableBytes {
      $0.baseAddress!.copyMemory(from: memory, byteCount: $0.count)
    }
    return [y, loss, weights]
  }
}
