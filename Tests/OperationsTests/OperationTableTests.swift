import GnomonIR
import GnomonOperations
import GnomonTensors
import ProgramGenerator
import Testing

/// Every operation of the table in a few random programs: batched as in a loop, and its derivatives, forward
/// and backward, first and second, against difference quotients. A new operation is among them with its
/// step in the catalogue.
@Suite struct OperationTableTests {
  private static let steps = catalogue.filter { $0.op != nil }

  /// What the op of a step does to random operands of float64, where a float is asked for. Numbers are
  /// irregular, so that few lie at a kink.
  private func program(_ step: Step, seed: UInt64) throws -> GeneratedProgram {
    var program = try ProgramGenerator.program(
      seed: seed, steps: 0, inputs: .tame, planted: [step],
      dtypes: [.float64, .float64, .int32, .int64, .bool])
    for i in program.arguments.indices where program.arguments[i].dtype == .float64 {
      let x = program.arguments[i]
      program.arguments[i] = Tensor(
        dtype: .float64, shape: x.shape,
        doubles: zip(x.doubles, sample(Array(x.shape), seed: seed + 5).doubles).map {
          $0 / (seed % 2 == 0 ? 3 : 5) + $1 / 100
        })
    }
    return program
  }

  private func expressions(_ program: GeneratedProgram) throws -> (inputs: [Expr], results: [Expr])
  {
    let all = try program.graph.expressions { name, _ in throw InternalError("a variable \(name)") }
    return (all.inputs, all.results)
  }

  /// The results, or nil when an index is out of range.
  private func values(_ graph: Graph, _ arguments: [Tensor]) throws -> [Tensor]? {
    do { return try Interpreter(graph).run(arguments) } catch is LocatedFailure { return nil }
  }

  private func agree(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
    a == b || (a.isNaN && b.isNaN) || (a - b).magnitude <= tolerance * (1 + b.magnitude)
  }

  @Test(arguments: steps.map(\.name))
  func `a batch is one example after the other`(name: String) throws {
    let step = try #require(Self.steps.first { $0.name == name })
    var checked = 0
    for seed in UInt64(0)..<4 {
      let program = try program(step, seed: seed)
      let (inputs, results) = try expressions(program)
      let batches = inputs.map { Expr.input("\($0.label) batch", $0.dtype, [2] + $0.shape) }
      let found = vectorize(batches) { rows in
        Expr.replacing(
          Dictionary(uniqueKeysWithValues: zip(inputs.map(\.id), rows)), in: results)
      }
      let graph = try Graph.build(name: "batch", inputs: batches, results: found)
      // The second example has the same elements in the opposite order.
      let turned = program.arguments.map { $0.turned }
      guard let first = try values(program.graph, program.arguments),
        let second = try values(program.graph, turned)
      else { continue }
      let both = zip(program.arguments, turned).map { $0.beside($1) }
      let all = try #require(try values(graph, both))
      for (k, y) in all.enumerated() {
        let expected = first[k].beside(second[k])
        #expect(y.shape == expected.shape && y.dtype == expected.dtype)
        for (a, b) in zip(y.doubles, expected.doubles) where !agree(a, b, 1e-12) {
          Issue.record("seed \(seed), result \(k): \(a) for \(b)\n\(program.graph.text())")
        }
      }
      checked += 1
    }
    #expect(checked > 0, "no program of \(name) ran")
  }

  /// Ops whose results have no derivative, or only 0.
  private static let flat: Set = [
    "check_finite", "shift_left", "shift_right", "equal", "not_equal", "less", "less_equal", "not",
    "and",
    "or", "xor", "any", "all", "argmax", "argmin", "iota", "size",
    "check_index", "order", "searchsorted", "random_bits", "floor", "ceil", "round", "truncate",
    "sign", "constant", "dense", "undefined_gradient", "while",
  ]

  @Test(arguments: steps.map(\.name))
  func `derivatives of both modes and both orders are difference quotients`(name: String) throws {
    let step = try #require(Self.steps.first { $0.name == name })
    var checked = 0
    // Their derivatives are not those of their values.
    if name == "stop_gradient" || name == "bitcast" { return }
    let isFlat = Self.flat.contains(try #require(step.op).mnemonic)
    for seed in UInt64(10)..<(isFlat ? 13 : 60) where checked < 2 {
      let program = try program(step, seed: seed)
      let (inputs, results) = try expressions(program)
      let wanted = inputs.indices.filter { inputs[$0].dtype == .float64 }
      let parts = results.filter { $0.dtype == .float64 }
      guard !wanted.isEmpty, !parts.isEmpty else { continue }
      let xs = wanted.map { inputs[$0] }
      // A polynomial of the results, so that second derivatives of linear ops are not 0.
      let loss = parts.map { mean($0 * $0) + mean($0) * 0.3 }.reduce(0, +)
      let slopes = gradient(of: loss, withRespectTo: xs, disconnected: .zeros)
      if slopes.contains(where: \.isInvalid) { continue }
      let directions = xs.map { Expr.input("\($0.label) direction", .float64, $0.shape) }
      let along = jacobianVectorProduct(of: [loss], withRespectTo: xs, vectors: directions)[0]
      let slope = zip(slopes, directions).map { sum($0 * $1) }.reduce(0, +)
      let curvatures = gradient(of: slope, withRespectTo: xs, disconnected: .zeros)
      let curvature = zip(curvatures, directions).map { sum($0 * $1) }.reduce(0, +)
      let wholeGraph = try Graph.build(
        name: "derivatives", inputs: inputs + directions, results: [loss, slope, along, curvature])
      let vectors = wanted.map { sample(Array(program.arguments[$0].shape), seed: 90) }
      func at(_ t: Double) throws -> [Double]? {
        var arguments = program.arguments
        for (i, v) in zip(wanted, vectors) {
          arguments[i] = Tensor(
            dtype: .float64, shape: v.shape,
            doubles: zip(arguments[i].doubles, v.doubles).map { $0 + t * $1 })
        }
        return try values(wholeGraph, arguments + vectors)?.map { $0.double(at: 0) }
      }
      let h = 1e-5
      guard let here = try at(0), let after = try at(h), let before = try at(-h),
        (here + after + before).allSatisfy({ $0.isFinite && $0.magnitude < 1e4 })
      else { continue }
      let text = "seed \(seed)\n\(program.graph.text())"
      #expect(agree(here[2], here[1], 1e-9), "forward \(here[2]), reverse \(here[1]); \(text)")
      let first = (after[0] - before[0]) / (2 * h)
      #expect(agree(here[1], first, 1e-5), "slope \(here[1]), quotient \(first); \(text)")
      let second = (after[1] - before[1]) / (2 * h)
      #expect(agree(here[3], second, 1e-5), "curvature \(here[3]), quotient \(second); \(text)")
      if here[1] != 0 { checked += 1 }
    }
    #expect(isFlat || checked > 0, "no derivative of \(name) was seen")
  }

  @Test
  func `routines on matrices are those that LinearAlgebraTests and FourierTests differentiate`() {
    var routines: [String] = []
    for op in operationTable where op is any RoutineOp.Type { routines.append(op.mnemonic) }
    #expect(
      Set(routines) == [
        "cholesky", "triangular_solve", "lu", "linear_solve", "qr", "eigh", "svd",
        "tridiagonal_solve", "eig", "sylvester", "fourier", "matrix_inverse",
      ])
  }
}

extension Tensor {
  /// The elements in the opposite order.
  fileprivate var turned: Tensor {
    dtype.isFloat
      ? Tensor(dtype: dtype, shape: shape, doubles: doubles.reversed())
      : Tensor(dtype: dtype, shape: shape, integers: integers.reversed())
  }

  /// Both under a new first axis.
  fileprivate func beside(_ other: Tensor) -> Tensor {
    let whole = Shape([2] + Array(shape))
    return dtype.isFloat
      ? Tensor(dtype: dtype, shape: whole, doubles: doubles + other.doubles)
      : Tensor(dtype: dtype, shape: whole, integers: integers + other.integers)
  }
}
