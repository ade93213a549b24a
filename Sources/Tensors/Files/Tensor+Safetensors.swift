internal import Foundation

// The format: 8 bytes, little endian, with the length of a JSON header; the header, which maps names to
// dtype, shape and place; the elements, row-major and little endian, without gaps.
// https://github.com/huggingface/safetensors#format
extension Tensor {
  /// The tensors of a safetensors file with their names, in the file's order, and its texts.
  ///
  /// - Throws: `TensorError` with the byte position where the file is malformed: a header that is not JSON,
  ///   places that overlap, leave gaps or lie outside, sizes that do not fit.
  public static func readSafetensors(_ path: String) throws(TensorError) -> (
    tensors: [(name: String, tensor: Tensor)], metadata: [String: String]
  ) {
    let file = try FileBytes(reading: path)
    let length = try file.integer(UInt64.self, at: 0, "the length of the header")
    // The reference implementation's limit.
    guard length <= 100_000_000 else {
      throw file.malformed(at: 0, "a header of \(length) bytes is longer than 100 MB")
    }
    try file.require(Int(length), at: 8, "the header")
    let start = 8 + Int(length)
    let header: SafetensorsHeader
    do {
      header = try JSONDecoder().decode(
        SafetensorsHeader.self, from: Data(file.bytes[8..<start]))
    } catch {
      throw file.malformed(at: 8, "the header is not the JSON it should be")
    }
    var result: [(name: String, tensor: Tensor)] = []
    var position = 0
    for (name, entry) in header.tensors {
      let tensor = try entry.tensor(name, file, start: start, expected: position)
      position = entry.end
      result.append((name, tensor))
    }
    guard start + position == file.count else {
      throw file.malformed(
        at: start + position, "\(file.count - start - position) bytes belong to no tensor")
    }
    return (result, header.metadata)
  }

  /// Writes a safetensors file, which other programs read too.
  ///
  /// The file appears under its name only when it is whole; equal tensors give equal bytes.
  ///
  /// - Parameter metadata: texts that travel with the tensors.
  /// - Throws: `TensorError` for two equal names, and when the file cannot be written.
  public static func writeSafetensors(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to path: String
  ) throws(TensorError) {
    var header = SafetensorsHeader(metadata: metadata)
    var pieces: [[UInt8]] = []
    var names: Set<String> = []
    var position = 0
    for (name, tensor) in tensors {
      guard names.insert(name).inserted, name != SafetensorsHeader.metadataName else {
        throw .invalidArgument("\(path): two tensors have the name '\(name)'")
      }
      header.tensors.append(
        (name, .init(tensor.dtype, Array(tensor.shape), position, position + tensor.byteCount)))
      position += tensor.byteCount
      pieces.append(tensor.withUnsafeBytes { Array($0) })
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard var json = (try? encoder.encode(header)).map({ [UInt8]($0) }) else {
      throw .invalidArgument("\(path): a name is not valid text")
    }
    // The elements begin at a multiple of 8.
    while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
    let length = Swift.withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) }
    try writeAtomically([length, json] + pieces, to: path)
  }
}

/// The JSON header.
private struct SafetensorsHeader: Codable {
  static let metadataName = "__metadata__"

  struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]

    init(_ dtype: DType, _ shape: [Int], _ start: Int, _ end: Int) {
      self.dtype = Entry.names[dtype]!
      self.shape = shape
      data_offsets = [start, end]
    }

    var end: Int { data_offsets.last ?? 0 }

    private static let names: [DType: String] = [
      .bool: "BOOL", .int8: "I8", .int16: "I16", .int32: "I32", .int64: "I64", .uint8: "U8",
      .uint16: "U16", .uint32: "U32", .uint64: "U64", .float16: "F16", .bfloat16: "BF16",
      .float32: "F32", .float64: "F64",
    ]

    func tensor(
      _ name: String, _ file: FileBytes, start: Int, expected: Int
    ) throws(TensorError) -> Tensor {
      guard let dtype = Entry.names.first(where: { $0.value == self.dtype })?.key else {
        throw .unsupported(path: file.path, reason: "'\(name)' has the dtype \(self.dtype)")
      }
      guard shape.allSatisfy({ $0 >= 0 }), let bytes = Shape.byteCount(of: shape, dtype) else {
        throw file.malformed(at: 8, "'\(name)' has the impossible shape \(shape)")
      }
      guard data_offsets.count == 2, data_offsets[0] == expected,
        data_offsets[1].subtractingReportingOverflow(expected) == (bytes, false)
      else {
        throw file.malformed(
          at: 8,
          "'\(name)', \(dtype)\(shape), is said to lie at \(data_offsets), not at"
            + " \(expected) for \(bytes) bytes")
      }
      try file.require(bytes, at: start + expected, "the elements of '\(name)'")
      var tensor = Tensor(uninitialized: dtype, Shape(shape))
      tensor.withUnsafeMutableBytes { target in
        file.bytes.withUnsafeBytes { source in
          target.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: source[(start + expected)..<(start + end)]))
        }
      }
      tensor.normalizeBools()
      return tensor
    }
  }

  /// In the order of their places.
  var tensors: [(name: String, entry: Entry)] = []
  var metadata: [String: String]

  init(metadata: [String: String]) { self.metadata = metadata }

  private struct Key: CodingKey {
    let stringValue: String
    init(stringValue: String) { self.stringValue = stringValue }
    var intValue: Int? { nil }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    metadata = [:]
    for key in container.allKeys {
      if key.stringValue == SafetensorsHeader.metadataName {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        tensors.append((key.stringValue, try container.decode(Entry.self, forKey: key)))
      }
    }
    // Empty tensors lie before what begins at the same place.
    tensors.sort {
      ($0.entry.data_offsets.first ?? 0, $0.entry.end, $0.name)
        < ($1.entry.data_offsets.first ?? 0, $1.entry.end, $1.name)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    if !metadata.isEmpty {
      try container.encode(metadata, forKey: Key(stringValue: SafetensorsHeader.metadataName))
    }
    for (name, entry) in tensors {
      try container.encode(entry, forKey: Key(stringValue: name))
    }
  }
}
