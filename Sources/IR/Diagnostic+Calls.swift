package import GnomonTensors

/// An argument of a compiled function, as messages speak of it.
package struct ArgumentDescription: Sendable {
  /// Counted from 1.
  package var number: Int
  package var name: String
  package var type: TensorType
  /// Where the input was made.
  package var origin: Location

  package init(number: Int, name: String, type: TensorType, origin: Location = .unknown) {
    self.number = number
    self.name = name
    self.type = type
    self.origin = origin
  }

  fileprivate var words: String { "argument \(number), `\(name)`" }

  fileprivate func evidence(marking axes: [Int] = []) -> Diagnostic.Evidence {
    Diagnostic.Evidence(label: name, type: type, markedAxes: axes, origin: origin)
  }

  /// The tensor that was handed in.
  fileprivate func given(
    _ dtype: DType, _ shape: [Int], marking axes: [Int] = []
  ) -> Diagnostic.Evidence {
    Diagnostic.Evidence(
      label: "given", type: TensorType(dtype, shape.map { Dim($0) }), markedAxes: axes)
  }
}

// What can go wrong when a compiled function is called. All of these are found before the function
// has written anything, so that variables stay as they were.
extension Diagnostic {
  /// A call with too many or too few arguments.
  ///
  /// - Parameters:
  ///   - function: the name of the compiled function.
  ///   - given: the number of arguments of the call.
  package static func argumentCount(
    function: String, inputs: [ArgumentDescription], given: Int, at location: Location = .unknown
  ) -> Diagnostic {
    let count = inputs.count
    var help: String?
    if given < count {
      let missing = inputs.dropFirst(given).map { "`\($0.name)`" }
      help = "\(missing.joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") missing"
    } else if count == 0 {
      help = "call it without arguments"
    }
    return Diagnostic(
      .argumentCount,
      "\(function) takes \(count) argument\(count == 1 ? "" : "s"), not \(given)",
      at: location, evidence: inputs.map { $0.evidence() }, help: help)
  }

  /// An argument of another dtype than its input's.
  package static func argumentDType(
    _ argument: ArgumentDescription, given dtype: DType, shape: [Int], at location: Location? = nil
  ) -> Diagnostic {
    Diagnostic(
      .argumentDType, "\(argument.words), is \(dtype), not \(argument.type.dtype)",
      at: location ?? argument.origin,
      evidence: [argument.evidence(), argument.given(dtype, shape)],
      help: "convert it: tensor.cast(to: .\(argument.type.dtype))")
  }

  /// An argument with another number of axes than its input's.
  package static func argumentRank(
    _ argument: ArgumentDescription, given dtype: DType, shape: [Int], at location: Location? = nil
  ) -> Diagnostic {
    let expected = argument.type.shape.count
    var help: String?
    if shape.count + 1 == expected {
      help =
        "a single sample is a batch of 1: give it the shape [\(([1] + shape).map(\.description).joined(separator: ", "))]"
    }
    return Diagnostic(
      .argumentRank, "\(argument.words), has rank \(shape.count), not \(expected)",
      at: location ?? argument.origin,
      evidence: [argument.evidence(), argument.given(dtype, shape)], help: help)
  }

  /// An argument with an axis of another size than the input's type says.
  ///
  /// - Parameter expected: the size that the axis should have, when its formula has a value.
  package static func argumentSize(
    _ argument: ArgumentDescription, axis: Int, expected: Int?, given dtype: DType, shape: [Int],
    at location: Location? = nil
  ) -> Diagnostic {
    let formula = argument.type.shape[axis]
    var size = formula.description
    if let expected, formula.constant == nil { size += ", which is \(expected)" }
    return Diagnostic(
      .argumentSize, "\(argument.words), has size \(shape[axis]) on axis \(axis), not \(size)",
      at: location ?? argument.origin,
      evidence: [argument.evidence(marking: [axis]), argument.given(dtype, shape, marking: [axis])])
  }

  /// An argument whose dtype, rank or size is not its input's, whichever is found first.
  ///
  /// - Parameter sizes: the values of the named dimensions, as far as they are known.
  package static func argument(
    _ argument: ArgumentDescription, given dtype: DType, shape: [Int], sizes: [String: Int] = [:]
  ) -> Diagnostic {
    if dtype != argument.type.dtype {
      return argumentDType(argument, given: dtype, shape: shape)
    }
    let expected = argument.type.shape
    if shape.count != expected.count {
      return argumentRank(argument, given: dtype, shape: shape)
    }
    let axis =
      expected.indices.first { axis in
        expected[axis].evaluated(names: sizes).map { $0 != shape[axis] } ?? false
      } ?? expected.indices.first { expected[$0].name == nil && expected[$0].constant == nil } ?? 0
    return argumentSize(
      argument, axis: axis, expected: expected[axis].evaluated(names: sizes), given: dtype,
      shape: shape)
  }

  /// A named size with two values: "batch is 128 in `x`, argument 1, but 64 in `y`, argument 2".
  package static func dimensionConflict(
    _ name: String,
    _ first: (argument: ArgumentDescription, axis: Int, size: Int),
    _ second: (argument: ArgumentDescription, axis: Int, size: Int),
    at location: Location? = nil
  ) -> Diagnostic {
    func words(_ place: (argument: ArgumentDescription, axis: Int, size: Int)) -> String {
      "\(place.size) in `\(place.argument.name)`, argument \(place.argument.number)"
    }
    return Diagnostic(
      .dimensionConflict, "\(name) is \(words(first)), but \(words(second))",
      at: location ?? second.argument.origin,
      evidence: [
        first.argument.evidence(marking: [first.axis]),
        second.argument.evidence(marking: [second.axis]),
      ],
      help: "if the two sizes may differ, give them different names")
  }

  /// Sizes that break what the program relies on; at the line that relies on it.
  ///
  /// - Parameter sizes: the values of the named dimensions.
  package static func requirementFailed(
    _ requirement: Requirement, sizes: [String: Int]
  ) -> Diagnostic {
    let (left, right) = (requirement.left, requirement.right)
    func value(_ d: Dim) -> String? {
      guard d.constant == nil, let n = d.evaluated(names: sizes) else { return nil }
      return "\(d) is \(n)"
    }
    let wanted =
      switch requirement.relation {
      case .equal: "\(left) = \(right)"
      case .atLeast: "\(left) ≥ \(right)"
      case .divides: "\(left) divides \(right)"
      }
    let values = [value(left), value(right)].compactMap { $0 }
    var message = "this needs \(wanted)"
    if !values.isEmpty { message += ", but \(values.joined(separator: " and "))" }
    let formulas = [left, right].filter { $0.name == nil }
    return Diagnostic(
      .requirementFailed, message, at: requirement.location, help: help(sizes, formulas))
  }

  /// An index outside its axis, found while the function ran; at the line of the op.
  ///
  /// - Parameters:
  ///   - function: what looked the index up, `take` or a loss.
  ///   - position: the flat position among the indices.
  ///   - shape: the shape of the tensor of indices, if known, to name the position by axes.
  ///   - bound: the size of the axis.
  package static func indexOutOfRange(
    _ function: String, index: Int64, position: Int64, shape: [Int]? = nil, bound: Int64,
    at location: Location
  ) -> Diagnostic {
    let axes = shape.flatMap { $0.count > 1 ? coordinates(of: Int(position), $0) : nil }
    let place = axes ?? "\(position)"
    return Diagnostic(
      .indexOutOfRange,
      "\(function): the index \(index) at position \(place) is out of range for size \(bound)",
      at: location,
      help: (bound > 0 ? "indices are 0...\(bound - 1)" : "the axis is empty")
        + "; no variable has changed")
  }

  /// A check that failed, as the interpreter and the native code report it.
  package static func failed(_ failure: LocatedFailure) -> Diagnostic {
    let (index, at) = (failure.failure, failure.location)
    let checked = failure.check.operand
    let tensor = failure.operands.indices.contains(checked) ? failure.operands[checked] : nil
    let place = coordinates(of: Int(index.position), tensor.map { Array($0.shape) })
    switch failure.check {
    case .index:
      return indexOutOfRange(
        "call", index: index.index, position: index.position, bound: index.bound, at: at)
    case .isTrue(let message):
      return Diagnostic(
        .assertionFailed, "assertion: \(message)", at: at,
        help: (place.map { "the condition is false at \($0)" } ?? "the condition is false")
          + "; no variable has changed")
    case .isFinite(let op, _):
      var what = "a number that is not finite"
      if let tensor, tensor.elementCount > index.position {
        what = tensor.double(at: Int(index.position)).isNaN ? "NaN" : "infinity"
      }
      let evidence = failure.operands.enumerated().dropFirst().compactMap { k, operand in
        operand.map { t in
          Evidence(
            label: "operand \(k) of \(op): \(range(of: t))",
            type: TensorType(t.dtype, t.shape.map { Dim($0) }))
        }
      }
      return Diagnostic(
        .notFinite, "\(op) gives \(what)" + (place.map { " at \($0)" } ?? ""), at: at,
        evidence: evidence, help: "it is the first one of the call; no variable has changed")
    }
  }

  /// The position among the elements of a tensor by its axes; nil for a scalar.
  private static func coordinates(of position: Int, _ shape: [Int]?) -> String? {
    guard let shape, !shape.contains(0) else { return "position \(position)" }
    if shape.isEmpty { return nil }
    var rest = position
    let found = shape.reversed().map { size in
      defer { rest /= size }
      return rest % size
    }
    return "[\(found.reversed().map(\.description).joined(separator: ", "))]"
  }

  /// The least and the largest number of a tensor.
  private static func range(of tensor: Tensor) -> String {
    let values = tensor.doubles
    let numbers = values.filter { !$0.isNaN }
    var text = "empty"
    if let low = numbers.min(), let high = numbers.max() { text = "\(low) to \(high)" }
    if numbers.count < values.count {
      text = (numbers.isEmpty ? "" : text + " and ") + "\(values.count - numbers.count) NaN"
    }
    return text
  }

  /// A size that no machine can hold, found from the arguments.
  package static func sizeOverflowAtCall(
    _ type: TensorType, sizes: [String: Int], at location: Location
  ) -> Diagnostic {
    Diagnostic(
      .sizeOverflowAtCall, "\(type) has more elements than memory can hold", at: location,
      help: help(sizes, type.shape))
  }

  /// The values of the names in some formulas.
  private static func help(_ sizes: [String: Int], _ formulas: [Dim]) -> String? {
    let names = Set(formulas.flatMap(\.names)).sorted()
    let values = names.compactMap { name in sizes[name].map { "\(name) is \($0)" } }
    return values.isEmpty ? nil : "here " + values.joined(separator: ", ")
  }

  /// A buffer for an output that does not fit it.
  ///
  /// - Parameter number: the output, counted from 1.
  package static func outputBuffer(
    _ number: Int, type: TensorType, given dtype: DType, shape: [Int],
    at location: Location = .unknown
  ) -> Diagnostic {
    Diagnostic(
      .outputBuffer, "the buffer for output \(number) does not have the output's dtype and shape",
      at: location,
      evidence: [
        Evidence(label: "output", type: type),
        Evidence(label: "buffer", type: TensorType(dtype, shape.map { Dim($0) })),
      ])
  }

  /// A new value for a variable that is not of the variable's type.
  package static func variableValue(
    _ name: String, type: TensorType, given dtype: DType, shape: [Int],
    origin: Location, at location: Location = .unknown
  ) -> Diagnostic {
    Diagnostic(
      .variableValue, "a value for `\(name)` has another dtype or shape than the variable",
      at: location,
      evidence: [
        Evidence(label: name, type: type, origin: origin),
        Evidence(label: "given", type: TensorType(dtype, shape.map { Dim($0) })),
      ],
      help: "a variable keeps its dtype and shape; make another one for another shape")
  }
}
