internal import Foundation
internal import Gnomon

/// Writes the figures of each epoch to a file, a line each, with a header.
///
/// The file is whole after every epoch. A figure that is a vector is written in quotes.
public final class CSVLogger: Callback {
  private let path: String
  private let separator: String
  private let appends: Bool
  private var columns: [String] = []
  private var file: FileHandle?

  /// - Parameter appends: whether lines are added to a file that is there already.
  public init(_ path: String, separator: String = ",", appends: Bool = false) {
    self.path = path
    self.separator = separator
    self.appends = appends
  }

  override public func onTrainBegin() throws {
    let manager = FileManager.default
    let existing = appends ? manager.contents(atPath: path) : nil
    columns =
      existing.flatMap {
        String(decoding: $0, as: UTF8.self).split(separator: "\n").first?
          .components(separatedBy: separator)
      }.map { Array($0.dropFirst()) } ?? []
    if existing == nil, !manager.createFile(atPath: path, contents: nil) {
      throw TensorError.file(path: path, reason: "it cannot be written")
    }
    file = FileHandle(forWritingAtPath: path)
    try file?.seekToEnd()
  }

  override public func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {
    if columns.isEmpty {
      columns = logs.names.sorted()
      try write(["epoch"] + columns)
    }
    let values = columns.map { name -> String in
      guard let tensor = logs.entries.first(where: { $0.name == name })?.value else { return "NA" }
      let words = tensor.doubles.map { "\($0)" }
      return words.count == 1 ? words[0] : "\"[\(words.joined(separator: ", "))]\""
    }
    try write(["\(epoch)"] + values)
  }

  override public func onTrainEnd(_ logs: Logs) throws {
    try file?.close()
    file = nil
  }

  private func write(_ fields: [String]) throws {
    try file?.write(contentsOf: Data((fields.joined(separator: separator) + "\n").utf8))
  }
}
