import GnomonIR
import GnomonOperations
import GnomonTensors
import ProgramGenerator
import TestSupport

/// Programs that hold every op: what the tests of compilers, flags and sanitizers compile. Many ops
/// share a program, so that few libraries are needed.
enum Corpus {
  /// All elementwise ops that take this dtype, each a result of its own, over vectors of any
  /// length.
  static func elementwise(_ dtype: DType) throws -> Graph {
    var builder = GraphBuilder(name: "elementwise_\(dtype.irName)")
    let type = TensorType(dtype, ["n"])
    let x = builder.addParameter(type, name: "x")
    let y = builder.addParameter(type, name: "y")
    let c = builder.addParameter(TensorType(.bool, ["n"]), name: "c")
    var results: [ValueID] = []
    let ops = operationTable.compactMap { op -> (any ElementwiseOp)? in
      guard op is any ElementwiseOp.Type, op.arity.upperBound <= 2 else { return nil }
      return (try? op.init(attributes: [], at: 0)) as? any ElementwiseOp
    }
    for op in ops {
      let arity = Swift.type(of: op).arity.lowerBound
      // An op refuses the dtypes it is not defined for.
      if let made = try? builder.emit(op, arity == 1 ? [x] : [x, y]) { results += made }
    }
    results += try builder.emit(Select(), [c, x, y])
    for to in DType.allCases { results += try builder.emit(Cast(to: to), [x]) }
    builder.setResults(results)
    return builder.graph
  }

  /// Numbers where functions and conversions change their ways, in an order without a simple
  /// period.
  static func nasty(_ dtype: DType, _ count: Int, seed: UInt64) -> Tensor {
    var random = SeededRandom(seed)
    if !dtype.isFloat {
      let edges: [Int64] = [
        0, 1, -1, 2, 3, -7, 127, -128, 255, 32767, -32768, Int64(Int32.max), Int64(Int32.min),
        .max, .min,
      ]
      return Tensor(
        dtype: dtype, shape: [count],
        integers: (0..<count).map { _ in
          dtype == .bool ? Int64(random.below(2)) : random.pick(edges)
        })
    }
    let edges: [Double] = [
      .nan, .infinity, -.infinity, 0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-45, -1e-40,
      0x1p-1074, 1.1754944e-38, 3.4e38, -3.4e38, 1.7e308, 65504, 1e-8, 88.7, -87.4, -104, 710, -745,
      0x1p31, -0x1p31, 0x1p63, 0x1p64, 300, -300, 16_777_217, 0.99999994, 1.0000001,
    ]
    return Tensor(
      dtype: dtype, shape: [count],
      doubles: (0..<count).map { _ in
        random.chance(1, of: 2) ? random.pick(edges) : Double(random.below(40_001) - 20_000) / 1997
      })
  }

  /// A program with each of the steps of the catalogue that the number picks, and arguments.
  ///
  /// - Parameter dtypes: what its values are of, where a step may choose.
  static func mixed(
    _ number: Int, of count: Int, seed: UInt64, dtypes: [DType]? = nil
  ) throws -> GeneratedProgram {
    let steps = catalogue.enumerated().filter { $0.offset % count == number }.map(\.element)
    return try ProgramGenerator.program(seed: seed, steps: 0, planted: steps, dtypes: dtypes)
  }

  /// Programs large enough for full register tiles, copied panels, sums in parts and whole rows, after
  /// the passes; sizes are no multiples of vectors.
  static let large = Result { try makeLarge() }

  private static func makeLarge() throws -> (
    graph: Graph, arguments: [Tensor], referee: Referee
  ) {
    let x = Expr.input("x", .float32, [37, 70])
    let w = Expr.input("w", .float32, [70, 83])
    let b = Expr.input("b", .float32, [83])
    let long = Expr.input("long", .float32, [2100, 9])
    let image = Expr.input("image", .float32, [1, 9, 9, 5])
    let kernel = Expr.input("kernel", .float32, [3, 3, 5, 19])
    let deep = Expr.input("deep", .float32, [2, 9, 11, 17])
    let windows = Expr.input("windows", .float32, [3, 3, 17, 24])
    let i = Expr.input("i", .int32, [50])
    let inputs = [x, w, b, long, image, kernel, deep, windows, i]
    let hidden = relu(matmul(x, w) + b)
    let convolved = relu(conv2d(image, kernel, padding: .same))
    let tiled = relu(conv2d(deep, windows, padding: .same))
    let loss = mean(square(convolved)) + mean(square(tiled)) + mean(logSumExp(hidden, axes: 1))
    let graph = try Graph.build(
      name: "large", inputs: inputs,
      results: [
        hidden, softmax(hidden), matmul(long.transposed(), long), sum(long, axes: 0), sum(long),
        einsum("ij,kj->ik", x, w.transposed()[0..<70, .all].transposed()), convolved,
        maxPool2d(convolved, size: 2), take(hidden, i), x.transposed(),
        matmul(x.cast(to: .float64), w.cast(to: .float64)), gelu(matmul(x, w) + b), tiled,
      ] + gradient(of: loss, withRespectTo: [x, w, b, image, kernel, deep, windows]))
    let arguments = inputs.enumerated().map { n, e -> Tensor in
      let shape = e.shape.map { $0.constant! }
      return e.dtype == .int32
        ? Tensor((0..<50).map { Int32($0 * 7 % 37) })
        : .normal(e.dtype, shape, seed: UInt64(n + 1))
    }
    // Long sums need more than a few runs to show how far they may be off.
    return (graph, arguments, try Referee(graph, arguments, runs: 8))
  }
}
