import TestSupport
import Foundation
import GnomonNative
import Testing

@Suite struct CacheStressTests {
  /// The executable `cache-stress`.
  private func executable() throws -> String { try BuiltExecutable("cache-stress").path }

  private func variables(_ folder: TemporaryFolder) -> [String] {
    ProcessInfo.processInfo.environment
      .filter { !$0.key.hasPrefix("GNOMON_") }
      .merging(["GNOMON_CACHE_DIR": folder.path + "/cache", "TMPDIR": folder.path]) { $1 }
      .map { "\($0.key)=\($0.value)" }
  }

  @Test func `a user whose files are open to a group has a cache too`() throws {
    let folder = TemporaryFolder()
    let words = ["/bin/sh", "-c", "umask 002; exec \"$0\" 4", try executable()]
    let first = finish(try #require(spawn(words, variables(folder))))
    let second = finish(try #require(spawn(words, variables(folder))))
    #expect(first.text == "8 compiled \n" && second.text == "8 cached \n")
  }

  @Test func `32 processes at once, some killed, leave a valid cache`() throws {
    let program = try executable()
    let folder = TemporaryFolder()
    let variables = variables(folder)
    let children = try (0..<32).map { _ in try #require(spawn([program, "21"], variables)) }

    // Every third is killed, spread over the time that a compilation takes under this load.
    let victims = Set(stride(from: 1, to: 32, by: 3))
    for (order, victim) in victims.sorted().enumerated() {
      // The first at once, so that some die whatever the load; the others anywhere in their work.
      if order > 2 { usleep(UInt32.random(in: 5_000...100_000)) }
      kill(children[victim].process, SIGKILL)
    }
    var killed = 0
    for (index, child) in children.enumerated() {
      let (text, status) = finish(child)
      if victims.contains(index) && status & 0x7F == SIGKILL {
        killed += 1
        continue
      }
      #expect(status == 0)
      #expect(text == "42 cached \n" || text == "42 compiled \n")
    }
    #expect(killed > 0)

    // One entry, whole, and the next process uses it.
    #expect(folder.cache.entries().count == 1)
    let next = finish(try #require(spawn([program, "21"], variables)))
    #expect(next.text == "42 cached \n")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache")
    #expect(names.filter { $0.hasSuffix(".so") }.count == 1)
  }
}
