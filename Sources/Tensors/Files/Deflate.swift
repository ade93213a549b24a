internal import CZlib

/// A stream of compressed bytes being expanded by zlib, with a message for each way it can be bad.
package final class Inflater {
  package enum Container {
    /// Bare deflate, as in zip archives.
    case raw
    /// gzip, whose checksum zlib verifies.
    case gzip
    /// zlib's own, as in PNG.
    case zlib
    var windowBits: Int32 {
      switch self {
      case .raw: -15
      case .gzip: 31
      case .zlib: 15
      }
    }
  }

  /// No input expands by more than this factor (the format's limit is 1032), so greater sizes in a
  /// header are lies and are refused before memory is asked for.
  static func mayExpand(_ compressed: Int, to size: Int) -> Bool {
    size / 1032 <= compressed
  }

  private let file: FileBytes
  private let end: Int
  private var position: Int
  // zlib keeps a pointer to the structure: it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private var ended = false

  init(_ file: FileBytes, _ range: Range<Int>, _ container: Container) throws(TensorError) {
    self.file = file
    position = range.lowerBound
    end = range.upperBound
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, container.windowBits, ZLIB_VERSION, size) == Z_OK else {
      throw .file(path: file.path, reason: "zlib cannot start")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Expands up to `buffer.count` bytes; fewer only when the stream ends. Members of a gzip file
  /// that follow one another count as one stream.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TensorError) -> Int {
    var produced = 0
    while produced < buffer.count {
      if ended {
        guard position < end else { break }
        inflateReset(stream)
        ended = false
      }
      let input = min(end - position, 1 << 30)
      let output = min(buffer.count - produced, 1 << 30)
      let code = file.bytes.withUnsafeBytes { source in
        let start = source.baseAddress?.advanced(by: position).assumingMemoryBound(to: UInt8.self)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
        stream.pointee.avail_in = UInt32(input)
        let target = buffer.baseAddress?.advanced(by: produced).assumingMemoryBound(to: UInt8.self)
        stream.pointee.next_out = target
        stream.pointee.avail_out = UInt32(output)
        return inflate(stream, Z_NO_FLUSH)
      }
      let consumed = input - Int(stream.pointee.avail_in)
      let made = output - Int(stream.pointee.avail_out)
      position += consumed
      produced += made
      switch code {
      case Z_STREAM_END: ended = true
      case Z_OK where consumed > 0 || made > 0: break
      case Z_OK, Z_BUF_ERROR: throw file.malformed(at: end, "the compressed data ends early")
      default:
        let detail = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
        throw file.malformed(at: position, "the compressed data is damaged: \(detail)")
      }
    }
    return produced
  }

  /// Expands up to `count` bytes; fewer only when the stream ends.
  func bytes(_ count: Int) throws(TensorError) -> [UInt8] {
    var failure: TensorError?
    let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, made in
      do throws(TensorError) {
        made = try read(into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return result
  }

  /// Whether nothing is left: checks what follows the last byte read, the checksum included.
  func isAtEnd() throws(TensorError) -> Bool { try bytes(1).isEmpty }
}

/// Compresses the pieces as one stream.
package func deflated(_ pieces: [[UInt8]], _ container: Inflater.Container) -> [UInt8] {
  var stream = z_stream()
  let size = Int32(MemoryLayout<z_stream>.size)
  let code = deflateInit2_(
    &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, container.windowBits, 8, Z_DEFAULT_STRATEGY,
    ZLIB_VERSION, size)
  precondition(code == Z_OK, "zlib cannot start: code \(code)")
  defer { deflateEnd(&stream) }
  var result: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 18)

  func feed(_ input: UnsafeBufferPointer<UInt8>, _ flush: Int32) {
    stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    stream.avail_in = UInt32(input.count)
    var full = true
    while full {
      let made = chunk.withUnsafeMutableBufferPointer { buffer in
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(buffer.count)
        _ = deflate(&stream, flush)
        full = stream.avail_out == 0
        return buffer.count - Int(stream.avail_out)
      }
      result.append(contentsOf: chunk[..<made])
    }
  }

  for piece in pieces {
    piece.withUnsafeBufferPointer { whole in
      var at = 0
      while at < whole.count {
        let n = min(whole.count - at, 1 << 30)
        feed(UnsafeBufferPointer(rebasing: whole[at..<(at + n)]), Z_NO_FLUSH)
        at += n
      }
    }
  }
  feed(UnsafeBufferPointer(start: nil, count: 0), Z_FINISH)
  return result
}

/// The checksum of zip and gzip over all pieces.
package func checksum(_ pieces: [[UInt8]]) -> UInt32 {
  var sum = crc32(0, nil, 0)
  for piece in pieces {
    piece.withUnsafeBufferPointer { whole in
      var at = 0
      while at < whole.count, let start = whole.baseAddress {
        let n = min(whole.count - at, 1 << 30)
        sum = crc32(sum, start + at, UInt32(n))
        at += n
      }
    }
  }
  return UInt32(truncatingIfNeeded: sum)
}
