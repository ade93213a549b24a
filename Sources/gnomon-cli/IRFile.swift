internal import ArgumentParser
internal import Foundation
internal import GnomonIR
internal import GnomonOperations

/// The argument FILE: the functions of an IR file.
struct IRFile: ParsableArguments {
  @Argument(help: "An IR file, or - for standard input.", completion: .file(extensions: ["ir"]))
  var file: String

  /// All functions, parsed and verified.
  func graphs() throws -> [Graph] {
    let name = file == "-" ? "<stdin>" : file
    let graphs = try Graph.parse(
      try text(name), operations: operationTable, file: name, placing: true)
    guard !graphs.isEmpty else { throw CommandFailure("\(name): there is no function in it") }
    return graphs
  }

  /// The function that `--function` names, or the only one.
  func graph(named wanted: String?) throws -> Graph {
    let graphs = try graphs()
    let names = graphs.map(\.name).joined(separator: ", ")
    guard let wanted else {
      guard graphs.count == 1 else {
        throw CommandFailure(
          "\(file) holds \(graphs.count) functions; --function takes one of: \(names)")
      }
      return graphs[0]
    }
    guard let graph = graphs.first(where: { $0.name == wanted }) else {
      throw CommandFailure("\(file) holds no function `\(wanted)`; it holds: \(names)")
    }
    return graph
  }

  private func text(_ name: String) throws -> String {
    let data: Data
    if file == "-" {
      data = FileHandle.standardInput.readDataToEndOfFile()
    } else {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
        throw CommandFailure("\(file): there is no such file")
      }
      guard !isFolder.boolValue else { throw CommandFailure("\(file): this is a folder") }
      guard let contents = FileManager.default.contents(atPath: file) else {
        throw CommandFailure("\(file): the file cannot be read")
      }
      data = contents
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw CommandFailure("\(name): this is not text in UTF-8")
    }
    return IRFile.program(in: text)
  }

  /// The text before the first line `---`.
  private static func program(in text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.prefix { $0 != "---" }.joined(separator: "\n")
  }
}
