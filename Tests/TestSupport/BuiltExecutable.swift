public import Foundation

/// An executable of this package, beside the test bundle.
///
///     let program = try BuiltExecutable("cache-stress").path
public struct BuiltExecutable {
  public let path: String

  /// - Throws: `CocoaError.fileNoSuchFile` if the build made none of this name.
  public init(_ name: String) throws {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL
    if let image = Bundle.allBundles.first(where: { $0.bundlePath.hasSuffix(".xctest") }) {
      folder = image.bundleURL
    }
    for _ in 0..<5 {
      folder.deleteLastPathComponent()
      let path = folder.appendingPathComponent(name).path
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
        self.path = path
        return
      }
    }
    throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: name])
  }

  /// The exit status of the executable and what it prints.
  public func run(
    _ arguments: [String] = [], environment: [String: String] = [:], folder: URL? = nil
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = folder
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let said = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: said, as: UTF8.self))
  }
}
