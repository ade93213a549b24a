internal import GnomonIR
internal import GnomonTensors

/// Makes the parameters of a loop's region and checks what the user's closure gave.
struct LoopBuilder {
  let function: String
  let at: Location
  private let start = Node.clock.now

  init(_ function: String, _ at: Location) {
    self.function = function
    self.at = at
  }

  /// What stands for `e` inside the region: a value of the same type.
  func parameter(_ e: Expr, _ name: String) -> Expr {
    e.isInvalid ? e : .regionParameter(e.type, name, at: at)
  }

  /// What stands for one row of `e`.
  func row(of e: Expr, _ name: String) -> Expr {
    e.isInvalid || e.rank == 0
      ? e : .regionParameter(TensorType(e.dtype, Array(e.shape.dropFirst())), name, at: at)
  }

  /// What the region takes from outside.
  func captures(of results: [Expr]) -> [Expr] { Body.captures(of: results, since: start) }

  /// The invalid loop, if something it is made of is invalid.
  func invalid(_ all: [Expr]) -> Expr? {
    all.contains(where: \.isInvalid)
      ? .refused(Refusal(.loopMalformed, ""), function, all, at: at) : nil
  }

  /// The loop that gives nothing.
  var nothing: Expr {
    .refused(
      Refusal(.loopMalformed, "the step gives neither a state nor outputs"), function, [], at: at)
  }

  /// The mistake that a step changes the number or types of the carries, against a rule of the loop's
  /// op, if it does.
  func mismatch(_ before: [Expr], _ after: [Expr], rule: String) -> Expr? {
    if before.count != after.count {
      return .refused(
        Refusal(
          .carryMismatch,
          "the step gives \(after.count) values for a state of \(before.count)",
          help: "give the next value of each, in the same order"), function, before, at: at)
    }
    for (i, (old, new)) in zip(before, after).enumerated() where old.type != new.type {
      let isDType = old.dtype != new.dtype
      return .invalid(
        Diagnostic(
          .carryMismatch,
          "\(function): the step changes the \(isDType ? "dtype" : "shape") of the state"
            + (before.count > 1 ? ", value \(i)" : ""), at: at,
          evidence: [
            Diagnostic.Evidence(
              label: "before the step", type: old.type, origin: old.node.location),
            Diagnostic.Evidence(label: "after the step", type: new.type, origin: new.node.location),
          ], rule: rule,
          help: isDType
            ? "cast in the step, to .\(old.dtype), or the initial value, to .\(new.dtype)"
            : "begin with what the step gives: Expr.zeros(.\(new.dtype), \(new.shape))"
        ))
    }
    return nil
  }
}

extension Expr {
  /// A value that a region is handed.
  static func regionParameter(_ type: TensorType, _ name: String, at: Location) -> Expr {
    Expr(node: Node(.parameter(Parameter(.region, name: name)), types: [type], location: at))
  }
}
