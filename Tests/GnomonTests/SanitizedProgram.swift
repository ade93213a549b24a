import Foundation
import GnomonEmission
import GnomonIR
import GnomonKernels
import GnomonNative
import GnomonTensors
import Testing

/// The C of a program as an executable of its own, built with the address and the
/// undefined-behaviour sanitizer.
///
/// A library with a sanitizer inside cannot be loaded into a process without one, so the program
/// runs outside the test, on data that files carry.
struct SanitizedProgram {
  private let staged: StagedProgram
  private let folder: URL

  init(_ staged: StagedProgram, target: NativeFlags.Target = .native) throws {
    self.staged = staged
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "gnomon-sanitized-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let units = EmittedProgram(staged.program, maximumUnits: 1).units
    let program = folder.appendingPathComponent("program.c")
    try Data(units[0].utf8).write(to: program)
    let runtime = Self.repository.appendingPathComponent("Sources/CRuntime")
    let flags = NativeFlags(.fast, target: target, extra: Self.sanitizers).arguments
    try Self.run(
      [Compiler.locate(testEnvironment).path] + flags + [
        "-I", runtime.appendingPathComponent("include").path, "-pthread",
        Self.harness.path, runtime.appendingPathComponent("gnomon_runtime.c").path, program.path,
        "-lm", "-o", folder.appendingPathComponent("program").path,
      ])
  }

  /// Runs the program; throws what a sanitizer says.
  ///
  /// - Parameter pretending: sizes that the program is told instead of the arguments' own.
  func run(
    _ arguments: [Tensor], threads: Int = 1, pretending: [String: Int] = [:]
  ) throws -> [Tensor] {
    var sizes = try Interpreter.sizes(staged.graph, arguments)
    sizes.merge(pretending) { $1 }
    let (inputs, state) = staged.divided(arguments)
    let program = staged.program
    let read = inputs + state + program.constants
    let types = try staged.resultTypes(sizes)

    var data = Data()
    func append(_ word: Int) { withUnsafeBytes(of: Int64(word)) { data.append(contentsOf: $0) } }
    append(threads)
    append(program.dimensionNames.count)
    for name in program.dimensionNames { append(sizes[name]!) }
    append(read.count + types.count)
    for tensor in read {
      append(-1)
      append(tensor.byteCount)
      append(1)
      tensor.withUnsafeBytes { data.append(contentsOf: $0) }
    }
    for (i, type) in types.enumerated() {
      let update = i - program.outputTypes.count
      let isInPlace = update >= 0 && program.updates[update].memory != .separate
      append(isInPlace ? inputs.count + program.updates[update].variable : -1)
      append(type.shape.reduce(1, *) * type.dtype.byteCount)
      append(0)
    }

    let files = ["input", "output"].map { folder.appendingPathComponent($0) }
    try data.write(to: files[0])
    try Self.run([folder.appendingPathComponent("program").path] + files.map(\.path))
    let found = try Data(contentsOf: files[1])
    let head = found.prefix(32).withUnsafeBytes { Array($0.bindMemory(to: Int64.self)) }
    if head[0] != 0 {
      throw IndexFailure(index: head[1], position: head[2], bound: head[3])
    }
    var position = 32 + read.map(\.byteCount).reduce(0, +)
    return types.map { type in
      var tensor = Tensor(uninitialized: type.dtype, Shape(type.shape))
      let bytes = tensor.byteCount
      tensor.withUnsafeMutableBytes {
        _ = found.copyBytes(to: $0, from: position..<position + bytes)
      }
      position += bytes
      return tensor
    }
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  private static let sanitizers = [
    "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer",
  ]
  private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let harness = repository.appendingPathComponent(
    "Tests/SanitizerHarness/harness.c")

  /// What a tool or a sanitized program said before it failed.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private static func run(_ words: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    let pipe = Pipe()
    process.standardError = pipe
    // Leaks are the harness's own; a container may forbid the tracing that finds them.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["ASAN_OPTIONS": "detect_leaks=0"]) { $1 }
    try process.run()
    let said = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: String(decoding: said, as: UTF8.self))
    }
  }
}
