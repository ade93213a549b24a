import Foundation

/// The built command, beside the test bundle.
enum Command {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  struct Missing: Error, CustomStringConvertible {
    let description = "the executable `gnomon` is not beside the tests; swift build makes it"
  }

  /// The root of the package: files are named from there in what the command prints.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func executable() throws -> URL {
    // The test bundle on macOS, the test executable elsewhere.
    for start in CommandLine.arguments.prefix(1) + [Bundle.main.bundlePath] {
      var folder = URL(fileURLWithPath: start)
      for _ in 0..<4 {
        folder.deleteLastPathComponent()
        let path = folder.appendingPathComponent("gnomon")
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path.path, isDirectory: &isFolder),
          !isFolder.boolValue
        {
          return path
        }
      }
    }
    throw Missing()
  }

  /// Runs the command in the root of the package and waits for its end.
  static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) throws -> Result {
    let process = Process()
    process.executableURL = try executable()
    process.arguments = arguments
    process.currentDirectoryURL = root
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files rather than pipes: nothing waits for anything, however much is printed.
    let folder = try TemporaryFolder()
    let files = try ["in", "out", "err"].map { try folder.file($0, $0 == "in" ? input : "") }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: try String(contentsOf: files[1], encoding: .utf8),
      errors: try String(contentsOf: files[2], encoding: .utf8))
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
