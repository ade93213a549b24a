import GnomonIR
import GnomonKernels
import GnomonOperations
import GnomonTensors
import Testing

/// The fusion's work and its reasons.
@Suite struct FusionScaleTests {
  private let x = Expr.input("x", .float32, ["n", 8])

  private func trace(_ results: [Expr]) throws -> FusionTrace {
    let graph = try Graph.build(
      name: "f", inputs: Graph.parameters(of: results, givens: []), results: results)
    return try FusionTrace(fusing: graph)
  }

  /// A chain whose every step also reads the one long before it.
  private func chain(_ length: Int) -> Expr {
    var steps = [x]
    for i in 0..<length {
      let old = steps[max(0, i - 300)]
      steps.append(i % 3 == 0 ? tanh(steps[i]) : i % 3 == 1 ? steps[i] * old : steps[i] + old)
    }
    return steps[length]
  }

  /// Rows: normalizations one after the other.
  private func rows(_ count: Int) -> Expr {
    var y = x
    for _ in 0..<count { y = y - mean(square(y), axes: 1, keepDims: true) }
    return y
  }

  /// Many values that meet in one.
  private func fan(_ count: Int) -> Expr {
    var level = (0..<count).map { x * Expr(Double($0 + 2)) }
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 2).map {
        $0 + 1 < level.count ? level[$0] + level[$0 + 1] : level[$0]
      }
    }
    return level[0]
  }

  @Test func `ten times the nodes take about ten times the looks`() throws {
    for build in [chain, rows, fan] {
      let few = try trace([build(300)]).looks
      let many = try trace([build(3000)]).looks
      #expect(many < 20 * few, "\(many) looks against \(few)")
      #expect(many < 200 * 3000)
    }
  }

  @Test func `each decision has its reason`() throws {
    let w = Expr.input("w", .float32, [8, 8])
    let text = try trace([matmul(exp(x), w)]).description
    #expect(text.contains("exp starts a kernel"), "\(text)")
    #expect(text.contains("does not join the kernel of"), "\(text)")
  }

  @Test func `two kernels that another lies between stay apart`() throws {
    // The product needs `e`, and the sum needs both.
    let w = Expr.input("w", .float32, [8, 8])
    let e = exp(x)
    let text = try trace([e + matmul(matmul(e, w), w)]).description
    #expect(text.contains("another kernel needs the one and is needed by the other"), "\(text)")
  }
}
