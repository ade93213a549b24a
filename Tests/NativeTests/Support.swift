import CRuntime
import Foundation
import GnomonNative

/// A folder for one test, removed with the last reference to it.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("gnomon-test-\(UUID().uuidString)")
    try! FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String, _ text: String, mode: Int = 0o600) -> String {
    let file = path + "/" + name
    _ = FileManager.default.createFile(
      atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
    return file
  }

  /// An executable shell script.
  func script(_ name: String, _ body: String) -> String {
    file(name, "#!/bin/sh\n" + body + "\n", mode: 0o700)
  }

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

  /// An environment whose cache and temporary files are in this folder.
  func environment(_ more: [String: String?] = [:]) -> NativeEnvironment {
    NativeEnvironment(
      overriding: ["GNOMON_CACHE_DIR": path + "/cache", "TMPDIR": path]
        .merging(more) { $1 })
  }

  var cache: NativeCache { NativeCache(environment()) }
}

/// A unit that exports `int name(void)` returning `value`.
func constantUnit(_ value: Int, name: String = "answer", comment: String = "") -> CUnit {
  CUnit(
    name: name,
    source: """
      \(comment)
      __attribute__((visibility("default"))) int \(name)(void) { return \(value); }
      """)
}

extension SharedLibrary {
  /// Calls an exported `int f(void)`.
  func call(_ name: String) -> Int32? {
    symbol(name).map { unsafeBitCast($0, to: (@convention(c) () -> Int32).self)() }
  }
}

/// The folder of the package, for sources that tests compile.
let packageFolder = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// Starts a program as the native stage does; returns its process id and output pipe.
func spawn(_ words: [String], _ variables: [String]) -> (process: Int32, output: Int32)? {
  var process: Int32 = 0
  var output: Int32 = 0
  var arguments = words.map { strdup($0) } + [nil]
  var environment = variables.map { strdup($0) } + [nil]
  defer { for pointer in arguments + environment { free(pointer) } }
  let code = gn_spawn(words[0], &arguments, &environment, &process, &output)
  return code == 0 ? (process, output) : nil
}

/// Reads a pipe to its end and collects the process; returns its raw status.
func finish(_ child: (process: Int32, output: Int32)) -> (text: String, status: Int32) {
  let data = FileHandle(fileDescriptor: child.output, closeOnDealloc: true).readDataToEndOfFile()
  var status: Int32 = 0
  while waitpid(child.process, &status, 0) < 0 && errno == EINTR {}
  return (String(decoding: data, as: UTF8.self), status)
}
