internal import Foundation

/// The data that the examples read, `Examples/Data`.
public enum DataFolder {
  /// The path of a file: beside this source file, or below the current directory when the program has moved.
  public static func path(_ file: String) throws -> String {
    let source = URL(filePath: #filePath).deletingLastPathComponent()
    let candidates = [
      source.appending(path: "../Data/\(file)").standardized.path, "Examples/Data/\(file)",
    ]
    guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw MissingData(places: candidates)
    }
    return found
  }
}

struct MissingData: Error, CustomStringConvertible {
  let places: [String]
  var description: String {
    "the data is at none of \(places.joined(separator: ", ")); run in the root of the repository"
  }
}
