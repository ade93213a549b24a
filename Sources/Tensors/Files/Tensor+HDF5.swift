extension Tensor {
  /// The datasets of numbers of an HDF5 file by their paths, `group/group/name`.
  ///
  /// Read is what h5py writes by default: contiguous datasets in the first version of the format. Compressed
  /// datasets, and other versions, are refused.
  ///
  /// - Throws: `TensorError` with the byte position where the file is malformed.
  public static func readHDF5(_ path: String) throws(TensorError) -> [String: Tensor] {
    try tensors(FileBytes(reading: path))
  }

  private static func tensors(_ file: FileBytes) throws(TensorError) -> [String: Tensor] {
    let file = try HDF5File(file)
    var found: [String: Tensor] = [:]
    for path in file.datasets.keys { found[path] = try file.tensor(path) }
    return found
  }

  /// The description and the weights of a `.keras` file: a zip archive of a JSON text and an HDF5 file.
  package static func readKerasArchive(
    _ path: String
  ) throws(TensorError) -> (config: String, weights: [String: Tensor]) {
    let archive = try ZipArchive(try FileBytes(reading: path))
    func member(_ name: String) throws(TensorError) -> FileBytes {
      guard let found = archive.members.first(where: { $0.name == name }) else {
        throw .unsupported(path: path, reason: "has no \(name)")
      }
      return FileBytes(path: "\(path)(\(name))", bytes: try archive.contents(found))
    }
    return (
      String(decoding: try member("config.json").bytes, as: UTF8.self),
      try tensors(try member("model.weights.h5"))
    )
  }
}
