import Foundation
import GnomonNative
import Testing

@Suite struct CacheTests {
  private func build(
    _ units: [CUnit], _ folder: TemporaryFolder, sidecar: String = "",
    flags: NativeFlags = .best, _ more: [String: String?] = [:]
  ) throws -> NativeLibrary {
    try NativeBuild.library(
      units: units, flags: flags, sidecar: sidecar, environment: folder.environment(more))
  }

  private func files(_ folder: TemporaryFolder, _ suffix: String) -> [String] {
    let cache = folder.path + "/cache"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []
    return names.filter { $0.hasSuffix(suffix) }.map { cache + "/" + $0 }
  }

  @Test func `the second build comes from the cache and starts no process`() throws {
    let folder = TemporaryFolder()
    let log = folder.path + "/log"
    let clang = try Compiler.locate(folder.environment()).path
    let script = folder.script("cc", "echo run >> \(log)\nexec \(clang) \"$@\"")
    let compiler: [String: String?] = ["GNOMON_CC": script]
    #expect(try !build([constantUnit(1)], folder, compiler).fromCache)
    let runs = try String(contentsOfFile: log, encoding: .utf8)
    let second = try build([constantUnit(1)], folder, compiler)
    #expect(second.fromCache && second.library.call("answer") == 1)
    #expect(try String(contentsOfFile: log, encoding: .utf8) == runs)
  }

  @Test func `comments, layout and unit names do not count`() throws {
    let folder = TemporaryFolder()
    let first = try build([constantUnit(1, comment: "/* main.swift:10 */")], folder)
    var unit = constantUnit(1, comment: "\n\n// main.swift:99\n")
    unit.name = "other"
    let second = try build([unit], folder)
    #expect(second.fromCache && second.key == first.key)
  }

  @Test func `code, flags, compiler and the split into units count`() throws {
    let folder = TemporaryFolder()
    let clang = try Compiler.locate(folder.environment()).path
    let other = folder.script(
      "cc", "if [ \"$1\" = --version ]; then echo other; else exec \(clang) \"$@\"; fi")
    let empty = CUnit(name: "empty", source: "int unused;")
    let keys = try [
      build([constantUnit(1)], folder).key,
      build([constantUnit(2)], folder).key,
      build([constantUnit(1)], folder, flags: .fast).key,
      build([constantUnit(1)], folder, flags: NativeFlags(.best, extra: ["-DX=1"])).key,
      build([constantUnit(1)], folder, flags: NativeFlags(.best, target: .baseline)).key,
      build([constantUnit(1)], folder, ["GNOMON_CC": other]).key,
      build([constantUnit(1), empty], folder).key,
      build([empty, constantUnit(1)], folder).key,
    ]
    #expect(Set(keys).count == keys.count)
  }

  @Test func `the sidecar is kept beside the library and follows the last build`() throws {
    let folder = TemporaryFolder()
    let text = "0 main.swift:3:7\n1 \"ünï\\code\"\n\n"
    let key = try build([constantUnit(1)], folder, sidecar: text).key
    #expect(folder.cache.sidecar(key) == text)
    let moved = try build([constantUnit(1)], folder, sidecar: "0 main.swift:4:7\n")
    #expect(moved.fromCache && folder.cache.sidecar(key) == "0 main.swift:4:7\n")
    #expect(try build([constantUnit(1)], folder, sidecar: "0 main.swift:4:7\n").fromCache)
    #expect(folder.cache.sidecar(String(repeating: "0", count: 64)) == nil)
  }

  enum Damage: CaseIterable {
    case truncatedLibrary, flippedBit, emptyLibrary, missingLibrary, truncatedEntry, emptyEntry
    case rubbishEntry, foreignFileInEntry, writableByOthers
  }

  @Test(arguments: Damage.allCases)
  func `a damaged entry is rebuilt`(_ damage: Damage) throws {
    let folder = TemporaryFolder()
    // The library is let go first, so that the damaged file is not one that is loaded.
    let first = try { try build([constantUnit(5)], folder).library.call("answer") }()
    #expect(first == 5)
    let library = try #require(files(folder, ".so").first)
    let entry = try #require(files(folder, ".entry").first)
    func rewrite(_ path: String, _ change: (inout Data) -> Void) throws {
      var data = try Data(contentsOf: URL(fileURLWithPath: path))
      change(&data)
      try data.write(to: URL(fileURLWithPath: path))
    }
    switch damage {
    case .truncatedLibrary: try rewrite(library) { $0.removeLast($0.count / 2) }
    case .flippedBit: try rewrite(library) { $0[$0.count / 2] ^= 1 }
    case .emptyLibrary: try rewrite(library) { $0 = Data() }
    case .missingLibrary: try FileManager.default.removeItem(atPath: library)
    case .truncatedEntry: try rewrite(entry) { $0.removeLast($0.count / 2) }
    case .emptyEntry: try rewrite(entry) { $0 = Data() }
    case .rubbishEntry: try rewrite(entry) { $0 = Data((0..<255).map { UInt8($0) }) }
    case .foreignFileInEntry:
      try rewrite(entry) {
        let text = String(decoding: $0, as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        lines[1] = "../../evil.so"
        $0 = Data(lines.joined(separator: "\n").utf8)
      }
    case .writableByOthers: #expect(chmod(library, 0o666) == 0)
    }
    let again = try build([constantUnit(5)], folder)
    #expect(!again.fromCache && again.library.call("answer") == 5)
    #expect(try build([constantUnit(5)], folder).fromCache)
  }

  @Test func `a library of another user is not loaded`() throws {
    guard geteuid() == 0 else { return }  // only root can give a file away
    let folder = TemporaryFolder()
    try { _ = try build([constantUnit(6)], folder) }()
    #expect(chown(files(folder, ".so")[0], 12345, 12345) == 0)
    #expect(try !build([constantUnit(6)], folder).fromCache)
  }

  @Test func `a folder that others can write is not used`() throws {
    let folder = TemporaryFolder()
    try { _ = try build([constantUnit(6)], folder) }()
    #expect(chmod(folder.path + "/cache", 0o777) == 0)
    let built = try build([constantUnit(6)], folder)
    #expect(!built.fromCache && built.library.call("answer") == 6)
    #expect(built.warnings.count == 1)
  }

  @Test func `the folder and what is in it are for its owner only`() throws {
    let folder = TemporaryFolder()
    _ = try build([constantUnit(1)], folder)
    var facts = stat()
    #expect(stat(folder.path + "/cache", &facts) == 0 && facts.st_mode & 0o777 == 0o700)
    for file in files(folder, "") {
      #expect(stat(file, &facts) == 0 && facts.st_mode & 0o022 == 0)
    }
    #expect(!files(folder, "").contains { $0.contains(".work-") })
  }

  @Test func `an unwritable cache is one warning, and the function works`() throws {
    let folder = TemporaryFolder()
    let file = folder.file("plain", "")
    let bad: [String: String?] = ["GNOMON_CACHE_DIR": file + "/cache"]
    let first = try build([constantUnit(11)], folder, bad)
    #expect(first.library.call("answer") == 11 && !first.fromCache)
    #expect(first.warnings.count == 1 && first.warnings[0].contains(file))
    let second = try build([constantUnit(12)], folder, bad)
    #expect(second.library.call("answer") == 12 && second.warnings.isEmpty)
    // The temporary folder is removed once the library is loaded.
    #expect(!folder.names.contains { $0.hasPrefix("gnomon-") })
  }

  @Test func `neither cache nor temporary folder is an error that says so`() {
    let folder = TemporaryFolder()
    let nowhere: [String: String?] = [
      "GNOMON_CACHE_DIR": "/dev/null/cache", "TMPDIR": "/dev/null/tmp",
    ]
    do {
      _ = try NativeBuild.library(
        units: [constantUnit(1)], environment: folder.environment(nowhere))
      Issue.record("it worked")
    } catch {
      guard case .cacheUnwritable("/dev/null/tmp", _) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func `the least recently used go when the limit is reached`() throws {
    let folder = TemporaryFolder()
    let first = try build([constantUnit(1)], folder).key
    let second = try build([constantUnit(2)], folder).key
    let bytes = folder.cache.entries()[0].bytes
    // Room for two and a half. The first was made earlier, but is used now, so the second goes.
    func age(_ key: String, seconds: Double) throws {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -seconds)],
        ofItemAtPath: folder.path + "/cache/" + key + ".entry")
    }
    try age(first, seconds: 500)
    try age(second, seconds: 100)
    #expect(try build([constantUnit(1)], folder).fromCache)
    let limit: [String: String?] = ["GNOMON_CACHE_LIMIT": "\(bytes * 5 / 2)"]
    let third = try build([constantUnit(3)], folder, limit).key
    #expect(Set(folder.cache.entries().map(\.key)) == [first, third])
    #expect(files(folder, ".so").count == 2)
    // A limit too small for anything keeps the newest.
    let fourth = try build([constantUnit(4)], folder, ["GNOMON_CACHE_LIMIT": "0"]).key
    #expect(folder.cache.entries().map(\.key) == [fourth])
  }

  @Test func `leftovers of killed processes go after an hour`() throws {
    let folder = TemporaryFolder()
    _ = try build([constantUnit(1)], folder)
    let cache = folder.path + "/cache/"
    let orphan = String(repeating: "a", count: 64) + "-0123456789abcdef.so"
    for (name, age) in [(".work-old", 4000.0), (".work-new", 10)] {
      try FileManager.default.createDirectory(
        atPath: cache + name, withIntermediateDirectories: false)
      _ = FileManager.default.createFile(atPath: cache + name + "/0.c", contents: nil)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: cache + name)
    }
    for name in [orphan, "notes.txt"] {
      _ = FileManager.default.createFile(atPath: cache + name, contents: Data([1]))
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -4000)], ofItemAtPath: cache + name)
    }
    _ = try build([constantUnit(2)], folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: cache)
    #expect(!names.contains(".work-old") && names.contains(".work-new"))
    #expect(!names.contains(orphan) && names.contains("notes.txt"))
  }

  @Test func `entries are listed and cleared, foreign files stay`() throws {
    let folder = TemporaryFolder()
    #expect(folder.cache.entries().isEmpty)
    try folder.cache.clear()
    let key = try build([constantUnit(1)], folder).key
    _ = try build([constantUnit(2)], folder)
    let entries = folder.cache.entries()
    #expect(entries.count == 2 && entries.contains { $0.key == key })
    #expect(entries.allSatisfy { $0.bytes > 1000 && $0.age < 600 })
    _ = FileManager.default.createFile(atPath: folder.path + "/cache/mine.so", contents: Data([1]))
    try folder.cache.clear()
    #expect(folder.cache.entries().isEmpty)
    #expect(files(folder, "").map { ($0 as NSString).lastPathComponent } == ["mine.so"])
    #expect(try !build([constantUnit(1)], folder).fromCache)
  }

  @Test func `where the cache is`() {
    func directory(_ variables: [String: String?]) -> String {
      let none: [String: String?] = ["GNOMON_CACHE_DIR": nil, "XDG_CACHE_HOME": nil, "HOME": nil]
      return NativeCache(NativeEnvironment(overriding: none.merging(variables) { $1 })).directory
    }
    #expect(directory(["GNOMON_CACHE_DIR": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"]) == "/a")
    #expect(directory(["XDG_CACHE_HOME": "/b", "HOME": "/c"]) == "/b/gnomon")
    #if os(macOS)
      #expect(directory(["HOME": "/c"]) == "/c/Library/Caches/gnomon")
    #else
      #expect(directory(["XDG_CACHE_HOME": "relative", "HOME": "/c"]) == "/c/.cache/gnomon")
    #endif
  }

  @Test(arguments: [
    ("1000", Int64(1000)), ("64K", 65536), ("64k", 65536), ("2G", 2 << 30), ("0", 0),
    ("", 512 << 20), ("much", 512 << 20), ("-1", 512 << 20), ("9999999999999G", 512 << 20),
  ])
  func `the limit is read`(_ text: String, _ bytes: Int64) {
    let environment = NativeEnvironment(overriding: ["GNOMON_CACHE_LIMIT": text])
    #expect(NativeCache(environment).limit == bytes)
  }
}
