import TestSupport
import CRuntime
import Foundation

/// The built command, beside the test bundle.
enum Command {
  struct Result {
    /// The exit status; 128 and the signal's number if a signal ended it.
    let status: Int32
    let output: String
    let errors: String
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// The root of the package: files are named from there in what the command prints.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// Runs the command in the root of the package and waits for its end.
  static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) throws -> Result {
    let folder = try TemporaryFolder()
    let files = try ["in", "out", "err"].map { try folder.file($0, $0 == "in" ? input : "") }
    // Files rather than pipes: nothing waits, however much is printed.
    let script = """
      cd "$1" && in=$2 out=$3 err=$4 && shift 4 && exec "$0" "$@" <"$in" >"$out" 2>"$err"
      """
    let words =
      ["/bin/sh", "-c", script, try BuiltExecutable("gnomon").path, root] + files.map(\.path)
      + arguments
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let status = try spawn(words, variables.map { "\($0.key)=\($0.value)" })
    return Result(
      status: status, output: try String(contentsOf: files[1], encoding: .utf8),
      errors: try String(contentsOf: files[2], encoding: .utf8))
  }

  private static func spawn(_ words: [String], _ variables: [String]) throws -> Int32 {
    var process: Int32 = 0
    var pipe: Int32 = 0
    var arguments = words.map { strdup($0) } + [nil]
    var environment = variables.map { strdup($0) } + [nil]
    defer { for pointer in arguments + environment { free(pointer) } }
    let code = gn_spawn(words[0], &arguments, &environment, &process, &pipe)
    guard code == 0 else { throw Failure(description: "cannot start \(words): errno \(code)") }
    _ = FileHandle(fileDescriptor: pipe, closeOnDealloc: true).readDataToEndOfFile()
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }
}

/// A folder for one test, removed with the last reference to it.
final class TemporaryFolder: Sendable {
  let url: URL
  var path: String { url.path }

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("gnomon-command-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func file(_ name: String, _ text: String) throws -> URL {
    let file = url.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file
  }
}
