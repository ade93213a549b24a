internal import GnomonIR
internal import GnomonKernels
internal import GnomonTensors

/// What a call's arguments must be and what it returns, prepared so that a call checks it fast.
struct Signature: Sendable {
  /// A size of an argument or result.
  enum Size: Sendable {
    case constant(Int)
    /// The named dimension with this number; this axis gives it its value where it `binds`.
    case name(Int, binds: Bool)
    case formula(Dim)
  }

  struct Value: Sendable {
    let name: String
    let type: TensorType
    let dtype: DType
    let sizes: [Size]
    /// Where the user made the input.
    let origin: Location
  }

  let names: [String]
  let inputs: [Value]
  let outputs: [Value]
  let requirements: [Requirement]
  /// Whether some size is a formula, which takes longer to check.
  let hasFormulas: Bool

  /// - Parameter origins: where the user made each input, if known.
  init(_ program: Program, _ graph: Graph, origins: [Location]) {
    let names = program.dimensionNames
    self.names = names
    requirements = graph.requirements
    var bound: Set<String> = []
    var hasFormulas = false
    func value(
      _ type: TensorType, _ name: String, binds: Bool, origin: Location = .unknown
    ) -> Value {
      Value(
        name: name, type: type, dtype: type.dtype,
        sizes: type.shape.map { d in
          if let c = d.constant { return .constant(c) }
          if let n = d.name, let i = names.firstIndex(of: n) {
            return .name(i, binds: binds && bound.insert(n).inserted)
          }
          hasFormulas = true
          return .formula(d)
        }, origin: origin)
    }
    let parameters = graph.parameters.filter { !graph.variables.contains($0) }
    inputs = parameters.enumerated().map { i, p in
      value(
        graph.type(of: p), graph.values[p.index].name ?? "input", binds: true,
        origin: i < origins.count ? origins[i] : .unknown)
    }
    outputs = program.outputTypes.enumerated().map { value($1, "output \($0)", binds: false) }
    self.hasFormulas = hasFormulas
  }

  /// Checks the arguments and gives the named sizes their values.
  func bind(_ arguments: [Tensor], _ sizes: UnsafeMutableBufferPointer<Int>) throws(GnomonError) {
    guard arguments.count == inputs.count else {
      throw GnomonError([
        .argumentCount(
          function: "the function", inputs: inputs.indices.map(described), given: arguments.count)
      ])
    }
    for i in arguments.indices {
      let spec = inputs[i]
      guard arguments[i].dtype == spec.dtype, arguments[i].shape.count == spec.sizes.count else {
        throw GnomonError([mismatch(i, arguments)])
      }
      for axis in spec.sizes.indices {
        let n = arguments[i].shape[axis]
        switch spec.sizes[axis] {
        case .constant(let c): if n != c { throw GnomonError([mismatch(i, arguments)]) }
        case .name(let k, binds: true): sizes[k] = n
        case .name, .formula: break
        }
      }
    }
    // A name may be bound by a later argument than it is used in.
    for i in arguments.indices {
      for axis in inputs[i].sizes.indices {
        if case .name(let k, binds: false) = inputs[i].sizes[axis],
          arguments[i].shape[axis] != sizes[k]
        {
          throw GnomonError([conflict(k, i, axis, arguments)])
        }
      }
    }
    guard hasFormulas || !requirements.isEmpty else { return }
    try checkFormulas(arguments, sizes)
  }

  private func checkFormulas(
    _ arguments: [Tensor], _ sizes: UnsafeMutableBufferPointer<Int>
  ) throws(GnomonError) {
    var values: [String: Int] = [:]
    for (i, n) in names.enumerated() { values[n] = sizes[i] }
    for i in arguments.indices {
      for axis in inputs[i].sizes.indices {
        guard case .formula(let d) = inputs[i].sizes[axis] else { continue }
        guard d.evaluated(names: values) == arguments[i].shape[axis] else {
          throw GnomonError([mismatch(i, arguments, sizes: values)])
        }
      }
    }
    let failed = requirements.filter { $0.holds(names: values) != true }
    guard failed.isEmpty else {
      throw GnomonError(failed.map { .requirementFailed($0, sizes: values) })
    }
  }

  /// The concrete shape of an output.
  func shape(_ spec: Value, _ sizes: UnsafeMutableBufferPointer<Int>) throws(GnomonError) -> Shape {
    if spec.sizes.isEmpty { return [] }
    var concrete: [Int] = []
    concrete.reserveCapacity(spec.sizes.count)
    for size in spec.sizes {
      switch size {
      case .constant(let n): concrete.append(n)
      case .name(let i, _): concrete.append(sizes[i])
      case .formula(let d):
        let n = d.evaluated { atom in
          guard case .name(let n) = atom, let i = names.firstIndex(of: n) else { return nil }
          return sizes[i]
        }
        guard let n, n >= 0 else { throw overflow(spec) }
        concrete.append(n)
      }
    }
    guard let count = Shape.byteCount(of: concrete, spec.dtype), count < 1 << 46 else {
      throw overflow(spec)
    }
    return Shape(concrete)
  }

  private func overflow(_ spec: Value) -> GnomonError {
    GnomonError([
      Diagnostic(
        .sizeOverflowAtCall, "call: \(spec.name), \(spec.type), is too large or negative here",
        at: .unknown, help: "check the sizes of the arguments")
    ])
  }

  // MARK: - Mistakes

  private func described(_ i: Int) -> ArgumentDescription {
    ArgumentDescription(
      number: i + 1, name: inputs[i].name, type: inputs[i].type, origin: inputs[i].origin)
  }

  private func mismatch(
    _ i: Int, _ arguments: [Tensor], sizes: [String: Int] = [:]
  ) -> Diagnostic {
    .argument(
      described(i), given: arguments[i].dtype, shape: Array(arguments[i].shape), sizes: sizes)
  }

  private func conflict(_ k: Int, _ i: Int, _ axis: Int, _ arguments: [Tensor]) -> Diagnostic {
    for (j, input) in inputs.enumerated() {
      for (a, size) in input.sizes.enumerated() {
        if case .name(k, binds: true) = size {
          return .dimensionConflict(
            names[k], (described(j), a, arguments[j].shape[a]),
            (described(i), axis, arguments[i].shape[axis]))
        }
      }
    }
    return mismatch(i, arguments)
  }
}
