internal import Foundation
internal import Gnomon

/// A file of TensorBoard's events: records of a length, its checksum, a protocol buffer `Event` and its
/// checksum. See `tensorflow/core/lib/io/record_writer.h` and `tensorflow/core/util/event.proto`.
final class EventFile {
  let path: String
  private let handle: FileHandle

  init(in folder: String) throws {
    let manager = FileManager.default
    let now = Date().timeIntervalSince1970
    path = "\(folder)/events.out.tfevents.\(Int(now)).\(UUID().uuidString.prefix(8))"
    do {
      try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw TensorError.file(path: folder, reason: "it cannot be made: \(error)")
    }
    guard manager.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw TensorError.file(path: path, reason: "it cannot be written") }
    self.handle = handle
    // Field 3: the version of the file.
    try append(EventFile.double(1, now) + EventFile.bytes(3, Array("brain.Event:2".utf8)))
  }

  /// A figure under a name at a step.
  func write(_ tag: String, _ value: Float, step: Int) throws {
    let scalar = EventFile.bytes(1, Array(tag.utf8)) + EventFile.float(2, value)
    let summary = EventFile.bytes(1, scalar)
    try append(
      EventFile.double(1, Date().timeIntervalSince1970) + EventFile.integer(2, UInt64(step))
        + EventFile.bytes(5, summary))
  }

  func close() throws { try handle.close() }

  private func append(_ event: [UInt8]) throws {
    let length = EventFile.littleEndian(UInt64(event.count))
    let record =
      length + EventFile.littleEndian(EventFile.checksum(length)) + event
      + EventFile.littleEndian(EventFile.checksum(event))
    try handle.write(contentsOf: Data(record))
  }

  // MARK: - Fields of protocol buffers: number and kind, then the value

  private static func integer(_ field: UInt64, _ value: UInt64) -> [UInt8] {
    varint(field << 3) + varint(value)
  }
  private static func double(_ field: UInt64, _ value: Double) -> [UInt8] {
    varint(field << 3 | 1) + littleEndian(value.bitPattern)
  }
  private static func bytes(_ field: UInt64, _ value: [UInt8]) -> [UInt8] {
    varint(field << 3 | 2) + varint(UInt64(value.count)) + value
  }
  private static func float(_ field: UInt64, _ value: Float) -> [UInt8] {
    varint(field << 3 | 5) + littleEndian(value.bitPattern)
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, result) = (value, [UInt8]())
    while rest >= 128 {
      result.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }

  static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  // MARK: - Checksums

  /// The checksum of a record: CRC-32C, turned and shifted, so that it is none of itself.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    let crc = crc32c(bytes)
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }

  /// The cyclic redundancy check with Castagnoli's polynomial, bits reflected.
  static func crc32c(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { c, _ in c >> 1 ^ (c & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
  }
}
