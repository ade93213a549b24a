import Foundation
import GnomonNative
import Testing

/// What a bad compiler does, once asked for its version and once asked to compile.
@Suite struct CompilerFailureTests {
  private func build(
    _ body: String, versionToo: Bool, _ folder: TemporaryFolder, _ more: [String: String?] = [:]
  ) -> NativeError? {
    let version = versionToo ? "" : "if [ \"$1\" = --version ]; then echo 1; exit 0; fi\n"
    let script = folder.script("cc", version + body)
    let environment = folder.environment(["GNOMON_CC": script].merging(more) { $1 })
    do {
      _ = try NativeBuild.library(
        units: [constantUnit(1, name: "the function")], environment: environment)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [false, true])
  func `a crash is reported as one`(_ versionToo: Bool) throws {
    let folder = TemporaryFolder()
    let error = build("kill -SEGV $$", versionToo: versionToo, folder)
    guard case .compilerCrashed(_, let signal, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(signal == SIGSEGV)
    #expect(error!.description.contains("signal 11"))
  }

  @Test(arguments: [false, true])
  func `a hang ends at the time limit, and so do its children`(_ versionToo: Bool) throws {
    let folder = TemporaryFolder()
    let body = "sleep 100 & echo $! > \(folder.path)/child; wait"
    // What ends at once must end within the limit on a loaded machine too.
    let limit = versionToo ? 2.5 : 12.5
    let error = build(body, versionToo: versionToo, folder, ["GNOMON_CC_TIMEOUT": "\(limit)"])
    guard case .compilerTimedOut(_, let seconds, let source) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(seconds == limit)
    #expect((source != nil) == !versionToo)
    let text = try String(contentsOfFile: folder.path + "/child", encoding: .utf8)
    let child = try #require(Int32(text.trimmingCharacters(in: .newlines)))
    // Gone, or a zombie that init has yet to collect.
    func isGone() -> Bool {
      let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
      return kill(child, 0) != 0 || state?.contains(") Z") ?? false
    }
    // The signal is sent; on a loaded machine it takes its time to arrive.
    for _ in 0..<200 where !isGone() { usleep(50_000) }
    #expect(isGone())
  }

  @Test func `clang's own words are shown and the C is kept`() throws {
    let folder = TemporaryFolder()
    let unit = CUnit(name: "bad */ name", source: "int f(void) { return undeclared_thing; }\n")
    do {
      _ = try NativeBuild.library(
        units: [constantUnit(1), unit], environment: folder.environment())
      Issue.record("it compiled")
    } catch {
      guard case .compilerFailed(_, let status, let output, let source) = error else { throw error }
      #expect(status == 1)
      #expect(output.contains("undeclared_thing"))
      let path = try #require(source)
      #expect(path.contains("gnomon-failed-") && path.hasSuffix("1_bad____name.c"))
      #expect(try String(contentsOfFile: path, encoding: .utf8) == unit.source)
      #expect(error.description.contains("undeclared_thing"))
      #expect(error.description.contains("the C is in: \(path)"))
    }
    // Nothing half-made stays in the cache.
    #expect(folder.cache.entries().isEmpty)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache")
    #expect(!left.contains { $0.hasPrefix(".work-") || $0.hasSuffix(".so") })
  }

  @Test func `a compiler that prints an error`() {
    let folder = TemporaryFolder()
    let error = build("echo 'license expired' >&2; exit 3", versionToo: false, folder)
    guard case .compilerFailed(let command, 3, "license expired\n", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(command.contains("-c"))
  }

  @Test func `much output neither blocks nor fills the message`() {
    let folder = TemporaryFolder()
    let error = build(
      "i=0; while [ $i -lt 20000 ]; do echo 'error: a line of some length, again'; i=$((i+1)); done"
        + "\nexit 1", versionToo: false, folder)
    guard case .compilerFailed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error!.description.count < 4000)
    #expect(error!.description.contains("more lines"))
  }

  @Test func `a compiler that does nothing and says it is done`() {
    let folder = TemporaryFolder()
    guard case .compilerFailed = build("exit 0", versionToo: false, folder) else {
      Issue.record("no error")
      return
    }
  }

  @Test func `a compiler that writes rubbish`() {
    let folder = TemporaryFolder()
    let body = """
      while [ $# -gt 1 ]; do [ "$1" = -o ] && echo rubbish > "$2"; shift; done; exit 0
      """
    #expect(build(body, versionToo: false, folder) != nil)
    #expect(folder.cache.entries().isEmpty)
  }

  @Test func `a function that nobody defines fails to load by name`() {
    let folder = TemporaryFolder()
    let unit = CUnit(
      name: "f",
      source: """
        int gnomon_no_such_function(void);
        __attribute__((visibility("default"))) int f(void) { return gnomon_no_such_function(); }
        """)
    do {
      _ = try NativeBuild.library(units: [unit], environment: folder.environment())
      Issue.record("it loaded")
    } catch {
      #expect(error.description.contains("gnomon_no_such_function"))
    }
  }
}
