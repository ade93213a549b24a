public import Foundation

extension Tensor {
  /// Reads a file with one tensor: npy, IDX, or IDX compressed by gzip, told apart by content.
  ///
  /// - Throws: `TensorError` when the file cannot be read, with the byte position when it is
  ///   malformed.
  public init(contentsOf path: String) throws(TensorError) {
    let file = try FileBytes(reading: path)
    if file.hasPrefix(NPYHeader.magic) {
      try self.init(npy: file)
    } else if file.hasPrefix([0x1F, 0x8B]) {
      try self.init(idxGZ: file)
    } else if file.hasPrefix([0, 0]) {
      try self.init(idx: file)
    } else if file.hasPrefix(Array("PK".utf8)) {
      throw .unsupported(
        path: path, reason: "a npz archive may hold several tensors; use Tensor.readNPZ")
    } else {
      throw file.malformed(at: 0, "this is neither npy nor IDX nor IDX compressed by gzip")
    }
  }

  /// Reads a file with one tensor: npy, IDX, or IDX compressed by gzip, told apart by content.
  public init(contentsOf url: URL) throws(TensorError) { try self.init(contentsOf: url.path) }
}
