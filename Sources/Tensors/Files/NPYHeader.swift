/// The header of a npy file: a Python dictionary with exactly the keys `descr`, `fortran_order` and
/// `shape`. Read without evaluating Python: strings, integers, booleans and tuples are known.
struct NPYHeader {
  var dtype: DType
  var bigEndian: Bool
  var fortranOrder: Bool
  var shape: [Int]
  /// Where the elements begin.
  var dataStart: Int

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  init(_ file: FileBytes) throws(TensorError) {
    guard file.hasPrefix(NPYHeader.magic) else {
      throw file.malformed(at: 0, "not a npy file: it does not begin with \\x93NUMPY")
    }
    let major = try file.integer(UInt8.self, at: 6, "the version")
    let start: Int
    let length: Int
    switch major {
    case 1:
      length = Int(try file.integer(UInt16.self, at: 8, "the length of the header"))
      start = 10
    case 2, 3:
      length = Int(try file.integer(UInt32.self, at: 8, "the length of the header"))
      start = 12
    default: throw file.malformed(at: 6, "version \(major) of npy is not known (1, 2 and 3 are)")
    }
    try file.require(length, at: start, "the header")
    var parser = Parser(file: file, position: start, end: start + length)
    let entries = try parser.dictionary()
    dataStart = start + length

    func entry(_ key: String) throws(TensorError) -> Entry {
      guard let found = entries.first(where: { $0.key == key }) else {
        throw file.malformed(at: start, "the header has no key '\(key)'")
      }
      return found
    }
    let descr = try entry("descr")
    guard case .string(let code) = descr.value else {
      throw file.malformed(at: descr.position, "'descr' must be a string")
    }
    (dtype, bigEndian) = try NPYHeader.dtype(code, file)
    let order = try entry("fortran_order")
    guard case .bool(let flag) = order.value else {
      throw file.malformed(at: order.position, "'fortran_order' must be True or False")
    }
    fortranOrder = flag
    let sizes = try entry("shape")
    guard case .tuple(let values) = sizes.value else {
      throw file.malformed(at: sizes.position, "'shape' must be a tuple of integers")
    }
    shape = values
    guard values.allSatisfy({ $0 >= 0 }), Shape.byteCount(of: values, dtype) != nil else {
      throw file.malformed(at: sizes.position, "the shape \(values) is not possible")
    }
  }

  private static func dtype(
    _ code: String, _ file: FileBytes
  ) throws(TensorError) -> (DType, bigEndian: Bool) {
    let order = code.first.flatMap { "<>=|".contains($0) ? $0 : nil }
    let name = String(code.dropFirst(order == nil ? 0 : 1))
    guard !name.isEmpty, let dtype = DType.allCases.first(where: { $0.npyCode == name }) else {
      throw TensorError.unsupported(
        path: file.path, reason: "elements of type '\(code)' are not supported")
    }
    return (dtype, order == ">")
  }

  /// The bytes of the header, the same as NumPy's: padded so that the elements begin at a multiple
  /// of 64, with room for the first size to grow to 21 digits.
  static func bytes(_ tensor: Tensor, path: String) throws(TensorError) -> [UInt8] {
    guard let code = tensor.dtype.npyCode else {
      throw .unsupported(
        path: path,
        reason: "npy has no \(tensor.dtype); convert the tensor with cast(to: .float32) first")
    }
    let order = tensor.dtype.byteCount == 1 ? "|" : "<"
    let sizes = tensor.shape.map { "\($0)" }.joined(separator: ", ")
    let tuple = tensor.rank == 1 ? "(\(sizes),)" : "(\(sizes))"
    var header = Array(
      "{'descr': '\(order)\(code)', 'fortran_order': False, 'shape': \(tuple), }".utf8)
    if let first = tensor.shape.first {
      header += [UInt8](repeating: UInt8(ascii: " "), count: 21 - "\(first)".count)
    }
    // Version 1 counts the header in 16 bits, enough for a rank of several thousand.
    let wide = header.count > 65_000
    let before = magic.count + (wide ? 6 : 4)
    let padding = 64 - (before + header.count + 1) % 64
    header += [UInt8](repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
    let count = UInt32(header.count)
    let countBytes = (0..<(wide ? 4 : 2)).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    return magic + [wide ? 2 : 1, 0] + countBytes + header
  }
}

extension DType {
  /// Kind and size as in NumPy's type strings; nil for `bfloat16`, which NumPy does not have.
  fileprivate var npyCode: String? {
    switch self {
    case .bool: "b1"
    case .bfloat16: nil
    case .int8, .int16, .int32, .int64: "i\(byteCount)"
    case .uint8, .uint16, .uint32, .uint64: "u\(byteCount)"
    case .float16, .float32, .float64: "f\(byteCount)"
    }
  }
}

// MARK: - The dictionary

private enum Value {
  case string(String)
  case bool(Bool)
  case integer(Int)
  case tuple([Int])
}

private struct Entry {
  var key: String
  var value: Value
  var position: Int
}

private struct Parser {
  let file: FileBytes
  var position: Int
  let end: Int

  mutating func dictionary() throws(TensorError) -> [Entry] {
    var entries: [Entry] = []
    try expect("{")
    while !accept("}") {
      let start = position
      guard case .string(let key) = try value() else {
        throw file.malformed(at: start, "a key of the header must be a string")
      }
      try expect(":")
      skipSpace()
      let at = position
      entries.append(Entry(key: key, value: try value(), position: at))
      if entries[..<(entries.count - 1)].contains(where: { $0.key == key }) {
        throw file.malformed(at: start, "the key '\(key)' occurs twice")
      }
      if accept(",") { continue }
      try expect("}")
      break
    }
    skipSpace()
    guard position == end else {
      throw file.malformed(at: position, "the header goes on after its dictionary")
    }
    return entries
  }

  private mutating func value() throws(TensorError) -> Value {
    skipSpace()
    guard let byte = peek else { throw file.malformed(at: position, "the header ends early") }
    switch byte {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try string(quote: byte))
    case UInt8(ascii: "("): return .tuple(try tuple())
    case UInt8(ascii: "["):
      // Only `descr` can be a list: the fields of a record.
      throw TensorError.unsupported(
        path: file.path, reason: "structured element types are not supported")
    case UInt8(ascii: "T") where accept("True"): return .bool(true)
    case UInt8(ascii: "F") where accept("False"): return .bool(false)
    default: return .integer(try integer())
    }
  }

  private mutating func string(quote: UInt8) throws(TensorError) -> String {
    let start = position + 1
    guard let stop = file.bytes[start..<end].firstIndex(of: quote) else {
      throw file.malformed(at: position, "a string of the header does not end")
    }
    position = stop + 1
    return String(decoding: file.bytes[start..<stop], as: UTF8.self)
  }

  private mutating func tuple() throws(TensorError) -> [Int] {
    var values: [Int] = []
    try expect("(")
    while !accept(")") {
      values.append(try integer())
      if accept(",") { continue }
      try expect(")")
      break
    }
    return values
  }

  private mutating func integer() throws(TensorError) -> Int {
    skipSpace()
    let start = position
    var text = ""
    while let byte = peek, byte == UInt8(ascii: "-") || (48...57).contains(byte) {
      text.unicodeScalars.append(Unicode.Scalar(byte))
      position += 1
    }
    guard let value = Int(text) else {
      throw file.malformed(at: start, "a value of the header cannot be read")
    }
    _ = accept("L")  // Python 2 wrote long integers so
    return value
  }

  private var peek: UInt8? { position < end ? file.bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 32 || (9...13).contains(byte) { position += 1 }
  }

  private mutating func accept(_ token: String) -> Bool {
    skipSpace()
    guard file.bytes[position..<end].starts(with: token.utf8) else { return false }
    position += token.utf8.count
    return true
  }

  private mutating func expect(_ token: String) throws(TensorError) {
    if !accept(token) { throw file.malformed(at: position, "'\(token)' expected in the header") }
  }
}
