public import Gnomon

/// Handwritten digits: grey images of 28 by 28 pixels and the class of each.
public struct Digits: Sendable {
  /// uint8 `[n, 784]`.
  public let images: Tensor
  /// int32 `[n]`, in 0..<10.
  public let labels: Tensor
  public var count: Int { images.shape[0] }

  /// The 4,000 digits to learn from.
  public static func training() throws -> Digits { try Digits(files: "train") }
  /// The 500 digits to be tested on.
  public static func test() throws -> Digits { try Digits(files: "t10k") }

  private init(files name: String) throws {
    let pixels = try Tensor(contentsOf: DataFolder.path("mnist/\(name)-images-idx3-ubyte.gz"))
    images = try pixels.reshaped([pixels.shape[0], 784])
    labels = try Tensor(contentsOf: DataFolder.path("mnist/\(name)-labels-idx1-ubyte.gz"))
      .cast(to: .int32)
  }

  /// The digits at some positions.
  public subscript(rows: [Int]) -> (images: Tensor, labels: Tensor) {
    get throws { (try images.gatherRows(rows), try labels.gatherRows(rows)) }
  }

  /// All positions in an order that the seed decides, cut to batches; the last may be shorter.
  public func batches(of size: Int, seed: UInt64) -> [[Int]] {
    let order = Tensor.permutation(count, seed: seed).doubles.map { Int($0) }
    return stride(from: 0, to: count, by: size).map {
      Array(order[$0..<min($0 + size, count)])
    }
  }
}
