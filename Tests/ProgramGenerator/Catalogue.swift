package import GnomonIR
package import GnomonOperations
package import GnomonTensors
internal import TestSupport

private let isFloat: @Sendable (DType) -> Bool = { $0.isFloat }
private let isNumber: @Sendable (DType) -> Bool = { $0 != .bool }
private let isExact: @Sendable (DType) -> Bool = { !$0.isFloat }
private let isAny: @Sendable (DType) -> Bool = { _ in true }

private let arithmetic: [any Op] = [
  Add(), Subtract(), Multiply(), Divide(), Remainder(), Maximum(), Minimum(),
]
private let functions: [any Op] = [
  Tanh(), Exp(), Expm1(), Log(), Log1p(), SquareRoot(), ReciprocalSquareRoot(), Floor(),
  Ceiling(), Round(), Sine(), Cosine(), Tangent(), Sigmoid(), Softplus(), ErrorFunction(),
]
private let comparisons: [any Op] = [Equal(), NotEqual(), Less(), LessEqual()]
private let logic: [any Op] = [And(), Or(), ExclusiveOr()]

/// The elementwise ops of the table that no list here names: a new op needs no step of its own.
/// Each
/// gets operands of the dtypes that its rule allows.
private let others: [Step] = {
  let named = Set(
    (arithmetic + functions + comparisons + logic).map { ObjectIdentifier(type(of: $0)) }
      + selections.compactMap { $0.op.map { ObjectIdentifier($0) } })
  return operationTable.compactMap { type in
    // An op with attributes has a step that picks them.
    guard !named.contains(ObjectIdentifier(type)), type is any ElementwiseOp.Type,
      let op = (try? type.init(attributes: [], at: 0)) as? any ElementwiseOp
    else { return nil }
    let count = type.arity.lowerBound
    return .elementwise(op, count) { dtype in
      (try? op.resultDType([DType](repeating: dtype, count: count))) != nil
    }
  }
}()

private let selections: [Step] = [
  .elementwise(Power(), 2, isFloat),
  .elementwise(Not(), 1, isExact),
  .elementwise(StopGradient(), 1, isAny),
  .elementwise(UndefinedGradient(message: "none"), 1, isAny),
  Step("select", op: Select.self) { g in
    let dtype = g.dtype()
    let shape = g.shape()
    return try g.emit(
      Select(), g.operand(.bool, shape), g.operand(dtype, shape), g.operand(dtype, shape))
  },
  Step("cast", op: Cast.self) { g in
    try g.emit(Cast(to: g.random.pick(DType.allCases)), g.value(g.dtype(), g.shape()))
  },
]

/// Elementwise steps: also what regions are made of.
package let elementwiseSteps: [Step] = {
  var steps = arithmetic.map { Step.elementwise($0, 2, isNumber) }
  steps += functions.map { Step.elementwise($0, 1, isFloat) }
  steps += others
  steps += comparisons.map { Step.elementwise($0, 2, isAny) }
  steps += logic.map { Step.elementwise($0, 2, isExact) }
  return steps + selections
}()

/// A step for each op of the language.
package let catalogue: [Step] =
  elementwiseSteps
  + [
    Step("constant", op: Constant.self) { g in try g.constant(g.dtype(), []) },
    Step("dense", op: DenseConstant.self) { g in
      try g.emit(DenseConstant(g.tensor(TensorType(g.dtype(), [2, 3]))))
    },
    .reduction(Sum.self), .reduction(Product.self), .reduction(Max.self), .reduction(Min.self),
    .reduction(AnyTrue.self), .reduction(AllTrue.self),
    .position(ArgumentMaximum.self), .position(ArgumentMinimum.self),
    Step("reshape", op: Reshape.self) { g in
      let shape = g.shape()
      let x = try g.value(g.dtype(), shape)
      return try g.emit(Reshape(shape: g.reshaped(shape)), x)
    },
    Step("broadcast", op: Broadcast.self) { g in
      let shape = g.shape()
      return try g.emit(Broadcast(shape: shape), g.value(g.dtype(), g.smaller(shape)))
    },
    Step("contract", op: Contract.self) { g in
      let (i, j, k) = (g.dim(), g.dim(), g.dim())
      let dtype = g.dtype { $0 != .bool }
      let (spec, left, right): (String, [Dim], [Dim]) = g.random.pick([
        ("ik,kj->ij", [i, k], [k, j]), ("ik,jk->ji", [i, k], [j, k]), ("k,k->", [k], [k]),
        ("bik,bkj->bij", [j, i, k], [j, k, 2]), ("i,j->ij", [i], [j]),
      ])
      return try g.emit(Contract(spec), g.value(dtype, left), g.value(dtype, right))
    },
    Step(several: "branch", op: Branch.self) { g in try g.branch() },
    Step(several: "scan", op: Scan.self) { g in try g.scan() },
    Step(several: "while", op: While.self) { g in try g.whileLoop() },
  ] + wrapperSteps + movingSteps + indexingSteps + windowSteps + randomSteps

/// Ops whose value is that of a region or of an operand.
private let wrapperSteps: [Step] = [
  Step(several: "recompute", op: Recompute.self) { g in
    let results = (0..<(1 + g.random.below(2))).map { _ in TensorType(g.dtype(), g.shape()) }
    let operands = try results.map { try g.value($0.dtype, $0.shape) }
    let body = try g.region("recompute_0", captured: results, results: results)
    return try g.emit(Recompute(), operands, regions: [body])
  },
  Step("custom_gradient", op: CustomGradient.self) { g in
    let type = TensorType(g.dtype { $0.isFloat }, g.shape())
    let value = try g.region("custom_gradient_0", captured: [type], results: [type])
    var rule = GraphBuilder(name: "custom_gradient_1")
    for _ in 0..<2 { _ = rule.addParameter(type) }
    rule.setResults([rule.addParameter(type)])
    return try g.emit(
      CustomGradient(differentiable: 1), [g.value(type.dtype, type.shape)],
      regions: [value, rule.graph])[0]
  },
  Step("assert", op: Assertion.self) { g in
    let n = try g.number(1, .int32)
    return try g.emit(
      Assertion(message: "one is one"), g.value(g.dtype(), g.shape()), g.emit(Equal(), n, n))
  },
  Step("check_finite", op: CheckFinite.self) { g in
    try g.emit(
      CheckFinite(maker: "cast", allowsInfinity: g.random.chance(1, of: 2)),
      g.emit(Cast(to: g.dtype { $0.isFloat }), g.number(1, .int32)))
  },
  Step("barrier", op: Barrier.self) { g in
    try g.emit(Barrier(), g.value(g.dtype(), g.shape()), g.value(g.dtype(), g.shape()))
  },
]

/// Views and other ops that only move elements.
private let movingSteps: [Step] = [
  Step("transpose", op: Transpose.self) { g in
    let shape = g.shape()
    var order = Array(0..<shape.count)
    order.shuffle(using: &g.random)
    return try g.emit(Transpose(permutation: order), g.value(g.dtype(), shape))
  },
  Step("concatenate", op: Concatenate.self) { g in
    var shape = g.shape(rank: g.random.pick([1, 2]))
    let axis = g.random.below(shape.count)
    let dtype = g.dtype()
    let parts = try (0..<(1 + g.random.below(3))).map { _ in
      shape[axis] = g.dim()
      return try g.value(dtype, shape)
    }
    return try g.emit(Concatenate(axis: axis), parts)
  },
  Step("slice", op: Slice.self) { g in
    let shape = g.shape()
    return try g.emit(g.slice(of: shape), g.value(g.dtype(), shape))
  },
  Step("pad", op: Pad.self) { g in
    let shape = g.shape()
    let dtype = g.dtype()
    return try g.emit(g.pad(of: shape, dtype), g.value(dtype, shape))
  },
  Step("diagonal", op: Diagonal.self) { g in
    let d = g.dim()
    return try g.emit(Diagonal(first: 0, second: 2), g.value(g.dtype(), [d, g.dim(), d]))
  },
  Step("diagonal_embed", op: DiagonalEmbed.self) { g in
    try g.emit(DiagonalEmbed(first: 0, second: 1), g.value(g.dtype(), g.shape(rank: 1)))
  },
  Step("size", op: Size.self) { g in try g.emit(Size(g.dim() * g.dim())) },
  Step("iota", op: Iota.self) { g in
    try g.emit(Iota(count: g.dim(), dtype: g.dtype { $0 != .bool }))
  },
]

/// Draws, from a key that is a constant or comes from outside.
private let randomSteps: [Step] = [
  Step("random_bits", op: RandomBits.self) { g in
    let key = try g.value(.uint32, [2])
    return try g.emit(RandomBits(shape: g.shape(), stream: g.random.below(2)), key)
  }
]

private let indexingSteps: [Step] = [
  Step("check_index", op: CheckIndex.self) { g in try g.indices([g.dim()], below: 3) },
  Step("gather", op: Gather.self) { g in
    let x = try g.value(g.dtype(), [g.dim(), 3])
    return try g.emit(Gather(axis: 1), x, g.indices(g.shape(rank: 1), below: 3))
  },
  Step("gather_along", op: GatherAlong.self) { g in
    let d = g.dim()
    let x = try g.value(g.dtype(), [d, 3])
    return try g.emit(GatherAlong(axis: 1), x, g.indices([d, 2], below: 3))
  },
  Step("scatter_add", op: ScatterAdd.self) { g in
    let dtype = g.dtype { $0 != .bool }
    let (d, n) = (g.dim(), g.dim())
    let base = try g.value(dtype, [3, d])
    let indices = try g.indices([n], below: 3)
    return try g.emit(ScatterAdd(axis: 0), base, indices, g.value(dtype, [n, d]))
  },
  Step("scatter_update", op: ScatterUpdate.self) { g in
    let dtype = g.dtype { $0 != .bool }
    let (d, n) = (g.dim(), g.dim())
    let base = try g.value(dtype, [3, d])
    let indices = try g.indices([n], below: 3)
    let combiner = g.random.pick([nil, Combiner.product, .minimum, .maximum])
    return try g.emit(
      ScatterUpdate(axis: 0, combiner: combiner), base, indices, g.value(dtype, [n, d]))
  },
  Step("cumulative", op: Cumulative.self) { g in
    let shape = [g.dim()] + g.shape()
    let op = Cumulative(
      axis: g.random.below(shape.count),
      combiner: g.random.pick([.sum, .product, .minimum, .maximum]),
      reversed: g.random.chance(1, of: 2))
    return try g.emit(op, g.value(g.dtype { $0 != .bool }, shape))
  },
  Step("order", op: Order.self) { g in
    let shape = [g.dim()] + g.shape()
    return try g.emit(Order(axis: g.random.below(shape.count)), g.value(g.dtype(), shape))
  },
  Step("bitcast", op: Bitcast.self) { g in
    let dtype = g.dtype { $0 != .bool }
    let to = g.random.pick(
      DType.allCases.filter { $0 != .bool && $0.byteCount == dtype.byteCount })
    return try g.emit(Bitcast(to: to), g.value(dtype, g.shape()))
  },
]

extension ProgramGenerator {
  /// Another shape with as many elements, by formula.
  package mutating func reshaped(_ shape: [Dim]) -> [Dim] {
    var result = shape
    switch random.below(3) {
    case 0:
      result.insert(1, at: random.below(result.count + 1))
    case 1 where result.count > 1:
      let axis = random.below(result.count - 1)
      result[axis] = result[axis] * result[axis + 1]
      result.remove(at: axis + 1)
    default:
      result.shuffle(using: &random)
    }
    return result
  }

  /// Evenly spaced positions of each axis that exist in any run.
  package mutating func slice(of shape: [Dim]) -> Slice {
    var slice = Slice(starts: shape.map { _ in 0 }, sizes: shape, steps: shape.map { _ in 1 })
    for axis in shape.indices {
      switch random.below(4) {
      case 0:
        slice.starts[axis] = shape[axis] - 1
        slice.steps[axis] = -1
      case 1, 2:
        guard let n = shape[axis].constant, n > 0 else { continue }
        let start = random.below(n)
        slice.starts[axis] = Dim(start)
        slice.sizes[axis] = Dim(random.below(n - start + 1))
      default: break
      }
    }
    return slice
  }

  package mutating func pad(of shape: [Dim], _ dtype: DType) -> Pad {
    var pad = Pad(
      shape: shape, starts: shape.map { _ in 0 }, steps: shape.map { _ in 1 },
      value: ScalarValue(random.chance(1, of: 2) ? 0 : 1, dtype))
    for axis in shape.indices where random.chance(1, of: 2) {
      pad.starts[axis] = Dim(random.below(2))
      pad.shape[axis] = shape[axis] + pad.starts[axis] + Dim(random.below(2))
    }
    return pad
  }

  /// Checked indices, now and then with one that is out of range.
  package mutating func indices(_ shape: [Dim], below bound: Int) throws -> ValueID {
    let wide = random.chance(1, of: 40) ? bound + 1 : bound
    let count = shape.map(size).reduce(1, *)
    let numbers = (0..<count).map { _ in Int64(random.below(wide)) }
    let tensor = Tensor(dtype: .int32, shape: shape.map(size), integers: numbers)
    let v =
      try shape.allSatisfy { $0.constant != nil } && random.chance(1, of: 2)
      ? emit(DenseConstant(tensor))
      : addParameter(TensorType(.int32, shape), holding: tensor)
    return try emit(CheckIndex(bound: Dim(bound)), v)
  }

  /// A branch over values of the pool; `planted` goes into both sides.
  package mutating func branch(
    condition: ValueID? = nil, same: Bool = false, planted: [Step] = []
  ) throws -> [ValueID] {
    let results = (0..<(1 + random.below(2))).map { _ in TensorType(dtype(), shape()) }
    var captured = try results.map { try value($0.dtype, $0.shape) }
    if random.chance(1, of: 2) { captured.append(try constant(dtype(), [])) }
    if random.chance(1, of: 3) { captured.append(captured[0]) }
    let types = captured.map { type(of: $0) }
    let left = try region("then", captured: types, results: results, planted: planted)
    let right =
      same ? left : try region("else", captured: types, results: results, planted: planted)
    let decided = try condition ?? value(.bool, [])
    return try emit(Branch(), [decided] + captured, regions: [left, right])
  }

  /// A loop over values of the pool; `planted` goes into its steps.
  package mutating func scan(planted: [Step] = []) throws -> [ValueID] {
    let length = dim()
    let state = (0..<(1 + random.below(2))).map { _ in TensorType(dtype(), shape(rank: 1)) }
    let rows = (0..<random.below(3)).map { _ in TensorType(dtype(), shape(rank: 1)) }
    let outputs = (0..<random.below(2)).map { _ in TensorType(dtype(), shape(rank: 1)) }
    var operands = try state.map { try value($0.dtype, $0.shape) }
    operands += try rows.map { try value($0.dtype, [length] + $0.shape) }
    if random.chance(1, of: 2) { operands.append(try value(dtype(), shape(rank: 1))) }
    if random.chance(1, of: 2) { operands.append(try constant(dtype(), [])) }
    if random.chance(1, of: 3) { operands.append(operands[0]) }
    let captured = operands[(state.count + rows.count)...].map { type(of: $0) }
    let body = try region(
      "scan_0", captured: state + rows + captured, results: state + outputs, planted: planted)
    let op = Scan(
      carries: state.count, sequences: rows.count, length: length,
      isReversed: random.chance(1, of: 3))
    return try emit(op, operands, regions: [body])
  }

  /// Two loops that are the same.
  package mutating func twinScans() throws -> [ValueID] {
    let first = try scan()
    let made = builder.graph.instructions[builder.graph.instructions.count - 1]
    return first + (try emit(made.op, made.operands, regions: made.regions))
  }

  /// A loop of a few steps that counts them.
  package mutating func whileLoop() throws -> [ValueID] {
    let state = TensorType(dtype(), shape(rank: 1))
    let counter = TensorType(.int32, [])
    let operands = try [number(0, .int32), value(state.dtype, state.shape)]
    var condition = GraphBuilder(name: "while_0")
    let count = condition.addParameter(counter)
    _ = condition.addParameter(state)
    let end = try condition.make(Constant(Double(random.below(4)), .int32))
    condition.setResults([try condition.make(Less(), count, end)])
    let body = try region("step", captured: [counter, state], results: [state])
    var step = GraphBuilder(continuing: body)
    let one = try step.make(Constant(1, .int32))
    step.setResults([try step.make(Add(), body.parameters[0], one), body.results[0]])
    var second = step.graph
    second.name = "while_1"
    return try emit(While(carries: 2), operands, regions: [condition.graph, second])
  }
}
