package import GnomonIR
internal import GnomonOperations
package import GnomonTensors
package import TestSupport

/// A well-typed program with arguments, made from a seed.
package struct GeneratedProgram: Sendable {
  package var seed: UInt64
  package var graph: Graph
  package var arguments: [Tensor]
}

/// Makes programs at random: the same one for the same seed, whatever the machine.
///
/// A program grows step by step: each step asks for operands of types it can take, and gets a value
/// made before, a constant, a new parameter, or one of these under a broadcast. So every step is
/// well-typed by construction, and what an op refuses is a bug of its step.
package struct ProgramGenerator {
  /// What the arguments hold.
  package enum Inputs: Sendable {
    /// NaN, infinities, both zeros, denormals, the largest numbers, and small ones that meet.
    case wild
    /// Numbers of moderate size, for comparisons within a tolerance.
    case tame
  }

  package var random: SeededRandom
  package let inputs: Inputs
  package private(set) var builder: GraphBuilder
  package private(set) var arguments: [Tensor] = []
  /// The values that later steps may use.
  package private(set) var pool: [ValueID] = []
  /// The sizes of the named dimensions in this run.
  package let sizes: [String: Int]
  /// Regions take nothing from outside but their parameters.
  private let isRegion: Bool
  package var dtypes: [DType] = [.float32, .float32, .float64, .int32, .int64, .bool]

  package init(seed: UInt64, inputs: Inputs = .wild) {
    random = SeededRandom(seed)
    self.inputs = inputs
    builder = GraphBuilder(name: "generated")
    isRegion = false
    // Empty axes are rare among tame programs, where they would test little.
    sizes = [
      "n": random.pick(inputs == .wild ? [0, 1, 2, 3, 3] : [2, 3]),
      "m": random.pick(inputs == .wild ? [1, 1, 2, 4] : [2, 4]),
    ]
  }

  private init(regionOf parent: ProgramGenerator, name: String, seed: UInt64) {
    random = SeededRandom(seed)
    inputs = parent.inputs
    sizes = parent.sizes
    dtypes = parent.dtypes
    builder = GraphBuilder(name: name)
    isRegion = true
  }

  package func type(of value: ValueID) -> TensorType { builder.type(of: value) }

  // MARK: Programs

  /// A program of about `steps` steps drawn from `catalogue`, with each of `planted` somewhere
  /// between them. Its results are what is not used, and a few values that are.
  ///
  /// - Parameter dtypes: what values are of, where a step may choose.
  package static func program(
    seed: UInt64, steps: Int = 12, inputs: Inputs = .wild, planted: [Step] = [],
    dtypes: [DType]? = nil
  ) throws -> GeneratedProgram {
    var g = ProgramGenerator(seed: seed, inputs: inputs)
    if let dtypes { g.dtypes = dtypes }
    // Every named size is an axis of a parameter.
    _ = try g.addParameter(TensorType(.float32, ["n", "m"]))
    var plan: [Step?] = Array(repeating: nil, count: steps) + planted
    plan.shuffle(using: &g.random)
    var kept: [ValueID] = []
    for step in plan {
      if let step {
        kept += try g.run(step)
      } else {
        try g.run(g.random.pick(catalogue))
      }
    }
    return try g.finished(seed: seed, keeping: kept)
  }

  /// Runs a step; its results join the pool.
  @discardableResult package mutating func run(_ step: Step) throws -> [ValueID] {
    let made = try step.make(&self)
    pool += made
    return made
  }

  private mutating func finished(seed: UInt64, keeping kept: [ValueID]) throws -> GeneratedProgram {
    let uses = builder.graph.useCounts()
    var results = kept
    // Half of the unused values stay unused: there must be something to remove.
    for v in pool where uses[v.index] == 0 && random.chance(1, of: 2) { results.append(v) }
    if results.isEmpty { results = [try value(.float32, [])] }
    builder.setResults(results)
    return GeneratedProgram(seed: seed, graph: builder.graph, arguments: arguments)
  }

  // MARK: Types

  package mutating func dtype(where holds: (DType) -> Bool = { _ in true }) -> DType {
    let fitting = dtypes.filter(holds)
    return random.pick(fitting.isEmpty ? [.float32] : fitting)
  }

  package mutating func dim() -> Dim {
    random.pick(inputs == .wild ? ["n", "m", 1, 2, 3, 0, 3] : ["n", "m", 2, 3])
  }

  package mutating func shape(rank: Int? = nil) -> [Dim] {
    (0..<(rank ?? random.pick([0, 1, 1, 2, 2, 3]))).map { _ in dim() }
  }

  /// A shape that broadcasts to `shape`.
  package mutating func smaller(_ shape: [Dim]) -> [Dim] {
    if random.chance(2, of: 3) { return shape }
    var result = shape.map { random.chance(1, of: 3) ? Dim(1) : $0 }
    if !result.isEmpty, random.chance(1, of: 3) {
      result.removeFirst(random.below(result.count + 1))
    }
    return result
  }

  package func size(_ d: Dim) -> Int { d.evaluated(names: sizes) ?? 0 }

  // MARK: Values

  package mutating func emit(_ op: any Op, _ operands: [ValueID]) throws -> ValueID {
    try builder.emit(op, operands)[0]
  }

  package mutating func emit(_ op: any Op, _ operands: ValueID...) throws -> ValueID {
    try emit(op, operands)
  }

  /// All results of an op.
  package mutating func emitAll(_ op: any Op, _ operands: ValueID...) throws -> [ValueID] {
    try builder.emit(op, operands)
  }

  /// A value of this type: one made before, a constant, or a new parameter.
  package mutating func value(_ dtype: DType, _ shape: [Dim]) throws -> ValueID {
    let wanted = TensorType(dtype, shape)
    let fitting = pool.filter { type(of: $0) == wanted }
    if !fitting.isEmpty, random.chance(3, of: 4) { return random.pick(fitting) }
    if random.chance(1, of: 8) || isRegion { return try constant(dtype, shape) }
    return try addParameter(wanted)
  }

  /// A value that may be repeated to `shape`.
  package mutating func operand(_ dtype: DType, _ shape: [Dim]) throws -> ValueID {
    let own = smaller(shape)
    let v = try value(dtype, own)
    if own != shape, random.chance(1, of: 3) { return try emit(Broadcast(shape: shape), v) }
    return v
  }

  /// A scalar number, or an array of them, under `shape`.
  package mutating func constant(_ dtype: DType, _ shape: [Dim]) throws -> ValueID {
    let isKnown = shape.allSatisfy { $0.constant != nil }
    if !shape.isEmpty, isKnown, random.chance(1, of: 2) {
      return try emit(DenseConstant(tensor(TensorType(dtype, shape))))
    }
    return try number(
      dtype.isFloat ? random.pick(interesting) : Double(random.pick([0, 1, 2, 3, -1])), dtype, shape
    )
  }

  /// This number under `shape`.
  package mutating func number(_ x: Double, _ dtype: DType, _ shape: [Dim] = []) throws -> ValueID {
    let scalar = try emit(Constant(x, dtype))
    return shape.isEmpty ? scalar : try emit(Broadcast(shape: shape), scalar)
  }

  private var interesting: [Double] {
    inputs == .wild
      ? [0, -0.0, 1, -1, 2, 0.5, 3, -4, .infinity, -.infinity, .nan] : [1, -1, 2, 0.5, 3]
  }

  /// A new parameter; within a region, which cannot have one, a constant.
  package mutating func addParameter(
    _ type: TensorType, holding given: Tensor? = nil
  ) throws -> ValueID {
    if isRegion { return try number(given == nil ? 2 : 0, type.dtype, type.shape) }
    let tensor = given ?? tensor(type)
    arguments.append(tensor)
    let v = builder.addParameter(type, name: "p\(arguments.count - 1)")
    pool.append(v)
    return v
  }

  /// Elements of the kind of `inputs`.
  package mutating func tensor(_ type: TensorType) -> Tensor {
    let shape = type.shape.map(size)
    let count = shape.reduce(1, *)
    if type.dtype.isFloat {
      let doubles = (0..<count).map { _ in float() }
      return Tensor(dtype: type.dtype, shape: shape, doubles: doubles)
    }
    let integers = (0..<count).map { _ in type.dtype == .bool ? Int64(random.below(2)) : integer() }
    return Tensor(dtype: type.dtype, shape: shape, integers: integers)
  }

  private mutating func float() -> Double {
    if inputs == .tame { return Double(random.below(8001) - 4000) / 1000 }
    switch random.below(12) {
    case 0: return .nan
    case 1: return random.pick([.infinity, -.infinity])
    case 2: return random.pick([0, -0.0])
    case 3: return random.pick([1e-45, -1e-40, 0x1p-1074, 1.1754944e-38])
    case 4: return random.pick([3.4e38, -3e38, 1.7e308, 1e20])
    case 5, 6: return Double(random.below(7) - 3)
    default: return Double(random.below(20001) - 10000) / 997
    }
  }

  private mutating func integer() -> Int64 {
    if inputs == .wild, random.chance(1, of: 6) {
      return random.pick([Int64(Int32.min), Int64(Int32.max), .min, .max])
    }
    return Int64(random.below(9) - 4)
  }

  // MARK: Regions

  /// A region over values of `captured` types whose results have the types `results`.
  package mutating func region(
    _ name: String, captured: [TensorType], results: [TensorType], planted: [Step] = []
  ) throws -> Graph {
    var inner = ProgramGenerator(regionOf: self, name: name, seed: random.next())
    for type in captured { inner.pool.append(inner.builder.addParameter(type)) }
    for step in planted { try inner.run(step) }
    for _ in 0..<inner.random.below(4) { try inner.run(inner.random.pick(elementwiseSteps)) }
    var made: [ValueID] = []
    for type in results {
      // Results that depend on the parameters, where there is one that fits.
      let fitting = inner.pool.filter { inner.type(of: $0) == type }
      made.append(try fitting.last ?? inner.constant(type.dtype, type.shape))
    }
    inner.builder.setResults(made)
    return inner.builder.graph
  }

  package mutating func emit(
    _ op: any Op, _ operands: [ValueID], regions: [Graph]
  ) throws -> [ValueID] {
    try builder.emit(op, operands, regions: regions)
  }
}
