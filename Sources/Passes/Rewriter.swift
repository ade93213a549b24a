package import GnomonIR
internal import GnomonOperations
package import GnomonTensors

/// What a rule sees and writes to: the part of the new graph that lies before the instruction at
/// hand, in which every definition is already simplified.
///
/// What a rule emits is offered to the rules in turn, so one forward sweep finds chains of rewrites;
/// `depthLimit` bounds a chain whatever the rules do.
package struct Rewriter {
  package private(set) var builder: GraphBuilder
  /// For each value of the new graph the instruction that defines it, or -1.
  private var definitions: [Int32] = []
  private var noted = 0
  private let rules: RuleTable
  private var depth = 0
  /// How often each rule has been applied.
  package private(set) var fired: [String: Int] = [:]

  private static let depthLimit = 24

  fileprivate init(_ rules: RuleTable) {
    self.rules = rules
    builder = GraphBuilder(name: "")
  }

  // MARK: Looking

  package func type(of value: ValueID) -> TensorType { builder.graph.values[value.index].type }

  package func definition(of value: ValueID) -> Graph.Instruction? {
    let i = definitions[value.index]
    return i < 0 ? nil : builder.graph.instructions[Int(i)]
  }

  /// The op and operands that define `value`, if the op is an `O`.
  package func find<O: Op>(_: O.Type, _ value: ValueID) -> (op: O, operands: [ValueID])? {
    guard let instruction = definition(of: value), let op = instruction.op as? O else {
      return nil
    }
    return (op, instruction.operands)
  }

  /// The number that every element of `value` is, if that is known: a constant or a view of one.
  package func scalar(_ value: ValueID) -> ScalarValue? {
    var value = value
    while let instruction = definition(of: value) {
      if let constant = instruction.op as? Constant { return constant.value }
      guard instruction.isConstantView else { return nil }
      value = instruction.operands[0]
    }
    return nil
  }

  // MARK: Writing

  /// Appends an op with one result, unless a rule knows something better.
  package mutating func emit(_ op: any Op, _ operands: ValueID...) throws -> ValueID {
    try emit(op, operands)
  }

  package mutating func emit(_ op: any Op, _ operands: [ValueID]) throws -> ValueID {
    var context = TypeContext(operands: operands.map { type(of: $0) })
    let types: [TensorType]
    do { types = try op.resultTypes(&context) } catch {
      throw InternalError("a rewrite built an invalid \(op.mnemonic): \(error.message)")
    }
    if let better = try rewritten(op, operands, type: types[0]) { return better }
    for requirement in context.requirements {
      builder.require(requirement, at: builder.location)
    }
    let result = builder.append(op, operands, types: types)[0]
    note()
    return result
  }

  /// A scalar constant.
  package mutating func number(_ value: Double, _ dtype: DType) throws -> ValueID {
    try emit(Constant(value, dtype))
  }

  /// `value` under the shape of `type`, repeated if need be.
  package mutating func fit(_ value: ValueID, _ type: TensorType) throws -> ValueID {
    self.type(of: value).shape == type.shape
      ? value : try emit(Broadcast(shape: type.shape), value)
  }

  package mutating func reshape(_ value: ValueID, _ shape: [Dim]) throws -> ValueID {
    type(of: value).shape == shape ? value : try emit(Reshape(shape: shape), value)
  }

  // MARK: Driving

  /// The value that a rule puts in place of an instruction, of exactly the instruction's type.
  private mutating func rewritten(
    _ op: any Op, _ operands: [ValueID], type: TensorType
  ) throws -> ValueID? {
    guard depth < Rewriter.depthLimit else { return nil }
    depth += 1
    defer { depth -= 1 }
    let instruction = Rule.Site(op: op, operands: operands, type: type)
    for rule in rules.candidates(for: op) {
      guard let value = try rule.apply(&self, instruction) else { continue }
      guard self.type(of: value) == type else {
        throw InternalError(
          "the rule \"\(rule.name)\" made \(self.type(of: value)) of \(op.mnemonic): \(type)")
      }
      fired[rule.name, default: 0] += 1
      return value
    }
    return nil
  }

  private mutating func note() {
    while definitions.count < builder.graph.values.count { definitions.append(-1) }
    while noted < builder.graph.instructions.count {
      for r in builder.graph.instructions[noted].results { definitions[r.index] = Int32(noted) }
      noted += 1
    }
  }

  /// Offers every instruction of a graph to the rules, in order: linear time for a bounded number of
  /// rules an op. Regions come first.
  package static func apply(
    _ rules: RuleTable, to graph: Graph, fired: inout [String: Int]
  ) throws -> Graph {
    let graph = try graph.mappingRegions { try apply(rules, to: $0, fired: &fired) }
    var rewriter = Rewriter(rules)
    let result = try graph.rebuilt { builder, instruction, i in
      // The builder is moved in and out, never copied.
      swap(&rewriter.builder, &builder)
      defer { swap(&rewriter.builder, &builder) }
      rewriter.note()
      let old = graph.instructions[i]
      if old.results.count == 1, instruction.regions.isEmpty,
        let value = try rewriter.rewritten(
          instruction.op, instruction.operands, type: graph.type(of: old.results[0]))
      {
        return [value]
      }
      return nil
    }
    fired.merge(rewriter.fired, uniquingKeysWith: +)
    return result
  }
}
