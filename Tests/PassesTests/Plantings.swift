import GnomonIR
import GnomonOperations
import GnomonPasses
import GnomonTensors
import ProgramGenerator
import TestSupport

/// For each rule a step that plants an instance of its left side in a program: made from the
/// pattern where the rule is an equation, written here where it looks at attributes.
let plantings: [String: Step] = {
  var result = handWritten
  for rule in rulePasses.flatMap(\.rules) where result[rule.name] == nil {
    guard let left = rule.left else { continue }
    result[rule.name] = Step(rule.name) { g in try g.instance(of: left, rule.domain) }
  }
  return result
}()

extension ProgramGenerator {
  /// The left side of an equation, of random values.
  mutating func instance(of left: Pattern, _ domain: Domain) throws -> ValueID {
    var lastRefusal: (any Error)?
    let all: [DType] = [.float32, .float64, .int32, .int64, .bool, .float16, .uint8]
    for _ in 0..<40 {
      let dtype = random.pick(all.filter(domain.contains))
      // A copy, so that nothing is left of an attempt with a dtype that the op refuses.
      var attempt = self
      var known: [Int: ValueID] = [:]
      do {
        let shape = attempt.shape()
        let v = try attempt.build(left, dtype, shape, &known, isRoot: true)
        self = attempt
        return v
      } catch { lastRefusal = error }
      _ = random.next()
    }
    throw InternalError("no instance of the pattern: \(String(describing: lastRefusal))")
  }

  private mutating func build(
    _ pattern: Pattern, _ dtype: DType, _ shape: [Dim], _ known: inout [Int: ValueID], isRoot: Bool
  ) throws -> ValueID {
    switch pattern {
    case .value(let i):
      if let v = known[i] { return v }
      let v = try operand(dtype, shape)
      known[i] = v
      return v
    case .number(let x):
      return try number(x, dtype, random.chance(1, of: 3) ? shape : [])
    case .op(let op, let patterns):
      var dtypes = patterns.map { _ in dtype }
      if op is Select { dtypes[0] = .bool }
      if op is any ComparisonOp, !isRoot {
        let own = self.dtype()
        dtypes = dtypes.map { _ in own }
      }
      let operands = try zip(patterns, dtypes).map {
        try build($0, $1, shape, &known, isRoot: false)
      }
      return try emit(op, operands)
    }
  }
}

private let floats: @Sendable (DType) -> Bool = { $0.isFloat }
private let integers: @Sendable (DType) -> Bool = { $0.isInteger }

private let handWritten: [String: Step] = Dictionary(
  uniqueKeysWithValues: ([
    Step("x / 2^k = x * 2^-k") { g in
      let dtype = g.dtype(where: floats)
      let shape = g.shape()
      return try g.emit(
        Divide(), g.operand(dtype, shape), g.number(g.random.pick([2, 4, 0.5, -8]), dtype))
    },
    Step("x ** (k / 2) by roots, x >= 0") { g in
      let dtype = g.dtype(where: floats)
      let x = try g.value(dtype, g.shape())
      let square = try g.emit(Multiply(), x, x)
      let base = try g.emit(
        g.random.pick([Absolute(), Exp(), SquareRoot()] as [any Op]), g.random.pick([x, square]))
      let positive = try g.emit(Add(), square, g.emit(Absolute(), base))
      return try g.emit(
        Power(), positive, g.number(g.random.pick([-1.5, -0.5, 0.5, 1.5]), dtype))
    },
    Step("rsqrt(x) / x = rsqrt(x) ** 3, x >= 0") { g in
      let x = try g.value(g.dtype(where: floats), g.shape())
      let square = try g.emit(Multiply(), x, x)
      return try g.emit(Divide(), g.emit(ReciprocalSquareRoot(), square), square)
    },
    Step("(-x) * c = x * -c") { g in
      let dtype = g.dtype(where: floats)
      let x = try g.emit(Negate(), g.value(dtype, g.shape()))
      return try g.emit(Multiply(), x, g.number(g.random.pick([2, 3, -0.0, .infinity]), dtype))
    },
    Step("f(f(x)) = f(x)") { g in
      let op: any Op = g.random.pick([Absolute(), Sign(), Floor(), Round()] as [any Op])
      return try g.emit(op, g.emit(op, g.value(g.dtype(where: floats), g.shape())))
    },
    .chain("(x + a) + b = x + (a + b), integers", Add(), integers),
    .chain("(x * a) * b = x * (a * b), integers", Multiply(), integers),
    .chain("maximum(maximum(x, a), b) = maximum(x, maximum(a, b))", Maximum()) { $0 != .bool },
    .chain("minimum(minimum(x, a), b) = minimum(x, minimum(a, b))", Minimum()) { $0 != .bool },
    .selection("select(true, x, y) = x", 1), .selection("select(false, x, y) = y", 0),
    Step("cast(x) = x, same dtype") { g in
      let dtype = g.dtype()
      return try g.emit(Cast(to: dtype), g.value(dtype, g.shape()))
    },
    Step("cast(cast(x)) = cast(x), exact first cast") { g in
      let (from, through): (DType, DType) = g.random.pick([
        (.float32, .float64), (.int32, .int64), (.int32, .float64), (.bool, .float32),
        (.bool, .int32), (.int32, .int32),
      ])
      let x = try g.emit(Cast(to: through), g.value(from, g.shape()))
      return try g.emit(Cast(to: g.random.pick(DType.allCases)), x)
    },
    Step("stop_gradient(x) = x") { g in try g.emit(StopGradient(), g.value(g.dtype(), g.shape())) },
    Step("reshape(x) = x, same shape") { g in
      let shape = g.shape()
      return try g.emit(Reshape(shape: shape), g.value(g.dtype(), shape))
    },
    Step("reshape(reshape(x)) = reshape(x)") { g in
      let d = g.dim()
      let x = try g.emit(Reshape(shape: [d * 6]), g.value(g.dtype(), [3, d, 2]))
      return try g.emit(Reshape(shape: [2, d * 3]), x)
    },
    Step("reshape(broadcast(scalar)) = broadcast(scalar)") { g in
      let shape = g.shape(rank: 2)
      let x = try g.emit(Broadcast(shape: shape), g.value(g.dtype(), []))
      return try g.emit(Reshape(shape: g.reshaped(shape)), x)
    },
    Step("broadcast(x) = x, same shape") { g in
      let shape = g.shape()
      return try g.emit(Broadcast(shape: shape), g.value(g.dtype(), shape))
    },
    Step("broadcast(broadcast(x)) = broadcast(x)") { g in
      let shape = g.shape(rank: 2)
      let x = try g.emit(Broadcast(shape: [1] + shape), g.value(g.dtype(), g.smaller(shape)))
      return try g.emit(Broadcast(shape: [2] + shape), x)
    },
    Step("broadcast(reshape(x)) = broadcast(x), leading ones") { g in
      let shape = g.shape(rank: 1)
      let x = try g.emit(Reshape(shape: [1] + shape), g.value(g.dtype(), shape))
      return try g.emit(Broadcast(shape: [g.dim()] + shape), x)
    },
    Step("f(broadcast(x), y) = broadcast(f(x, y))") { g in
      let shape = g.shape()
      let dtype = g.dtype { $0 != .bool }
      let x = try g.emit(Broadcast(shape: shape), g.value(dtype, g.smaller(shape)))
      return try g.emit(g.random.pick([Add(), Maximum()] as [any Op]), x, g.operand(dtype, shape))
    },
    Step("f(reshape(x), y) = f(x, y), leading ones") { g in
      let shape = g.shape(rank: 1)
      let dtype = g.dtype { $0 != .bool }
      let x = try g.emit(Reshape(shape: [1] + shape), g.value(dtype, shape))
      return try g.emit(Subtract(), x, g.value(dtype, [g.dim()] + shape))
    },
    Step("f(reshape(x), reshape(y)) = reshape(f(x, y))") { g in
      let shape = g.shape(rank: 2)
      let dtype = g.dtype { $0 != .bool }
      let new = g.reshaped(shape)
      let x = try g.emit(Reshape(shape: new), g.value(dtype, shape))
      let y =
        g.random.chance(1, of: 2)
        ? try g.emit(Reshape(shape: new), g.value(dtype, shape)) : try g.value(dtype, [])
      return try g.emit(Multiply(), x, y)
    },
    Step("transpose(x) = x, same order") { g in
      let shape = g.shape()
      return try g.emit(
        Transpose(permutation: Array(0..<shape.count)), g.value(g.dtype(), shape))
    },
    Step("transpose(transpose(x)) = transpose(x)") { g in
      let x = try g.emit(Transpose(permutation: [1, 2, 0]), g.value(g.dtype(), g.shape(rank: 3)))
      return try g.emit(Transpose(permutation: g.random.pick([[1, 2, 0], [2, 0, 1]])), x)
    },
    Step("transpose(x) = reshape(x), only ones move") { g in
      try g.emit(Transpose(permutation: [1, 2, 0]), g.value(g.dtype(), [1, g.dim(), g.dim()]))
    },
    Step("transpose(broadcast(scalar)) = broadcast(scalar)") { g in
      let x = try g.emit(Broadcast(shape: [2, g.dim()]), g.value(g.dtype(), []))
      return try g.emit(Transpose(permutation: [1, 0]), x)
    },
    Step("f(transpose(x), transpose(y)) = transpose(f(x, y))") { g in
      let shape = g.shape(rank: 2)
      let dtype = g.dtype { $0 != .bool }
      let x = try g.emit(Transpose(permutation: [1, 0]), g.value(dtype, shape))
      let y =
        g.random.chance(1, of: 2)
        ? try g.emit(Transpose(permutation: [1, 0]), g.value(dtype, shape)) : try g.value(dtype, [])
      return try g.emit(Add(), x, y)
    },
    Step("slice(x) = x, whole") { g in
      let shape = g.shape()
      return try g.emit(Slice.whole(shape), g.value(g.dtype(), shape))
    },
    Step("slice(slice(x)) = slice(x)") { g in
      let d = g.dim()
      var first = Slice.whole([3, d])
      first.starts[0] = g.random.pick([2, 4])
      first.steps[0] = -1
      let x = try g.emit(first, g.value(g.dtype(), [5, d]))
      var second = Slice.whole([2, d])
      second.starts[0] = g.random.pick([0, 1])
      return try g.emit(second, x)
    },
    Step("slice(concatenate(x, y)) = slice(x)") { g in
      let dtype = g.dtype()
      let d = g.dim()
      let parts = try [g.value(dtype, [2, d]), g.value(dtype, ["n", d]), g.value(dtype, [3, d])]
      let x = try g.emit(Concatenate(axis: 0), parts)
      var slice = Slice.whole([3, d])
      slice.starts[0] = g.random.pick(["n" + 2, 0])
      slice.sizes[0] = Dim(1 + g.random.below(2))
      return try g.emit(slice, x)
    },
    Step("slice(pad(x)) = slice(x), inside") { g in
      let dtype = g.dtype()
      let d = g.dim()
      let pad = Pad(shape: [5, d], starts: [1, 0], steps: [1, 1], value: ScalarValue(1, dtype))
      let x = try g.emit(pad, g.value(dtype, [3, d]))
      var slice = Slice.whole([3, d])
      slice.starts[0] = 1
      return try g.emit(slice, x)
    },
    Step("pad(x) + pad(y) = concatenate(x, y), side by side") { g in
      let dtype = g.dtype { $0 != .bool }
      let d = g.dim()
      func part(_ start: Int, _ size: Int) throws -> ValueID {
        let pad = Pad(
          shape: [5, d], starts: [Dim(start), 0], steps: [1, 1], value: ScalarValue(0, dtype))
        return try g.emit(pad, g.value(dtype, [Dim(size), d]))
      }
      return try g.emit(Add(), g.emit(Add(), part(3, 2), part(0, 1)), part(1, 2))
    },
    Step("contract(inverse(a), b) = solve(a, b)") { g in
      let dtype = g.random.pick([DType.float32, .float64])
      let (n, k) = (g.dim(), g.dim())
      let a = try g.dominant(dtype, n)
      let factors = try g.emitAll(LU(), a)
      let inverse = try g.emit(MatrixInverse(), a, factors[0], factors[1])
      let b = try g.emit(Tanh(), g.value(dtype, [n, k]))
      let spec = g.random.pick(["ij,jk->ik", "ji,jk->ki"])
      return try g.random.chance(1, of: 2)
        ? g.emit(Contract(spec), inverse, b) : g.emit(Contract("jk,ij->ki"), b, inverse)
    },
    Step("log(abs(determinant(a))) = logDeterminant(a)") { g in
      let dtype = g.random.pick([DType.float32, .float64])
      return try g.emit(Log(), g.emit(Absolute(), g.determinant(dtype)))
    },
    Step("log(determinant(a)) = logDeterminant(a)") { g in
      let dtype = g.random.pick([DType.float32, .float64])
      return try g.emit(Log(), g.determinant(dtype))
    },
    Step("contract(broadcast(x), y) = broadcast(contract(x, y))") { g in
      let dtype = g.dtype { $0 != .bool }
      let (k, n) = (g.dim(), g.dim())
      let x = try g.emit(Broadcast(shape: [3, k]), g.value(dtype, g.random.pick([[k], [1, k]])))
      let y = try g.value(dtype, [k, n])
      return try g.random.chance(1, of: 2)
        ? g.emit(Contract("mk,kn->mn"), x, y) : g.emit(Contract("kn,mk->nm"), y, x)
    },
    Step("x + scatter_add(0, i, y) = scatter_add(x, i, y)") { g in
      let (x, sum) = try g.sparseSum()
      return try g.emit(Add(), x, sum)
    },
    Step("x - scatter_add(0, i, y) = scatter_add(x, i, -y)") { g in
      let (x, sum) = try g.sparseSum()
      return try g.emit(Subtract(), x, sum)
    },
    Step("scatter_add(0, i, y) * c = scatter_add(0, i, y * c)") { g in
      let (x, sum) = try g.sparseSum()
      let c = try g.emit(Constant(ScalarValue(3, g.type(of: x).dtype)))
      return try g.emit(Multiply(), sum, c)
    },
    Step("slice(broadcast(x)) = broadcast(slice(x))") { g in
      let shape = g.shape(rank: 2)
      let x = try g.emit(Broadcast(shape: shape), g.value(g.dtype(), g.smaller(shape)))
      return try g.emit(g.slice(of: shape), x)
    },
    Step("pad(x) = x, by nothing") { g in
      let shape = g.shape()
      let dtype = g.dtype()
      let pad = Pad(
        shape: shape, starts: shape.map { _ in 0 }, steps: shape.map { _ in 1 },
        value: ScalarValue(0, dtype))
      return try g.emit(pad, g.value(dtype, shape))
    },
    Step("concatenate(x) = x") { g in
      try g.emit(Concatenate(axis: 0), g.value(g.dtype(), g.shape(rank: 2)))
    },
    Step("concatenate(x, empty) = x") { g in
      let dtype = g.dtype()
      let d = g.dim()
      return try g.emit(
        Concatenate(axis: 0), g.value(dtype, [g.dim(), d]), g.value(dtype, [0, d]),
        g.value(dtype, [2, d]))
    },
    Step("concatenate(concatenate(x, y), z) = concatenate(x, y, z)") { g in
      let dtype = g.dtype()
      let d = g.dim()
      let x = try g.emit(Concatenate(axis: 1), g.value(dtype, [d, 2]), g.value(dtype, [d, "n"]))
      return try g.emit(Concatenate(axis: 1), g.value(dtype, [d, 3]), x)
    },
    Step("order-products") { g in
      let dtype = g.dtype { $0 != .bool }
      let sizes: [Dim] = [4, g.dim(), 3, 5]
      let matrices = try (0..<3).map { i in try g.value(dtype, [sizes[i], sizes[i + 1]]) }
      // Matrices first, then a vector at either end.
      if g.random.chance(1, of: 2) {
        let product = try matrices.dropFirst().reduce(matrices[0]) {
          try g.emit(Contract("ab,bc->ac"), $0, $1)
        }
        return try g.emit(Contract("ab,b->a"), product, g.value(dtype, [5]))
      }
      let product = try matrices.dropLast().reversed().reduce(matrices[2]) {
        try g.emit(Contract("bc,ab->ac"), $0, $1)
      }
      return try g.emit(Contract("a,ab->b"), g.value(dtype, [4]), product)
    },
    Step("contract(transpose(x), y) = contract(x, y)") { g in
      let (i, j, k) = (g.dim(), g.dim(), g.dim())
      let dtype = g.dtype { $0 != .bool }
      let x = try g.emit(Transpose(permutation: [1, 0]), g.value(dtype, [k, i]))
      return try g.emit(Contract("ik,kj->ij"), x, g.value(dtype, [k, j]))
    },
    Step("transpose(contract(x, y)) = contract(x, y)") { g in
      let (i, j, k) = (g.dim(), g.dim(), g.dim())
      let dtype = g.dtype { $0 != .bool }
      let x = try g.emit(Contract("ik,kj->ij"), g.value(dtype, [i, k]), g.value(dtype, [k, j]))
      return try g.emit(Transpose(permutation: [1, 0]), x)
    },
    Step("reduce(transpose(x)) = transpose(reduce(x))") { g in
      let dtype = g.random.pick([DType.int32, .float32])
      let x = try g.emit(Transpose(permutation: [2, 0, 1]), g.value(dtype, [2, 3, g.dim()]))
      let axes = g.random.pick([[1], [2], [1, 2]])
      return try g.emit(dtype == .int32 ? Sum(axes: axes) : Max(axes: axes), x)
    },
    Step("sum(transpose(x)) = transpose(sum(x)), floats") { g in
      let x = try g.emit(Transpose(permutation: [2, 1, 0]), g.value(.float32, [2, 3, g.dim()]))
      return try g.emit(Sum(axes: g.random.pick([[1], [2], [0, 1]])), x)
    },
    Step("log(sum(exp(x))) = m + log(sum(exp(x - m)))") { g in
      let e = try g.emit(Exp(), g.value(g.dtype(where: floats), ["n", 3, 2]))
      return try g.emit(Log(), g.emit(Sum(axes: g.random.pick([[1], [1, 2], [2]])), e))
    },
    Step("exp(x) / sum(exp(x)) = exp(x - m) / sum(exp(x - m))") { g in
      try g.softmax(g.random.pick([0, 1]))
    },
    Step("e / s = e * (1 / s), e = exp(x - max(x)), s = sum(e)") { g in
      let x = try g.value(g.random.pick([.float32, .float64]), [3, 2])
      let axis = g.random.below(2)
      let kept = Reshape(shape: axis == 0 ? [1, 2] : [3, 1])
      let m = try g.emit(kept, g.emit(Max(axes: [axis]), x))
      let e = try g.emit(Exp(), g.emit(Subtract(), x, m))
      return try g.emit(Divide(), e, g.emit(kept, g.emit(Sum(axes: [axis]), e)))
    },
    Step("log(exp(x) / y) = x - log(y)") { g in
      g.random.chance(1, of: 2)
        ? try g.emit(Log(), g.softmax(1))
        : try g.emit(
          Log(), g.emit(Divide(), g.emit(Exp(), g.value(.float32, [3])), g.positive([2, 1])))
    },
    Step("(a / q) * (q / b) = a / b, q = exp(x) / s") { g in
      let e = try g.emit(Exp(), g.value(.float64, ["n", 3]))
      let s = try g.positive(["n", 1], .float64)
      let q = try g.emit(Divide(), e, s)
      var a = try g.emit(Divide(), g.value(.float64, ["n", 3]), q)
      if g.random.chance(1, of: 2) { a = try g.emit(Negate(), a) }
      return try g.emit(Multiply(), a, g.emit(Divide(), q, s))
    },
    Step("(a / (e / s) / s + d) * e = a + d * e, e = exp(x)") { g in
      let e = try g.emit(Exp(), g.value(.float64, ["n", 3]))
      let s = try g.positive(["n", 1], .float64)
      let a = try g.emit(Divide(), g.value(.float64, ["n", 3]), g.emit(Divide(), e, s))
      let sum = try g.emit(Add(), g.emit(Divide(), a, s), g.value(.float64, [3]))
      return try g.emit(Multiply(), sum, e)
    },
    Step("(a / (e / s) / s) * e = a, e = exp(x)") { g in
      let e = try g.emit(Exp(), g.value(.float64, ["n", 3]))
      let s = try g.positive(["n", 1], .float64)
      let a = try g.emit(Divide(), g.value(.float64, ["n", 3]), g.emit(Divide(), e, s))
      return try g.emit(Multiply(), g.emit(Divide(), a, s), e)
    },
    Step("sum(a / s) * e = sum(a) * (e / s), s = sum(e), e = exp(x)") { g in
      let e = try g.emit(Exp(), g.value(.float64, ["n", 3]))
      let s = try g.emit(Reshape(shape: ["n", 1]), g.emit(Sum(axes: [1]), e))
      var a = try g.emit(Divide(), g.value(.float64, ["n", 3]), s)
      if g.random.chance(1, of: 2) { a = try g.emit(Negate(), a) }
      let sum = try g.emit(Reshape(shape: ["n", 1]), g.emit(Sum(axes: [1]), a))
      return try g.emit(Multiply(), sum, e)
    },
    Step("reduce(reduce(x)) = reduce(x)") { g in
      let inner = g.random.pick([[1], [0, 2], [3]])
      let outer = g.random.pick([[0], [1], [0, 1]])
      let (first, second, dtype): (any Op, any Op, DType) = g.random.pick([
        (Max(axes: inner), Max(axes: outer), .float32),
        (Min(axes: inner), Min(axes: outer), .int32),
        (AnyTrue(axes: inner), AnyTrue(axes: outer), .bool),
        (AllTrue(axes: inner), AllTrue(axes: outer), .bool),
        (Sum(axes: inner), Sum(axes: outer), .int32),
        (Product(axes: inner), Product(axes: outer), .int64),
      ])
      return try g.emit(second, g.emit(first, g.value(dtype, [2, 3, 1, 2])))
    },
    Step("sum(sum(x)) = sum(x), floats") { g in
      let dtype = g.dtype(where: floats)
      let x = try g.emit(Sum(axes: [g.random.below(3)]), g.value(dtype, g.shape(rank: 3)))
      return try g.emit(Sum(axes: [g.random.below(2)]), x)
    },
    Step("reduce(x, no axes) = x") { g in
      let shape = g.shape()
      return g.random.chance(1, of: 2)
        ? try g.emit(Sum(axes: []), g.value(g.dtype { $0 != .bool }, shape))
        : try g.emit(Max(axes: []), g.value(g.dtype { $0 != .bool }, shape))
    },
    Step("reduce(x, axis of size 1) = reduce(reshape(x))") { g in
      let x = try g.value(g.dtype { $0 != .bool }, [g.dim(), 1, 2])
      let axes = g.random.pick([[1], [1, 2], [0, 1]])
      return try g.emit(
        g.random.chance(1, of: 2) ? Sum(axes: axes) : Product(axes: axes), x)
    },
    Step("sum(x * y) = contract(x, y)") { g in
      let (i, j, k) = (g.dim(), g.dim(), g.dim())
      let dtype = g.dtype { $0 != .bool }
      // Dimensions that are the literal 1 would repeat.
      guard [i, j, k].allSatisfy({ $0 != 1 }) else { return try g.value(dtype, []) }
      let x = try g.value(dtype, [i, k, 1])
      let y = try g.value(dtype, g.random.chance(1, of: 2) ? [1, k, j] : [k, j])
      return try g.emit(Sum(axes: [1]), g.emit(Multiply(), x, y))
    },
  ] as [Step]).map { ($0.name, $0) })

extension Step {
  fileprivate static func chain(
    _ name: String, _ op: any Op, _ holds: @escaping @Sendable (DType) -> Bool
  ) -> Step {
    Step(name) { g in
      let dtype = g.dtype(where: holds)
      let shape = g.shape()
      let x = try g.emit(op, g.addParameter(TensorType(dtype, shape)), g.number(2, dtype))
      return try g.emit(op, x, g.number(3, dtype, g.random.chance(1, of: 3) ? shape : []))
    }
  }

  fileprivate static func selection(_ name: String, _ condition: Double) -> Step {
    Step(name) { g in
      let dtype = g.dtype()
      let shape = g.shape()
      let c = try g.number(condition, .bool, g.random.chance(1, of: 3) ? shape : [])
      return try g.emit(Select(), c, g.operand(dtype, shape), g.operand(dtype, shape))
    }
  }
}

extension Op where Self == Slice {
  fileprivate static func whole(_ shape: [Dim]) -> Slice {
    Slice(starts: shape.map { _ in 0 }, sizes: shape, steps: shape.map { _ in 1 })
  }
}

extension ProgramGenerator {
  /// `exp(x) / sum(exp(x))` along an axis of a matrix.
  fileprivate mutating func softmax(_ axis: Int) throws -> ValueID {
    let e = try emit(Exp(), value(dtype(where: floats), [3, 2]))
    let s = try emit(Sum(axes: [axis]), e)
    return try emit(Divide(), e, emit(Reshape(shape: axis == 0 ? [1, 2] : [3, 1]), s))
  }

  fileprivate mutating func positive(_ shape: [Dim], _ dtype: DType = .float32) throws -> ValueID {
    try emit(Exp(), value(dtype, shape))
  }
}

extension ProgramGenerator {
  /// A matrix far from a singular one.
  fileprivate mutating func dominant(_ dtype: DType, _ n: Dim) throws -> ValueID {
    let x = try emit(Tanh(), value(dtype, [n, n]))
    let line = try emit(Broadcast(shape: [n]), number(8, dtype))
    return try emit(Add(), x, emit(DiagonalEmbed(first: 0, second: 1), line))
  }

  fileprivate mutating func determinant(_ dtype: DType) throws -> ValueID {
    let factors = try emitAll(LU(), dominant(dtype, dim()))
    let d = try emit(Product(axes: [0]), emit(Diagonal(first: 0, second: 1), factors[0]))
    return try emit(Multiply(), d, factors[2])
  }
}

extension ProgramGenerator {
  /// A matrix, and rows added to zeros of its type.
  fileprivate mutating func sparseSum() throws -> (x: ValueID, sum: ValueID) {
    let dtype = dtype { $0 != .bool }
    let d = dim()
    let zeros = try emit(
      Broadcast(shape: [3, d]), emit(Constant(ScalarValue(0, dtype))))
    let sum = try emit(
      ScatterAdd(axis: 0), zeros, indices([2], below: 3), value(dtype, [2, d]))
    return (try value(dtype, [3, d]), sum)
  }
}
