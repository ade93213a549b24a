package import GnomonTensors

/// Runs a graph by the reference meaning of its ops: slow, short, and the definition of "correct".
package struct Interpreter {
  package let graph: Graph

  /// Takes what the program shows the user.
  package let print: @Sendable (String) -> Void

  package init(_ graph: Graph, print: @escaping @Sendable (String) -> Void = { Swift.print($0) }) {
    self.graph = graph
    self.print = print
  }

  /// The values of named dimensions, from the shapes of the arguments.
  package static func sizes(
    _ graph: Graph, _ arguments: [Tensor], outer: [String: Int] = [:]
  ) throws -> [String: Int] {
    var sizes = outer
    for (p, tensor) in zip(graph.parameters, arguments) {
      for (axis, d) in graph.type(of: p).shape.enumerated() {
        if let name = d.name, sizes[name] == nil { sizes[name] = tensor.shape[axis] }
      }
    }
    return sizes
  }

  /// The results, then what the variables become.
  package func run(_ arguments: [Tensor], sizes outer: [String: Int] = [:]) throws -> [Tensor] {
    guard arguments.count == graph.parameters.count else {
      throw InternalError("@\(graph.name) takes \(graph.parameters.count) arguments")
    }
    let sizes = try Interpreter.sizes(graph, arguments, outer: outer)
    var values = [Tensor?](repeating: nil, count: graph.values.count)
    for (p, tensor) in zip(graph.parameters, arguments) { values[p.index] = tensor }
    var lastUse = [Int](repeating: -1, count: graph.values.count)
    for (i, instruction) in graph.instructions.enumerated() {
      for o in instruction.operands { lastUse[o.index] = i }
    }
    for o in graph.outputs { lastUse[o.index] = Int.max }
    for (i, instruction) in graph.instructions.enumerated() {
      let context = ReferenceContext(
        sizes: sizes, resultTypes: instruction.results.map { graph.type(of: $0) },
        run: { region, arguments in
          try Interpreter(instruction.regions[region], print: print).run(arguments, sizes: sizes)
        }, print: print)
      let operands = try instruction.operands.map {
        guard let t = values[$0.index] else { throw InternalError("%\($0.raw) has no value") }
        return t
      }
      let results: [Tensor]
      do {
        results = try instruction.op.reference(operands, context)
      } catch let failure as IndexFailure {
        var check = Check.index(below: 0)
        let types = instruction.operands.map { graph.type(of: $0) }
        let resultTypes = instruction.results.map { graph.type(of: $0) }
        if case .check(let own) = instruction.op.lowering(types, resultTypes) { check = own }
        throw LocatedFailure(
          failure: failure, location: graph.location(of: instruction), check: check,
          operands: operands)
      }
      for (r, tensor) in zip(instruction.results, results) {
        let expected = try graph.type(of: r).shape.map { try context.value($0) }
        guard Array(tensor.shape) == expected, tensor.dtype == graph.type(of: r).dtype else {
          throw InternalError(
            "the reference of \(instruction.op.mnemonic) gave \(tensor.dtype) \(tensor.shape),"
              + " its type rule \(graph.type(of: r))")
        }
        values[r.index] = tensor
      }
      for o in instruction.operands where lastUse[o.index] == i { values[o.index] = nil }
    }
    return try graph.outputs.map {
      guard let t = values[$0.index] else { throw InternalError("%\($0.raw) has no value") }
      return t
    }
  }
}

/// A check that failed, with the user's line.
package struct LocatedFailure: Error, Sendable {
  package var failure: IndexFailure
  package var location: Location
  /// What should have held.
  package var check: Check
  /// The operands of the check, those that are known.
  package var operands: [Tensor?]

  package init(
    failure: IndexFailure, location: Location, check: Check, operands: [Tensor?]
  ) {
    self.failure = failure
    self.location = location
    self.check = check
    self.operands = operands
  }
}
