internal import Foundation
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
    let folder = try Digits.folder()
    let pixels = try Tensor(contentsOf: "\(folder)/\(name)-images-idx3-ubyte.gz")
    images = try pixels.reshaped([pixels.shape[0], 784])
    labels = try Tensor(contentsOf: "\(folder)/\(name)-labels-idx1-ubyte.gz").cast(to: .int32)
  }

  /// Beside this source file, or below the current directory when the program has moved.
  private static func folder() throws -> String {
    let source = URL(filePath: #filePath).deletingLastPathComponent()
    let candidates = [
      source.appending(path: "../Data/mnist").standardized.path, "Examples/Data/mnist",
    ]
    guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw MissingData(places: candidates)
    }
    return found
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

struct MissingData: Error, CustomStringConvertible {
  let places: [String]
  var description: String {
    "the digits are at none of \(places.joined(separator: ", ")); run in the root of the repository"
  }
}
