internal import ArgumentParser
internal import Foundation
internal import Gnomon
internal import GnomonIR
internal import GnomonTensors

/// `gnomon run`: an IR file on the tensors of a npz file.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Compiles a function of an IR file and runs it once.",
    discussion: """
      The parameters, variables included, take the arrays of their names: %x the one that \
      np.savez(file, x=…) stored, %0 the one called 0. The results are printed, then what the \
      variables become.
      """)

  @OptionGroup var input: IRFile

  @Option(help: "The arguments: a npz file.", completion: .file(extensions: ["npz"]))
  var inputs: String?

  @Option(help: "Write the results to this npz file and print none.")
  var output: String?

  @Option(help: "The function to run, where the file holds several.")
  var function: String?

  @Option(help: "How many threads may work; all cores if not given.")
  var threads: Int?

  @Flag(help: "Run the reference interpreter and compile nothing.")
  var interpreter = false

  func validate() throws {
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads takes a number from 1 to 256")
    }
  }

  func run() throws {
    let graph = try input.graph(named: function)
    let arrays = try inputs.map { path in try Tensor.readNPZDictionary(path) } ?? [:]
    let arguments = try RunCommand.arguments(of: graph, arrays, file: inputs)
    let storages = zip(graph.parameters, arguments)
      .filter { graph.variables.contains($0.0) }
      .map { VariableStorage(name: graph.label($0.0), initial: $0.1) }
    let compiled = try compile(
      graph, variables: storages,
      options: CompileOptions(name: graph.name, threads: threads, interpreted: interpreter))
    let results = try compiled.outputs(
      zip(graph.parameters, arguments).filter { !graph.variables.contains($0.0) }.map(\.1))

    var named = zip(graph.results, results).enumerated().map { i, pair in
      (name: graph.values[pair.0.index].name ?? "output_\(i)", tensor: pair.1)
    }
    for update in graph.updates {
      let name = graph.label(update.variable)
      if let storage = storages.first(where: { $0.name == name }) {
        named.append((name, storage.value))
      }
    }
    RunCommand.makeUnique(&named)
    if let output {
      try Tensor.writeNPZ(named, to: output)
    } else {
      for (name, tensor) in named { print("\(name) : \(tensor.dtype) \(tensor.shape)\n\(tensor)") }
    }
  }

  /// The array of each parameter, in the order of the parameters.
  private static func arguments(
    of graph: Graph, _ arrays: [String: Tensor], file: String?
  ) throws -> [Tensor] {
    let labels = graph.parameters.map { graph.label($0) }
    let missing = graph.parameters.filter { arrays[graph.label($0)] == nil }
    guard missing.isEmpty else {
      let list = missing.map { "\n  \(graph.label($0)) : \(graph.type(of: $0))" }.joined()
      let names = arrays.keys.sorted().joined(separator: ", ")
      let has =
        file.map { "\n\($0) holds " + (names.isEmpty ? "nothing" : names) }
        ?? "\n--inputs names the npz file with them"
      throw CommandFailure("@\(graph.name) takes arrays that are not there:\(list)\(has)")
    }
    let unused = arrays.keys.filter { !labels.contains($0) }.sorted()
    if !unused.isEmpty {
      note("note: @\(graph.name) takes no \(unused.joined(separator: ", "))")
    }
    return labels.map { arrays[$0]! }
  }

  /// A result may be called like another, or like a variable.
  private static func makeUnique(_ named: inout [(name: String, tensor: Tensor)]) {
    var seen: Set<String> = []
    for i in named.indices {
      let name = named[i].name
      var n = 1
      while !seen.insert(named[i].name).inserted {
        named[i].name = "\(name)_\(n)"
        n += 1
      }
    }
  }
}

extension Graph {
  /// The name of a parameter, or its number in the text.
  fileprivate func label(_ parameter: ValueID) -> String {
    if let name = values[parameter.index].name { return name }
    let unnamed = parameters.filter { values[$0.index].name == nil }
    return unnamed.firstIndex(of: parameter).map { "\($0)" } ?? "?"
  }
}
