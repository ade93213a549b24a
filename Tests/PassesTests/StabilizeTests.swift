import GnomonIR
import GnomonOperations
import GnomonPasses
import GnomonTensors
import Testing

/// Each rule of `stabilize` where the form before it overflows, underflows or cancels: the result is
/// that of exact arithmetic, and it is the rule that made it so.
@Suite struct StabilizeTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    var rule: String
    var build: @Sendable (Expr) -> Expr
    var x: [Double]
    var expected: [Double]
    var testDescription: String { rule }

    init(
      _ rule: String, _ x: [Double], _ expected: [Double],
      _ build: @escaping @Sendable (Expr) -> Expr
    ) {
      (self.rule, self.build, self.x, self.expected) = (rule, build, x, expected)
    }
  }

  // exp overflows in float32 from 88.7 on, and 1e-9 is lost beside 1.
  static let samples: [Sample] = [
    Sample("log(exp(x)) = x", [200, -200], [200, -200]) { log(exp($0)) },
    Sample("log(1 + exp(x)) = softplus(x)", [200, -50], [200, 1.9287498479639178e-22]) {
      log(1 + exp($0))
    },
    Sample("log1p(exp(x)) = softplus(x)", [200], [200]) { log1p(exp($0)) },
    Sample("log(1 + x) = log1p(x)", [1e-9, -1e-9], [1e-9, -1e-9]) { log(1 + $0) },
    Sample("log(1 - x) = log1p(-x)", [1e-9], [-1e-9]) { log(1 - $0) },
    Sample("exp(x) - 1 = expm1(x)", [1e-9], [1e-9]) { exp($0) - 1 },
    Sample("exp(x) + -1 = expm1(x)", [1e-9], [1e-9]) { exp($0) + (-1) },
    Sample("1 - exp(x) = -expm1(x)", [1e-9], [-1e-9]) { 1 - exp($0) },
    Sample("log1p(expm1(x)) = x", [200, 1e-9], [200, 1e-9]) { log1p(expm1($0)) },
    Sample("1 / (1 + exp(-x)) = sigmoid(x)", [-90, 200], [8.194012623990515e-40, 1]) {
      1 / (1 + exp(-$0))
    },
    Sample("1 / (1 + exp(x)) = sigmoid(-x)", [90], [8.194012623990515e-40]) {
      1 / (1 + exp($0))
    },
    Sample("exp(x) / (1 + exp(x)) = sigmoid(x)", [200], [1]) { exp($0) / (1 + exp($0)) },
    Sample("1 - sigmoid(x) = sigmoid(-x)", [50], [1.9287498479639178e-22]) { 1 - sigmoid($0) },
    Sample("log(sigmoid(x)) = -softplus(-x)", [-200], [-200]) { log(sigmoid($0)) },
    Sample("log1p(-sigmoid(x)) = -softplus(x)", [200], [-200]) { log1p(-sigmoid($0)) },
    Sample("a / (1 + exp(x)) * exp(x) = a * sigmoid(x)", [200], [3]) {
      3 / (1 + exp($0)) * exp($0)
    },
    Sample(
      "(a * (b / (1 + exp(x)))) * exp(x) = a * (b * sigmoid(x))", [200], [600]
    ) { $0 * (3 / (1 + exp($0))) * exp($0) },
    Sample("sqrt(x * x) = abs(x)", [1e30, -1e-30], [1e30, 1e-30]) { sqrt($0 * $0) },
    Sample("log(sum(exp(x))) = m + log(sum(exp(x - m)))", [500, 500], [500.6931471805599]) {
      log(sum(exp($0)))
    },
    Sample(
      "exp(x) / sum(exp(x)) = exp(x - m) / sum(exp(x - m))", [500, 500, -500], [0.5, 0.5, 0]
    ) { exp($0) / sum(exp($0)) },
    Sample("log(exp(x) / y) = x - log(y)", [200, -200], [200, -200]) { log(exp($0) / ($0 / $0)) },
    // The determinants are 2e40 and -2e40.
    Sample("log(determinant(a)) = logDeterminant(a)", [1e20, 2e20], [92.79655090032177]) {
      log(determinant(diagonalMatrix($0)))
    },
    Sample("log(abs(determinant(a))) = logDeterminant(a)", [-1e20, 2e20], [92.79655090032177]) {
      log(abs(determinant(diagonalMatrix($0))))
    },
    // The derivative of log(softmax(x)[0]) is one less the share at 0, and less the share elsewhere.
    Sample(
      "(a / q) * (q / b) = a / b, q = exp(x) / s", [-500, 500], [1, -1]
    ) { x in gradient(of: sum(log(exp(x) / sum(exp(x)))[0]), withRespectTo: x) },
    Sample(
      "(a / (e / s) / s + d) * e = a + d * e, e = exp(x)", [-500, 500], [1, -1]
    ) { x in gradient(of: sum(log(softmaxAsWritten(x))[0]), withRespectTo: x) },
    Sample(
      "(a / (e / s) / s) * e = a, e = exp(x)", [-500, 500], [3, 3]
    ) { x in
      let e = exp(x)
      let s = sum(e)
      return 3 / (e / s) / s * e
    },
    Sample(
      "sum(a / s) * e = sum(a) * (e / s), s = sum(e), e = exp(x)", [-500, 500], [0, 1000]
    ) { x in
      let e = exp(x)
      let s = sum(e)
      return sum(abs(x) / s) * e
    },
  ]

  /// As many write it, without a thought of large arguments.
  private static func softmaxAsWritten(_ x: Expr) -> Expr {
    let e = exp(x)
    return e / sum(e, axes: 0, keepDims: true)
  }

  @Test func `every stabilizing rule is here`() {
    let named = Set(Self.samples.map(\.rule))
    for rule in stabilize.rules where !named.contains(rule.name) {
      Issue.record("no sample of \(rule.name)")
    }
  }

  @Test(arguments: samples) func `the result is that of exact arithmetic`(_ sample: Sample) throws {
    let x = Expr.input("x", .float32, [Dim(sample.x.count)])
    let graph = try Graph.build(name: "f", inputs: [x], results: [sample.build(x)])
    let argument = Tensor(dtype: .float32, shape: [sample.x.count], doubles: sample.x)
    func misses(_ graph: Graph) throws -> Bool {
      let found = try Interpreter(graph).run([argument])[0].doubles
      #expect(found.count == sample.expected.count)
      return zip(found, sample.expected).contains { a, e in
        !((a - e).magnitude <= 1e-6 * e.magnitude + 1e-45)
      }
    }
    let asWritten = try misses(graph)
    #expect(asWritten, "the form as written is right too: the sample shows nothing")
    let better = try Pipeline().run(graph)
    let stabilized = try misses(better)
    #expect(!stabilized, "\(better.text())")
  }
}
