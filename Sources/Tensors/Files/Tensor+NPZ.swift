extension Tensor {
  /// The tensors of a npz file (a zip archive of npy files) with their names, in the file's order.
  ///
  /// - Throws: `TensorError` with the byte position where the archive or a member is malformed.
  public static func readNPZ(_ path: String) throws(TensorError) -> [(name: String, tensor: Tensor)]
  {
    let archive = try ZipArchive(try FileBytes(reading: path))
    var result: [(name: String, tensor: Tensor)] = []
    for member in archive.members {
      let name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
      let bytes = try archive.contents(member)
      let file = FileBytes(path: "\(path)(\(member.name))", bytes: bytes)
      result.append((name, try Tensor(npy: file)))
    }
    return result
  }

  /// The tensors of a npz file by name; of two with one name, the last.
  public static func readNPZDictionary(_ path: String) throws(TensorError) -> [String: Tensor] {
    Dictionary(try readNPZ(path).map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 })
  }

  /// Writes a npz file, which NumPy reads with `np.load`.
  ///
  /// The file appears under its name only when it is whole; equal tensors give equal bytes.
  /// - Throws: `TensorError` for two equal names, for `bfloat16`, which npy does not have, for
  ///   archives beyond 4 GB, and when the file cannot be written.
  public static func writeNPZ(
    _ tensors: [(name: String, tensor: Tensor)], to path: String, compressed: Bool = false
  ) throws(TensorError) {
    var seen: Set<String> = []
    var members: [(name: String, pieces: [[UInt8]])] = []
    for (name, tensor) in tensors {
      guard seen.insert(name).inserted else {
        throw .invalidArgument("\(path): two tensors have the name '\(name)'")
      }
      members.append((name + ".npy", try tensor.npyPieces(path: "\(path)(\(name))")))
    }
    try writeAtomically(
      try ZipArchive.pieces(members, compressed: compressed, path: path), to: path)
  }

  /// Writes a npz file with the tensors in the order of their names.
  public static func writeNPZ(
    _ tensors: [String: Tensor], to path: String, compressed: Bool = false
  ) throws(TensorError) {
    let sorted = tensors.sorted { $0.key < $1.key }.map { (name: $0.key, tensor: $0.value) }
    try writeNPZ(sorted, to: path, compressed: compressed)
  }
}
