#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The bytes of a file or of a member of an archive, with checked access: every read beyond the end
/// is a `TensorError` with the position.
struct FileBytes {
  /// The path, for messages; a member of an archive adds its name.
  let path: String
  let bytes: [UInt8]

  var count: Int { bytes.count }

  init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  /// Reads a whole regular file.
  init(reading path: String) throws(TensorError) {
    // Without blocking, or opening a named pipe would wait for its writer.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw .file(path: path, reason: "cannot open: \(lastError())") }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else {
      throw .file(path: path, reason: "cannot read its size: \(lastError())")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .file(path: path, reason: "is not a regular file")
    }
    let size = Int(status.st_size)
    var failure: TensorError?
    bytes = Array(unsafeUninitializedCapacity: size) { buffer, count in
      while count < size, let start = buffer.baseAddress {
        let got = read(file, start + count, min(size - count, 1 << 30))
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = .file(path: path, reason: "cannot read: \(lastError())") }
        if got <= 0 { break }
        count += got
      }
    }
    if let failure { throw failure }
    self.path = path
  }

  func malformed(at position: Int, _ reason: String) -> TensorError {
    .malformed(path: path, position: position, reason: reason)
  }

  /// Checks that `count` bytes follow from `position`.
  func require(_ count: Int, at position: Int, _ what: String) throws(TensorError) {
    guard position >= 0, position <= bytes.count, count >= 0, count <= bytes.count - position else {
      throw malformed(
        at: min(max(position, 0), bytes.count),
        "the file ends within \(what): \(count) bytes expected, "
          + "\(max(0, bytes.count - max(position, 0))) left")
    }
  }

  func integer<T: FixedWidthInteger>(
    _ type: T.Type, at position: Int, bigEndian: Bool = false, _ what: String
  ) throws(TensorError) -> T {
    try require(MemoryLayout<T>.size, at: position, what)
    let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: T.self) }
    return bigEndian ? T(bigEndian: value) : T(littleEndian: value)
  }

  func hasPrefix(_ prefix: [UInt8]) -> Bool { bytes.starts(with: prefix) }
}

/// Writes the pieces to a file that appears under its name only when it is whole.
func writeAtomically(_ pieces: [[UInt8]], to path: String) throws(TensorError) {
  // Beside the target: a rename is atomic only within one file system.
  let temporary = "\(path).\(getpid()).\(UInt32.random(in: .min ... .max)).tmp"
  let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  guard file >= 0 else { throw .file(path: path, reason: "cannot create: \(lastError())") }
  var reason: String?
  for piece in pieces where reason == nil {
    piece.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count, let start = buffer.baseAddress {
        let put = write(file, start + done, min(buffer.count - done, 1 << 30))
        if put < 0, errno == EINTR { continue }
        if put < 0 {
          reason = "cannot write: \(lastError())"
          break
        }
        done += put
      }
    }
  }
  if reason == nil, fsync(file) != 0 { reason = "cannot write: \(lastError())" }
  if close(file) != 0, reason == nil { reason = "cannot write: \(lastError())" }
  if reason == nil, rename(temporary, path) != 0 { reason = "cannot rename: \(lastError())" }
  if let reason {
    unlink(temporary)
    throw .file(path: path, reason: reason)
  }
}

private func lastError() -> String { String(cString: strerror(errno)) }
