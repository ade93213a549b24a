/// The members of a zip archive, found through its central directory: stored or deflated, with the
/// 64-bit extension; no encryption, no parts.
struct ZipArchive {
  struct Member {
    var name: String
    var method: UInt16
    var checksum: UInt32
    var compressedSize: Int
    var size: Int
    /// Where its local header begins.
    var offset: Int
    /// Where its entry in the directory begins, for messages.
    var entry: Int
  }

  let file: FileBytes
  private(set) var members: [Member] = []

  init(_ file: FileBytes) throws(TensorError) {
    self.file = file
    let (directory, count) = try ZipArchive.directory(file)
    var at = directory
    for _ in 0..<count {
      guard try file.integer(UInt32.self, at: at, "the directory") == 0x0201_4b50 else {
        throw file.malformed(at: at, "an entry of the zip directory is damaged")
      }
      members.append(try ZipArchive.member(file, at))
      let name = Int(try file.integer(UInt16.self, at: at + 28, "the directory"))
      let extra = Int(try file.integer(UInt16.self, at: at + 30, "the directory"))
      let comment = Int(try file.integer(UInt16.self, at: at + 32, "the directory"))
      at += 46 + name + extra + comment
    }
  }

  /// Position and number of entries of the directory, from the record at the end of the file.
  private static func directory(_ file: FileBytes) throws(TensorError) -> (at: Int, count: Int) {
    // The record has 22 bytes and a comment of up to 65535.
    var end = file.count - 22
    let lowest = max(0, end - 65_535)
    while end >= lowest {
      if try file.integer(UInt32.self, at: end, "the zip directory") == 0x0605_4b50 { break }
      end -= 1
    }
    guard end >= lowest else {
      throw file.malformed(
        at: file.count, "the zip archive has no directory at its end; it may be cut off")
    }
    let count = try file.integer(UInt16.self, at: end + 10, "the zip directory")
    let at = try file.integer(UInt32.self, at: end + 16, "the zip directory")
    if count < .max, at < .max { return (Int(at), Int(count)) }
    // The 64-bit record is found through a locator of 20 bytes before the record.
    guard end >= 20,
      try file.integer(UInt32.self, at: end - 20, "the zip64 locator") == 0x0706_4b50
    else { return (Int(at), Int(count)) }
    let record = try position(file, at: end - 12, "the zip64 locator")
    guard try file.integer(UInt32.self, at: record, "the zip64 directory") == 0x0606_4b50 else {
      throw file.malformed(at: record, "the zip64 directory is damaged")
    }
    return (
      try position(file, at: record + 48, "the zip64 directory"),
      try position(file, at: record + 32, "the zip64 directory")
    )
  }

  private static func member(_ file: FileBytes, _ at: Int) throws(TensorError) -> Member {
    let what = "an entry of the zip directory"
    let flags = try file.integer(UInt16.self, at: at + 8, what)
    let nameCount = Int(try file.integer(UInt16.self, at: at + 28, what))
    try file.require(nameCount, at: at + 46, what)
    let name = String(decoding: file.bytes[(at + 46)..<(at + 46 + nameCount)], as: UTF8.self)
    if flags & 1 != 0 {
      throw TensorError.unsupported(path: file.path, reason: "member '\(name)' is encrypted")
    }
    var fields = [
      Int(try file.integer(UInt32.self, at: at + 24, what)),
      Int(try file.integer(UInt32.self, at: at + 20, what)),
      Int(try file.integer(UInt32.self, at: at + 42, what)),
    ]
    // Fields that are all ones stand in the extra field 1, in this order.
    var extra = at + 46 + nameCount
    let extraEnd = extra + Int(try file.integer(UInt16.self, at: at + 30, what))
    while extra + 4 <= extraEnd, fields.contains(0xFFFF_FFFF) {
      let tag = try file.integer(UInt16.self, at: extra, what)
      let size = Int(try file.integer(UInt16.self, at: extra + 2, what))
      if tag == 1 {
        var value = extra + 4
        for i in fields.indices where fields[i] == 0xFFFF_FFFF && value + 8 <= extra + 4 + size {
          fields[i] = try position(file, at: value, what)
          value += 8
        }
        break
      }
      extra += 4 + size
    }
    return Member(
      name: name, method: try file.integer(UInt16.self, at: at + 10, what),
      checksum: try file.integer(UInt32.self, at: at + 16, what),
      compressedSize: fields[1], size: fields[0], offset: fields[2], entry: at)
  }

  private static func position(
    _ file: FileBytes, at: Int, _ what: String
  ) throws(TensorError) -> Int {
    guard let value = Int(exactly: try file.integer(UInt64.self, at: at, what)), value < 1 << 62
    else { throw file.malformed(at: at, "a size or position in \(what) is absurd") }
    return value
  }

  /// The expanded bytes of a member, checked against its size and checksum.
  func contents(_ member: Member) throws(TensorError) -> [UInt8] {
    let what = "member '\(member.name)'"
    guard try file.integer(UInt32.self, at: member.offset, what) == 0x0403_4b50 else {
      throw file.malformed(at: member.offset, "\(what) does not begin with a zip header")
    }
    let name = Int(try file.integer(UInt16.self, at: member.offset + 26, what))
    let extra = Int(try file.integer(UInt16.self, at: member.offset + 28, what))
    let start = member.offset + 30 + name + extra
    try file.require(member.compressedSize, at: start, what)
    let range = start..<(start + member.compressedSize)
    let bytes: [UInt8]
    switch member.method {
    case 0:
      guard member.size == member.compressedSize else {
        throw file.malformed(at: member.entry, "\(what) is stored, but its two sizes differ")
      }
      bytes = Array(file.bytes[range])
    case 8: bytes = try inflated(member, range)
    default:
      throw TensorError.unsupported(
        path: file.path, reason: "\(what) uses compression method \(member.method)")
    }
    guard checksum([bytes]) == member.checksum else {
      throw file.malformed(at: start, "the checksum of \(what) does not match")
    }
    return bytes
  }

  private func inflated(_ member: Member, _ range: Range<Int>) throws(TensorError) -> [UInt8] {
    guard Inflater.mayExpand(range.count, to: member.size) else {
      throw file.malformed(
        at: member.entry,
        "member '\(member.name)' claims \(member.size) bytes, more than its "
          + "\(range.count) compressed bytes can hold")
    }
    let inflater = try Inflater(file, range, .raw)
    let bytes = try inflater.bytes(member.size)
    guard bytes.count == member.size, try inflater.isAtEnd() else {
      throw file.malformed(
        at: member.entry, "member '\(member.name)' does not expand to \(member.size) bytes")
    }
    return bytes
  }
}

// MARK: - Writing

extension ZipArchive {
  /// The pieces of an archive with the given members, stored or deflated.
  static func pieces(
    _ members: [(name: String, pieces: [[UInt8]])], compressed: Bool, path: String
  ) throws(TensorError) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var directory: [UInt8] = []
    var offset = 0
    func tooLarge() -> TensorError {
      .unsupported(path: path, reason: "archives beyond 4 GB or 65534 members are not written")
    }
    for member in members {
      let name = Array(member.name.utf8)
      let size = member.pieces.reduce(0) { $0 + $1.count }
      let body = compressed ? [deflated(member.pieces, .raw)] : member.pieces
      let bodySize = body.reduce(0) { $0 + $1.count }
      guard name.count < 65_536 else {
        throw .invalidArgument("a member's name of \(name.count) bytes is too long for npz")
      }
      guard size < UInt32.max, bodySize < UInt32.max, offset < UInt32.max else { throw tooLarge() }
      // Version 2.0; flag 11: the name is UTF-8; no time, but the earliest date there is.
      var common = little(20, 2) + little(1 << 11, 2) + little(compressed ? 8 : 0, 2)
      common += little(0, 2) + little(0x0021, 2) + little(Int(checksum(member.pieces)), 4)
      common += little(bodySize, 4) + little(size, 4) + little(name.count, 2) + little(0, 2)
      result.append(little(0x0403_4b50, 4) + common + name)
      result += body
      directory += little(0x0201_4b50, 4) + little(20, 2) + common
      directory += little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(offset, 4)
      directory += name
      offset += 30 + name.count + bodySize
    }
    guard members.count < 65_535, offset < UInt32.max, directory.count < UInt32.max else {
      throw tooLarge()
    }
    let counts = little(members.count, 2) + little(members.count, 2)
    let end = little(0x0605_4b50, 4) + little(0, 4) + counts + little(directory.count, 4)
    result.append(directory + end + little(offset, 4) + little(0, 2))
    return result
  }

  private static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
