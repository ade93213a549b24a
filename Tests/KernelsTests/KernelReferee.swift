import GnomonIR
import GnomonKernels
import GnomonOperations
import GnomonTensors
import Testing

/// Holds the loop nest of a small region to the reference interpreter.
enum KernelReferee {
  static let machines: [Machine] = [.avx512, .avx2, .neon]

  /// A region of the expressions that `build` makes of inputs like the tensors.
  ///
  /// - Parameter shapes: the shapes of the inputs where they are not the tensors' own sizes.
  static func region(
    _ tensors: [Tensor], shapes: [[Dim]]? = nil, _ build: ([Expr]) -> [Expr]
  ) throws -> Graph {
    let inputs = tensors.indices.map { i in
      Expr.input("x\(i)", tensors[i].dtype, shapes?[i] ?? tensors[i].shape.map { Dim($0) })
    }
    let outputs = build(inputs)
    let found = Expr.diagnostics(of: outputs)
    guard found.isEmpty else { throw GnomonError(found) }
    return try Graph.build(name: "region", inputs: inputs, results: outputs)
  }

  /// Runs a kernel and gives its results in the given shapes.
  static func run(
    _ program: LoopProgram, _ inputs: [Tensor], like results: [Tensor], workers: Int
  ) throws -> [Tensor] {
    let outputs = results.map { LoopBuffer(uninitialized: $0.dtype, count: $0.elementCount) }
    try program.run(buffers: inputs.map { LoopBuffer($0) } + outputs, workers: workers)
    return try zip(outputs, results).map { try $0.tensor(shape: $1.shape) }
  }
}

/// Expects that the nest of the expressions computes what they mean on every machine, with the same
/// bits for 1, 2 and 3 workers.
///
/// - Parameter tolerance: the error allowed, relative to a result of magnitude 1 or more; 0 for the
///   same bits (any NaN equals any other).
func expectKernel(
  _ tensors: [Tensor], shapes: [[Dim]]? = nil, tolerance: Double = 0,
  machines: [Machine] = KernelReferee.machines,
  sourceLocation: SourceLocation = #_sourceLocation, _ build: ([Expr]) -> [Expr]
) throws {
  let region = try KernelReferee.region(tensors, shapes: shapes, build)
  let expected = try Interpreter(region).run(tensors)
  let sizes = try Interpreter.sizes(region, tensors)
  var seen: Set<Kernel> = []
  for machine in machines {
    let kernel = try Kernel(region, name: "test", machine: machine)
    guard seen.insert(kernel).inserted else { continue }
    var first: [Tensor]?
    var program: LoopProgram?
    // Without a parallel loop the number of workers says nothing.
    let isParallel = kernel.body.contains { if case .parallel = $0 { true } else { false } }
    for workers in isParallel ? [1, 2, 3] : [1] {
      let found: [Tensor]
      do {
        let ready = try program ?? LoopProgram(kernel, sizes: sizes)
        program = ready
        found = try KernelReferee.run(ready, tensors, like: expected, workers: workers)
      } catch {
        Issue.record(
          "\(tensors.map(\.shape)), \(workers) workers: \(error)\n\(kernel)",
          sourceLocation: sourceLocation)
        return
      }
      if let first {
        for (a, b) in zip(first, found) {
          #expect(
            a.bits == b.bits, "\(workers) workers give other bits", sourceLocation: sourceLocation)
        }
        continue
      }
      first = found
      for (r, (a, b)) in zip(found, expected).enumerated() {
        guard let fault = difference(a, b, tolerance: tolerance) else { continue }
        Issue.record(
          "\(tensors.map(\.shape)), result \(r): \(fault)\n\(kernel)",
          sourceLocation: sourceLocation)
        return
      }
    }
  }
}

/// The first element in which the tensors differ by more than allowed.
private func difference(_ found: Tensor, _ expected: Tensor, tolerance: Double) -> String? {
  let (a, b) = (found.bits, expected.bits)
  let isFloat = found.dtype.isFloat
  for i in a.indices where a[i] != b[i] {
    let x = found.double(at: i)
    let y = expected.double(at: i)
    if isFloat, x.isNaN, y.isNaN { continue }
    if isFloat, tolerance > 0, x == y || abs(x - y) <= tolerance * max(1, abs(y)) { continue }
    return "element \(i) of \(a.count) is \(x), not \(y)"
  }
  return nil
}

/// Numbers between -2 and 2 that repeat in no simple pattern.
func sample(_ shape: Int..., dtype: DType = .float32, seed: UInt64 = 1) -> Tensor {
  sample(shape, dtype: dtype, seed: seed)
}

func sample(_ shape: [Int], dtype: DType = .float32, seed: UInt64 = 1) -> Tensor {
  var state = seed &* 0x9E37_79B9_7F4A_7C15
  let values = (0..<shape.reduce(1, *)).map { _ -> Double in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 40) / Double(1 << 24) * 4 - 2
  }
  if dtype.isFloat { return Tensor(dtype: dtype, shape: shape, doubles: values) }
  if dtype == .bool {
    return Tensor(dtype: dtype, shape: shape, integers: values.map { $0 > 0 ? 1 : 0 })
  }
  return Tensor(dtype: dtype, shape: shape, integers: values.map { Int64($0 * 50) })
}
