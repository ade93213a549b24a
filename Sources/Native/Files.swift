#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// The few file operations that the cache and the compiler need, without Foundation.
enum Files {
  /// What `stat` says about a file.
  struct Facts {
    var bytes: Int64
    /// Nanoseconds since 1970.
    var modified: Int64
    var owner: UInt32
    var mode: UInt32
    var isDirectory: Bool { mode & 0o170000 == 0o040000 }
    var isRegular: Bool { mode & 0o170000 == 0o100000 }
    /// Whether only this user can have written it.
    var isOwn: Bool { owner == geteuid() && mode & 0o022 == 0 }

    fileprivate init(_ facts: stat) {
      bytes = Int64(facts.st_size)
      #if canImport(Darwin)
        let time = facts.st_mtimespec
      #else
        let time = facts.st_mtim
      #endif
      modified = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
      owner = facts.st_uid
      mode = UInt32(facts.st_mode)
    }
  }

  /// Facts about a file; `following` a symbolic link or about the link itself.
  static func facts(_ path: String, following: Bool = true) -> Facts? {
    var result = stat()
    return (following ? stat(path, &result) : lstat(path, &result)) == 0 ? Facts(result) : nil
  }

  static func isExecutable(_ path: String) -> Bool {
    facts(path)?.isRegular == true && access(path, X_OK) == 0
  }

  /// The path without symbolic links, or nil when there is no such file.
  static func resolved(_ path: String) -> String? {
    guard let result = realpath(path, nil) else { return nil }
    defer { free(result) }
    return String(cString: result)
  }

  /// The content of a regular file, and facts about that very file.
  static func read(_ path: String) -> (bytes: [UInt8], facts: Facts)? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { return nil }
    let facts = Facts(status)
    guard facts.isRegular, facts.bytes < 1 << 32 else { return nil }
    let size = Int(facts.bytes)
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        #if canImport(Darwin)
          let got = Darwin.read(file, buffer.baseAddress! + count, size - count)
        #elseif canImport(Glibc)
          let got = Glibc.read(file, buffer.baseAddress! + count, size - count)
        #else
          let got = Musl.read(file, buffer.baseAddress! + count, size - count)
        #endif
        if got < 0 && errno == EINTR { continue }
        if got <= 0 {
          failed = got < 0
          break
        }
        count += got
      }
    }
    return failed ? nil : (bytes, facts)
  }

  /// Creates or replaces a file that only this user can read. False when that fails.
  static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) -> Bool {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard file >= 0 else { return false }
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        #if canImport(Darwin)
          Darwin.write(file, buffer.baseAddress! + done, buffer.count - done)
        #elseif canImport(Glibc)
          Glibc.write(file, buffer.baseAddress! + done, buffer.count - done)
        #else
          Musl.write(file, buffer.baseAddress! + done, buffer.count - done)
        #endif
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      done += count
    }
    return close(file) == 0 && done == bytes.count
  }

  static func write(_ text: String, to path: String) -> Bool { write(Array(text.utf8), to: path) }

  /// Creates a folder and those above it, which only this user can enter unless `mode` says more.
  /// False when that fails.
  static func makeDirectory(_ path: String, mode: mode_t = 0o700) -> Bool {
    if facts(path)?.isDirectory == true { return true }
    if mkdir(path, mode) == 0 || errno == EEXIST { return facts(path)?.isDirectory == true }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
      return false
    }
    guard makeDirectory(String(path[..<slash]), mode: mode) else { return false }
    return mkdir(path, mode) == 0 || errno == EEXIST
  }

  /// Creates a new folder of a unique name beginning with `prefix`.
  static func makeUniqueDirectory(prefix: String) -> String? {
    var template = Array((prefix + "XXXXXX").utf8CString)
    return template.withUnsafeMutableBufferPointer { buffer in
      mkdtemp(buffer.baseAddress!).map { String(cString: $0) }
    }
  }

  /// The names in a folder, except `.` and `..`.
  static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var result: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { result.append(name) }
    }
    return result
  }

  @discardableResult
  static func remove(_ path: String) -> Bool { unlink(path) == 0 }

  /// Removes a folder of files.
  static func removeDirectory(_ path: String) {
    for name in names(in: path) { unlink(path + "/" + name) }
    rmdir(path)
  }

  /// Moves a file within a file system; whoever looks sees the old or the new one.
  static func rename(_ old: String, _ new: String) -> Bool {
    #if canImport(Darwin)
      Darwin.rename(old, new) == 0
    #elseif canImport(Glibc)
      Glibc.rename(old, new) == 0
    #else
      Musl.rename(old, new) == 0
    #endif
  }

  /// Lets only this user read, write and execute a file.
  static func restrict(_ path: String) -> Bool { chmod(path, 0o700) == 0 }

  /// Sets a file's time of modification to now.
  static func touch(_ path: String) { utimensat(AT_FDCWD, path, nil, 0) }

  /// Nanoseconds since 1970.
  static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// What the last failed operation on this thread complained about.
  static var lastError: String { String(cString: strerror(errno)) }
}
