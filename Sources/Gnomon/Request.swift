internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// What the user asked `compile` for, found to be sound.
struct Request: Sendable {
  let inputs: [Expr]
  let outputs: [Expr]
  let updates: [(variable: Expr, becomes: Expr)]
  let givens: [(Expr, Expr)]
  /// Whether this is training, unless the user decides it.
  let settings: [(Expr, Expr)]
  /// The variables that the outputs and updates depend on, updated ones included.
  let variables: [Expr]

  init(
    inputs: [Expr], outputs: [Expr], updates: [(Expr, Expr)],
    givens: [(Expr, Expr)], training: Bool
  ) throws(GnomonError) {
    let outputs = outputs.map { $0.settled() }
    let updates = updates.map { (variable: $0, becomes: $1.settled($0.dtype)) }
    let givens = givens.map { ($0, $1.settled($0.dtype)) }
    let isDecided = (inputs + givens.map(\.0)).contains { $0.id == Expr.training.id }
    let settings =
      isDecided
      ? [] : [(Expr.training, Expr.constant(training ? 1 : 0, .bool, at: .unknown))]
    let roots = outputs + updates.map(\.becomes) + givens.map(\.1)
    var found = Expr.diagnostics(
      of: inputs + roots + updates.map(\.variable) + givens.map(\.0))
    var listed: Set<Expr.ID> = []
    for (i, e) in inputs.enumerated() where !e.isInvalid {
      guard e.isInput else {
        found.append(.notAnInput(e, position: i + 1))
        continue
      }
      if !listed.insert(e.id).inserted {
        found.append(
          Diagnostic(
            .duplicateInput, "compile: the input `\(e.label)` is listed twice",
            at: e.node.location))
      }
    }
    var updated: Set<Expr.ID> = []
    for (variable, becomes) in updates where !variable.isInvalid && !becomes.isInvalid {
      guard variable.variableStorage != nil else {
        found.append(.updateNotVariable(variable))
        continue
      }
      if !updated.insert(variable.id).inserted {
        found.append(
          Diagnostic(
            .updateTwice, "compile: the variable `\(variable.label)` is updated twice",
            at: becomes.node.location))
      }
      if becomes.type != variable.type { found.append(.updateType(variable, becomes)) }
    }
    for (old, new) in givens where !old.isInvalid && !new.isInvalid && old.type != new.type {
      found.append(.givenType(old, new))
    }
    if outputs.isEmpty && updates.isEmpty {
      found.append(
        Diagnostic(
          .nothingToCompute, "compile: there is neither an output nor an update", at: .unknown))
    }
    var variables: [Expr] = []
    if found.isEmpty {
      let parameters = Graph.parameters(
        of: outputs + updates.flatMap { [$0.variable, $0.becomes] }, givens: givens,
        settings: settings)
      variables = parameters.filter { $0.variableStorage != nil }
      for e in parameters where e.isInput && !listed.contains(e.id) {
        found.append(.unlistedInput(e, listed: inputs.map(\.label)))
      }
      found += Request.unboundDimensions(
        inputs, outputs + updates.map { $0.becomes }, givens: givens)
      found += Request.repeatedNames(inputs + variables)
    }
    guard found.isEmpty else { throw GnomonError(found) }
    self.inputs = inputs
    self.outputs = outputs
    self.updates = updates
    self.givens = givens
    self.settings = settings
    self.variables = variables
  }

  /// Every name in the inputs' shapes, and in those of what is computed, must be the whole size of some
  /// input's axis, so that a call gives it a value.
  private static func unboundDimensions(
    _ inputs: [Expr], _ results: [Expr], givens: [(old: Expr, new: Expr)]
  ) -> [Diagnostic] {
    let bound = Set(inputs.flatMap { $0.shape.compactMap(\.name) })
    var reported: Set<String> = []
    func unbound(_ e: Expr) -> [Diagnostic] {
      e.shape.enumerated().flatMap { axis, d in
        d.names.subtracting(bound).sorted().filter { reported.insert($0).inserted }
          .map { .unknownDimension($0, e, axis: axis) }
      }
    }
    var found = inputs.flatMap(unbound)
    var seen: Set<ObjectIdentifier> = []
    var computed: [Node] = []
    var pending = results
    while var e = pending.popLast() {
      if let given = givens.first(where: { $0.old.id == e.id }) { e = given.new }
      guard seen.insert(ObjectIdentifier(e.node)).inserted else { continue }
      computed.append(e.node)
      pending += e.node.operands
    }
    for node in computed.sorted(by: { $0.sequence < $1.sequence }) {
      for i in node.types.indices { found += unbound(Expr(node: node, index: i)) }
    }
    return found
  }

  /// Inputs and variables are told apart by their names, in messages and in files.
  private static func repeatedNames(_ parameters: [Expr]) -> [Diagnostic] {
    var first: [String: Expr] = [:]
    return parameters.compactMap { e in
      guard let other = first.updateValue(e, forKey: e.label) else { return nil }
      first[e.label] = other
      return Diagnostic(
        .duplicateName, "compile: two inputs or variables are called `\(e.label)`",
        at: e.node.location,
        evidence: [
          Diagnostic.Evidence(label: e.label, type: other.type, origin: other.node.location),
          Diagnostic.Evidence(label: e.label, type: e.type),
        ], help: "give each a name of its own")
    }
  }

  func graph(name: String) throws -> Graph {
    try Graph.build(
      name: name, inputs: inputs, variables: variables, results: outputs, updates: updates,
      givens: givens, settings: settings)
  }
}

extension Expr {
  var isInput: Bool {
    guard case .parameter(let p) = node.origin, case .input = p.kind else { return false }
    return true
  }

  var variableStorage: VariableStorage? {
    guard case .parameter(let p) = node.origin, case .variable(let s) = p.kind else { return nil }
    return s
  }
}

extension Diagnostic {
  fileprivate static func notAnInput(_ e: Expr, position: Int) -> Diagnostic {
    Diagnostic(
      .notAnInput, "compile: number \(position) of `inputs` is not an input", at: e.node.location,
      evidence: [Evidence(label: e.label, type: e.type)],
      help: "inputs are made by Expr.input; variables need not be listed")
  }

  fileprivate static func updateNotVariable(_ e: Expr) -> Diagnostic {
    Diagnostic(
      .updateNotVariable, "compile: the left side of an update is not a variable",
      at: e.node.location, evidence: [Evidence(label: e.label, type: e.type)],
      help: "make it by Expr.variable(name, initial)")
  }

  fileprivate static func updateType(_ variable: Expr, _ becomes: Expr) -> Diagnostic {
    Diagnostic(
      .updateTypeMismatch,
      "compile: the update of `\(variable.label)` has another type than the variable",
      at: becomes.node.location,
      evidence: [
        Evidence(label: variable.label, type: variable.type, origin: variable.node.location),
        Evidence(label: becomes.label, type: becomes.type),
      ],
      help: becomes.dtype != variable.dtype
        ? "cast it: cast(to: .\(variable.dtype))" : "the shapes must be the same")
  }

  fileprivate static func givenType(_ old: Expr, _ new: Expr) -> Diagnostic {
    Diagnostic(
      .invalidGiven, "compile: a given replaces a value by one of another type",
      at: new.node.location,
      evidence: [
        Evidence(label: old.label, type: old.type, origin: old.node.location),
        Evidence(label: new.label, type: new.type),
      ])
  }

  fileprivate static func unlistedInput(_ e: Expr, listed: [String]) -> Diagnostic {
    Diagnostic(
      .unlistedInput,
      "compile: the outputs use the input `\(e.label)`, which is not in `inputs`",
      at: e.node.location, evidence: [Evidence(label: e.label, type: e.type)],
      help: "add it: inputs: [\((listed + [e.label]).joined(separator: ", "))]")
  }

  fileprivate static func unknownDimension(_ name: String, _ e: Expr, axis: Int) -> Diagnostic {
    Diagnostic(
      .unknownDimension,
      "compile: no input has an axis of size `\(name)`, so its value is unknown",
      at: e.node.location,
      evidence: [Evidence(label: e.label, type: e.type, markedAxes: [axis])],
      help: "give some input an axis that is exactly `\(name)`")
  }
}
