package import GnomonTensors

// What a call may find wrong with its arguments.
extension Diagnostic {
  package static func argumentCount(
    expected: [(name: String, type: TensorType)], _ count: Int
  ) -> Diagnostic {
    Diagnostic(
      .argumentCount, "call: \(count) arguments, but the function takes \(expected.count)",
      at: .unknown, evidence: expected.map { Evidence(label: $0.name, type: $0.type) },
      help: "pass one tensor for each input, in the order of `inputs:`")
  }

  /// An argument whose dtype, rank or constant size is not the input's.
  package static func argument(
    _ position: Int, name: String, expected: TensorType, dtype: DType, shape: [Int]
  ) -> Diagnostic {
    let given = TensorType(dtype, shape.map { Dim($0) })
    let head = "call: argument \(position), `\(name)`,"
    let evidence = { (axes: [Int]) in
      [
        Evidence(label: "expected", type: expected, markedAxes: axes),
        Evidence(label: "given", type: given, markedAxes: axes),
      ]
    }
    if dtype != expected.dtype {
      return Diagnostic(
        .argumentDType, "\(head) is \(dtype), not \(expected.dtype)", at: .unknown,
        evidence: evidence([]), help: "convert it: tensor.cast(to: .\(expected.dtype))")
    }
    if shape.count != expected.rank {
      return Diagnostic(
        .argumentRank, "\(head) has rank \(shape.count), not \(expected.rank)", at: .unknown,
        evidence: evidence([]))
    }
    let axes = shape.indices.filter { axis in
      expected.shape[axis].constant.map { $0 != shape[axis] } ?? false
    }
    let axis = axes.first ?? expected.shape.indices.first { expected.shape[$0].name == nil } ?? 0
    return Diagnostic(
      .argumentSize,
      "\(head) has size \(shape[axis]) along axis \(axis), not \(expected.shape[axis])",
      at: .unknown, evidence: evidence(axes.isEmpty ? [axis] : axes))
  }

  /// A named dimension with two sizes in one call.
  package static func dimensionConflict(
    _ dimension: String, first: (name: String, position: Int, size: Int),
    second: (name: String, position: Int, size: Int)
  ) -> Diagnostic {
    Diagnostic(
      .dimensionConflict,
      "call: `\(dimension)` is \(first.size) in `\(first.name)`, argument \(first.position), "
        + "but \(second.size) in `\(second.name)`, argument \(second.position)",
      at: .unknown)
  }

  /// A fact about sizes that the expressions rely on and this call breaks.
  package static func requirementFailed(
    _ requirement: Requirement, sizes: [String: Int]
  ) -> Diagnostic {
    let left = requirement.left.evaluated(names: sizes).map { "\($0)" } ?? "too large"
    let right = requirement.right.evaluated(names: sizes).map { "\($0)" } ?? "too large"
    let relation =
      switch requirement.relation {
      case .equal: "equal"
      case .atLeast: "be at least"
      case .divides: "divide"
      }
    return Diagnostic(
      .requirementFailed,
      "call: \(requirement.left) must \(relation) \(requirement.right), "
        + "but they are \(left) and \(right)",
      at: requirement.location)
  }

  /// An index outside its range; the line is that of the expression that uses it.
  package static func indexOutOfRange(_ failure: IndexFailure, at location: Location) -> Diagnostic {
    Diagnostic(
      .indexOutOfRange,
      "call: the index \(failure.index) at position \(failure.position) is not in "
        + "0..<\(failure.bound)",
      at: location, help: "no variable was changed by this call")
  }
}
