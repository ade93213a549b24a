import Dispatch
import GnomonIR
import GnomonOperations
import GnomonTensors
import ProgramGenerator
import Synchronization
import TestSupport

/// What is wrong with the results of a graph of the corpus, or nil: elementwise ops are held to the
/// bounds that they state, whole programs to what the reference allows.
func fault(of graph: Graph, _ results: [Tensor], _ arguments: [Tensor]) throws -> String? {
  if graph.name.hasPrefix("elementwise") {
    return try ElementwiseReferee.fault(of: graph, results, arguments)
  }
  var referee = try Referee(graph, arguments)
  return referee.fault(in: results)
}

/// What the results of a graph may be: the reference's values, and how far later stages may be from
/// them because they round elsewhere (fused multiply-add, sums in another order, other
/// approximations of a function within their bounds).
///
/// The second comes from running the reference again with every rounding moved a little: an element
/// that this does not move must come out bit for bit, one that moves a little may be off by a small
/// multiple of that, and one that jumps (a comparison of nearly equal numbers) says nothing.
struct Referee {
  let expected: [Tensor]
  private let moved: [[Tensor]]
  private let isExact: [Bool]
  /// How many elements said nothing, of how many.
  private(set) var skipped = 0
  private(set) var compared = 0

  init(_ graph: Graph, _ arguments: [Tensor], runs: Int = 3) throws {
    expected = try Interpreter(graph).run(arguments)
    isExact = PerturbedInterpreter.exactOutputs(of: graph)
    moved =
      isExact.allSatisfy { $0 }
      ? []
      : try concurrently(runs) {
        var perturbed = PerturbedInterpreter(seed: UInt64($0 + 1), overflows: $0 == 0)
        return try perturbed.run(graph, arguments)
      }
  }

  /// What is wrong with the results, or nil.
  mutating func fault(in results: [Tensor]) -> String? {
    guard results.count == expected.count else { return "\(results.count) results" }
    for (r, (a, e)) in zip(results, expected).enumerated() {
      if sameBits(a, e) {
        compared += a.elementCount
        continue
      }
      guard a.dtype == e.dtype, a.shape == e.shape, !isExact[r] else {
        return "result \(r): \(firstDifference(a, e))"
      }
      let others = moved.map { $0[r].doubles }
      let (found, wanted) = (a.doubles, e.doubles)
      for i in wanted.indices {
        compared += 1
        let nearby = others.map { $0[i] }
        guard let allowed = allowance(wanted[i], nearby, e.dtype) else {
          skipped += 1
          continue
        }
        if found[i] == wanted[i] || (found[i].isNaN && wanted[i].isNaN) { continue }
        if abs(found[i] - wanted[i]) <= allowed { continue }
        return "result \(r), element \(i) of \(e.dtype) \(e.shape) is \(found[i]), not "
          + "\(wanted[i]), which may be off by \(allowed)"
      }
    }
    return nil
  }

  /// How far from `x` an element may be; nil when it may be anything.
  private func allowance(_ x: Double, _ nearby: [Double], _ dtype: DType) -> Double? {
    if !dtype.isFloat { return nearby.allSatisfy { $0 == x } ? 0 : nil }
    if nearby.contains(where: { $0.isNaN != x.isNaN || $0.isInfinite != x.isInfinite }) {
      return nil
    }
    if !x.isFinite { return nearby.allSatisfy { $0 == x || x.isNaN } ? 0 : nil }
    let distance = nearby.map { abs($0 - x) }.max() ?? 0
    if distance > 0.01 * max(abs(x), 1e-30) && distance > 1e-3 { return nil }
    return 32 * distance + 4 * dtype.unit * max(abs(x), dtype.smallest)
  }
}

extension DType {
  /// The distance from 1 to the next number.
  var unit: Double {
    switch self {
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    case .float32: 0x1p-23
    default: 0x1p-52
    }
  }

  /// The smallest number with all its digits.
  var smallest: Double {
    switch self {
    case .float16: 0x1p-14
    case .float64: 0x1p-1022
    default: 0x1p-126
    }
  }
}

/// The reference interpreter with each result of an op that rounds moved by about a unit.
private struct PerturbedInterpreter {
  var random: SeededRandom
  /// Whether what may overflow within a sum of products is taken to: the reference sums in double.
  let overflows: Bool

  init(seed: UInt64, overflows: Bool) {
    random = SeededRandom(seed)
    self.overflows = overflows
  }

  /// Ops whose float results are some operand's elements, or whole numbers: they round nowhere.
  private static let exact: Set<String> = [
    "constant", "dense", "copy", "negate", "maximum", "minimum", "abs", "sign", "floor", "ceil",
    "round", "equal", "not_equal", "less", "less_equal", "not", "and", "or", "xor", "select",
    "stop_gradient", "max", "min", "any", "all", "argmax", "argmin", "reshape", "broadcast",
    "size", "transpose", "concatenate", "slice", "pad", "iota", "check_index", "gather",
    "gather_along", "diagonal", "diagonal_embed", "random_bits",
    "cast",
  ]
  /// Ops that round each element once, exactly as IEEE says: the same bits everywhere when no
  /// rounding comes before, and none after that could merge with it.
  private static let single: Set<String> = [
    "add", "subtract", "multiply", "divide", "sqrt", "remainder",
  ]

  /// Which outputs no rounding can reach, other than one of a single op at the end.
  static func exactOutputs(of graph: Graph) -> [Bool] {
    var rounded = [Bool](repeating: false, count: graph.values.count)
    var touched = rounded
    for i in graph.instructions {
      let isFloat = (i.operands + i.results).contains { graph.type(of: $0).dtype.isFloat }
      let before = i.operands.contains { rounded[$0.index] || touched[$0.index] }
      let owned = !i.regions.isEmpty
      for r in i.results {
        rounded[r.index] =
          isFloat && !exact.contains(i.op.mnemonic) && !single.contains(i.op.mnemonic)
          || before || owned
        touched[r.index] = isFloat && single.contains(i.op.mnemonic)
      }
    }
    return graph.outputs.map { !rounded[$0.index] }
  }

  mutating func run(
    _ graph: Graph, _ arguments: [Tensor], sizes outer: [String: Int] = [:]
  ) throws -> [Tensor] {
    let sizes = try Interpreter.sizes(graph, arguments, outer: outer)
    var values = [Tensor?](repeating: nil, count: graph.values.count)
    for (p, tensor) in zip(graph.parameters, arguments) { values[p.index] = tensor }
    for instruction in graph.instructions {
      var copy = self
      let context = ReferenceContext(
        sizes: sizes, resultTypes: instruction.results.map { graph.type(of: $0) },
        run: { region, arguments in
          var inner = copy
          return try inner.run(instruction.regions[region], arguments, sizes: sizes)
        })
      _ = copy.random.next()
      random = copy.random
      // Operands too: a sum of a thousand terms rounds a thousand times.
      let rounds = !Self.exact.contains(instruction.op.mnemonic) && instruction.regions.isEmpty
      let operands = instruction.operands.map { values[$0.index]! }
      let isSum = !instruction.op.facts.isElementwise
      let given = rounds ? operands.map { moved($0, isSummed: isSum) } : operands
      let results = try instruction.op.reference(given, context)
      for (r, tensor) in zip(instruction.results, results) {
        values[r.index] = rounds ? moved(tensor) : tensor
      }
    }
    return graph.outputs.map { values[$0.index]! }
  }

  private mutating func moved(_ tensor: Tensor, isSummed: Bool = false) -> Tensor {
    guard tensor.dtype.isFloat else { return tensor }
    let large = isSummed && overflows ? (tensor.dtype == .float64 ? 0x1p500 : 0x1p60) : .infinity
    let doubles = tensor.doubles.map { x -> Double in
      guard x.isFinite, x != 0 else { return x }
      if abs(x) > large { return x < 0 ? -.infinity : .infinity }
      return x * (1 + tensor.dtype.unit * (Double(random.below(2049)) / 1024 - 1))
    }
    return Tensor(dtype: tensor.dtype, shape: tensor.shape, doubles: doubles)
  }
}

/// The results of `body` for 0 ..< count, on all cores: interpreting is most of the tests' time.
private func concurrently<T: Sendable>(
  _ count: Int, _ body: @Sendable (Int) throws -> T
) throws -> [T] {
  let results = Mutex([Result<T, any Error>?](repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: count) { i in
    let result = Result { try body(i) }
    results.withLock { $0[i] = result }
  }
  return try results.withLock { $0 }.map { try $0!.get() }
}
