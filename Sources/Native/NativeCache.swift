/// The folder of compiled libraries, each under the SHA-256 of all that it was made from.
///
/// An entry is two files: `<key>-<digest>.so` and `<key>.entry`, which names the first, gives its
/// size and SHA-256, and carries the sidecar. Both are written under another name and renamed, the
/// entry last; so there are no locks, a process killed at any moment leaves nothing that looks
/// valid, and two processes that compile the same thing each leave a whole entry. What does not
/// agree with its digest, or belongs to another user, is as good as absent.
package struct NativeCache: Sendable {
  /// The folder, which need not exist.
  package let directory: String
  /// The bytes that all entries together may take; the least recently used go first.
  package let limit: Int64

  private static let header = "gnomon library 1"
  private static let staleNanoseconds: Int64 = 3_600_000_000_000

  package init(_ environment: NativeEnvironment = .process) {
    directory = Self.directory(environment)
    limit = Self.parseBytes(environment["GNOMON_CACHE_LIMIT"]) ?? 512 << 20
  }

  private static func directory(_ environment: NativeEnvironment) -> String {
    if let chosen = environment["GNOMON_CACHE_DIR"] { return chosen }
    if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") { return base + "/gnomon" }
    let home = environment["HOME"] ?? environment.temporaryDirectory
    #if os(macOS)
      return home + "/Library/Caches/gnomon"
    #else
      return home + "/.cache/gnomon"
    #endif
  }

  /// `1000`, `64K`, `512M` or `2G`.
  static func parseBytes(_ text: String?) -> Int64? {
    guard var digits = text?.uppercased() else { return nil }
    let units: [Character: Int64] = ["K": 10, "M": 20, "G": 30]
    var shift: Int64 = 0
    if let last = digits.last, let unit = units[last] {
      shift = unit
      digits.removeLast()
    }
    guard let number = Int64(digits), number >= 0, number < 1 << 32 else { return nil }
    return number << shift
  }

  // MARK: - Finding

  /// The library of a key, loaded, and its sidecar; nil when there is none or it is damaged.
  func load(_ key: String) -> (library: SharedLibrary, sidecar: String)? {
    guard isUsable, let (text, facts) = Files.read(entryPath(key)), facts.isOwn,
      let entry = Entry(text), entry.file.hasPrefix(key),
      let (bytes, libraryFacts) = Files.read(directory + "/" + entry.file), libraryFacts.isOwn,
      bytes.count == entry.bytes, SHA256.hex(bytes) == entry.digest,
      let library = try? SharedLibrary(path: directory + "/" + entry.file)
    else { return nil }
    Files.touch(entryPath(key))  // used just now
    return (library, entry.sidecar)
  }

  /// Whether the folder exists and nobody else can have written into it.
  var isUsable: Bool {
    guard let facts = Files.facts(directory) else { return false }
    return facts.isDirectory && facts.isOwn
  }

  // MARK: - Storing

  /// Creates the folder and in it one for temporary files; nil when that is impossible.
  func makeWorkDirectory() -> String? {
    guard Files.makeDirectory(directory), isUsable else { return nil }
    return Files.makeUniqueDirectory(prefix: directory + "/.work-")
  }

  /// Moves a library from a folder that `makeWorkDirectory` made into the cache. Returns its new
  /// path, or nil when that fails and the library is still where it was.
  func store(_ key: String, library: String, sidecar: String, work: String) -> String? {
    guard let (bytes, _) = Files.read(library) else { return nil }
    let digest = SHA256.hex(bytes)
    let file = "\(key)-\(digest.prefix(16)).so"
    let path = directory + "/" + file
    // Linkers follow the user's umask, which may let a group write.
    guard Files.restrict(library), Files.rename(library, path) else { return nil }
    write(Entry(file: file, bytes: bytes.count, digest: digest, sidecar: sidecar), key, work)
    trim(keeping: key)
    return path
  }

  /// Replaces the sidecar of an entry.
  func setSidecar(_ key: String, _ sidecar: String) {
    guard let (text, _) = Files.read(entryPath(key)), var entry = Entry(text),
      let work = makeWorkDirectory()
    else { return }
    entry.sidecar = sidecar
    write(entry, key, work)
    Files.removeDirectory(work)
  }

  private func write(_ entry: Entry, _ key: String, _ work: String) {
    let temporary = work + "/entry"
    if Files.write(entry.text, to: temporary) { _ = Files.rename(temporary, entryPath(key)) }
  }

  private func entryPath(_ key: String) -> String { directory + "/" + key + ".entry" }

  // MARK: - Notes

  /// A small text kept beside the entries, such as a compiler's version.
  func note(_ name: String) -> String? {
    guard isUsable, let (bytes, facts) = Files.read(directory + "/" + name), facts.isOwn else {
      return nil
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  func setNote(_ name: String, _ text: String) {
    guard let work = makeWorkDirectory() else { return }
    if Files.write(text, to: work + "/note") {
      _ = Files.rename(work + "/note", directory + "/" + name)
    }
    Files.removeDirectory(work)
  }

  // MARK: - Looking and clearing

  /// One library in the cache, as the command lists it.
  package struct Listing: Hashable, Sendable {
    package let key: String
    package let bytes: Int64
    /// Seconds since it was last used.
    package let age: Double
  }

  /// The libraries in the cache, the most recently used first.
  package func entries() -> [Listing] {
    let now = Files.now
    return survey().entries.map { key, entry in
      Listing(
        key: key, bytes: entry.bytes, age: max(0, Double(now - entry.used) * 1e-9))
    }
    .sorted { ($0.age, $0.key) < ($1.age, $1.key) }
  }

  /// The sidecar that was stored with a library.
  package func sidecar(_ key: String) -> String? {
    guard isUsable, let (text, facts) = Files.read(entryPath(key)), facts.isOwn else { return nil }
    return Entry(text)?.sidecar
  }

  /// Removes every library and note. Builds in progress, and libraries in use, are not disturbed.
  ///
  /// - Throws: `cacheUnwritable` when a file cannot be removed.
  package func clear() throws(NativeError) {
    for name in Files.names(in: directory) where Self.isOurs(name) {
      let path = directory + "/" + name
      if !Files.remove(path), Files.facts(path) != nil {
        throw .cacheUnwritable(path: directory, reason: Files.lastError)
      }
    }
    removeStale(Files.names(in: directory))
  }

  /// Only names that we make are ever removed: the folder may have been chosen by mistake.
  private static func isOurs(_ name: String) -> Bool {
    let key = name.prefix(64)
    if key.count == 64 && key.allSatisfy(\.isHexDigit) {
      return name.hasSuffix(".entry") || name.hasSuffix(".so")
    }
    return name.hasPrefix("compiler-") && name.hasSuffix(".txt")
  }

  // MARK: - The limit

  private struct Usage {
    var bytes: Int64 = 0
    /// When it was last used, in nanoseconds since 1970.
    var used: Int64 = 0
    var files: [String] = []
  }

  private func survey() -> (entries: [String: Usage], others: [String]) {
    var entries: [String: Usage] = [:]
    var others: [String] = []
    var libraries: [String] = []
    for name in Files.names(in: directory) {
      if name.hasSuffix(".entry"), Self.isOurs(name),
        let facts = Files.facts(directory + "/" + name)
      {
        entries[String(name.prefix(64))] = Usage(
          bytes: facts.bytes, used: facts.modified, files: [name])
      } else if name.hasSuffix(".so"), Self.isOurs(name) {
        libraries.append(name)
      } else {
        others.append(name)
      }
    }
    for name in libraries {
      let key = String(name.prefix(64))
      guard entries[key] != nil else {
        others.append(name)
        continue
      }
      entries[key]!.bytes += Files.facts(directory + "/" + name)?.bytes ?? 0
      entries[key]!.files.append(name)
    }
    return (entries, others)
  }

  /// Removes the least recently used entries until the rest is within the limit.
  private func trim(keeping kept: String) {
    var (entries, others) = survey()
    removeStale(others)
    var total = entries.values.reduce(0) { $0 + $1.bytes }
    guard total > limit else { return }
    entries[kept] = nil
    for entry in entries.values.sorted(by: { $0.used < $1.used }) where total > limit {
      for file in entry.files { Files.remove(directory + "/" + file) }
      total -= entry.bytes
    }
  }

  /// Removes what processes that were killed left behind: files that no entry names, an hour old.
  private func removeStale(_ names: [String]) {
    let now = Files.now
    for name in names {
      let isWork = name.hasPrefix(".work-")
      guard isWork || Self.isOurs(name) && name.hasSuffix(".so") else { continue }
      let path = directory + "/" + name
      guard let facts = Files.facts(path, following: false),
        now - facts.modified > Self.staleNanoseconds
      else { continue }
      if isWork { Files.removeDirectory(path) } else { Files.remove(path) }
    }
  }

  // MARK: - The entry file

  private struct Entry {
    var file: String
    var bytes: Int
    var digest: String
    var sidecar: String

    init(file: String, bytes: Int, digest: String, sidecar: String) {
      (self.file, self.bytes, self.digest, self.sidecar) = (file, bytes, digest, sidecar)
    }

    // Header, file, bytes, digest, the sidecar's own length, then the sidecar.
    var text: String {
      "\(NativeCache.header)\n\(file)\n\(bytes)\n\(digest)\n\(sidecar.utf8.count)\n\(sidecar)"
    }

    init?(_ bytes: [UInt8]) {
      let parts = bytes.split(
        separator: UInt8(ascii: "\n"), maxSplits: 5, omittingEmptySubsequences: false)
      guard parts.count == 6 else { return nil }
      let lines = parts.prefix(5).map { String(decoding: $0, as: UTF8.self) }
      guard lines[0] == NativeCache.header, !lines[1].contains("/"), let size = Int(lines[2]),
        lines[3].count == 64, Int(lines[4]) == parts[5].count
      else { return nil }
      self.init(
        file: lines[1], bytes: size, digest: lines[3],
        sidecar: String(decoding: parts[5], as: UTF8.self))
    }
  }
}
