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
  static func mixed(_ number: Int, of count: Int, seed: UInt64) throws -> GeneratedProgram {
    let steps = catalogue.enumerated().filter { $0.offset % count == number }.map(\.element)
    return try ProgramGenerator.program(seed: seed, steps: 0, planted: steps)
  }
}
