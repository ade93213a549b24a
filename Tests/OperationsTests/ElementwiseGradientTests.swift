import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct ElementwiseGradientTests {
  /// Each with a function that moves numbers of -1...1 into its domain, away from kinks.
  static let unary: [String: @Sendable (Expr) -> Expr] = [
    "negate": { -$0 }, "abs": { abs($0) }, "exp": { exp($0) }, "expm1": { expm1($0) },
    "log": { log($0 + 1.5) }, "log1p": { log1p(0.9 * $0) }, "sqrt": { sqrt($0 + 1.5) },
    "rsqrt": { rsqrt($0 + 1.5) }, "sin": { sin(3 * $0) }, "cos": { cos(3 * $0) },
    "tan": { tan($0) }, "tanh": { tanh($0) }, "sigmoid": { sigmoid($0) },
    "softplus": { softplus($0) }, "erf": { erf($0) }, "square": { square($0) },
    "reciprocal": { reciprocal($0 + 1.5) }, "relu": { relu($0) }, "gelu": { gelu($0) },
    "clip": { clip($0, -0.503, 0.503) }, "cast": { $0.cast(to: .float64) * $0 },
    "power of a number": { 2 ** $0 }, "power to a number": { $0 ** 3 },
  ]

  static let binary: [String: @Sendable (Expr, Expr) -> Expr] = [
    "add": { $0 + $1 }, "subtract": { $0 - $1 }, "multiply": { $0 * $1 },
    "divide": { $0 / ($1 + 1.5) }, "remainder": { $0 % ($1 + 3) },
    "power": { ($0 + 1.5) ** $1 }, "maximum": { maximum($0, $1) }, "minimum": { minimum($0, $1) },
    "select": { select($0 .< $1, $0 * $1, exp($1)) },
  ]

  @Test(arguments: unary.keys.sorted())
  func `one operand, against difference quotients`(name: String) throws {
    let f = try #require(Self.unary[name])
    try expectGradient([sample([7], seed: 3)]) { x in sum(f(x[0]) * x[0]) }
  }

  @Test(arguments: binary.keys.sorted())
  func `two operands with broadcasting, against difference quotients`(name: String) throws {
    let f = try #require(Self.binary[name])
    try expectGradient([sample([3, 1], seed: 5), sample([2, 1, 4], seed: 6)]) { x in
      sum(square(f(x[0], x[1])))
    }
  }

  @Test(arguments: [
    "exp", "tanh", "sigmoid", "softplus", "gelu", "rsqrt", "power to a number", "erf",
  ])
  func `second derivatives, against difference quotients of the first`(name: String) throws {
    let f = try #require(Self.unary[name])
    try expectGradient([sample([3], seed: 9)]) { x in
      sum(square(gradient(of: sum(f(x[0])), withRespectTo: x[0])))
    }
  }

  /// The derivative of the sum of `f` at points.
  private func slopes(_ points: [Double], _ f: (Expr) -> Expr) throws -> [Double] {
    let x = Expr.input("x", .float64, ["n"])
    return try Reference.run(gradient(of: sum(f(x)), withRespectTo: x), [(x, Tensor(points))])
      .doubles
  }

  @Test func `at kinks and ties the stated convention holds`() throws {
    #expect(try slopes([0, -0.0, 1, -1]) { relu($0) } == [0, 0, 1, 0])
    #expect(try slopes([0, -2, 2]) { abs($0) } == [0, -1, 1])
    #expect(try slopes([0, 3]) { sign($0) + $0 } == [1, 1])
    #expect(try slopes([-1, 0, 1]) { clip($0, -1, 1) } == [0, 1, 0])
    #expect(try slopes([2]) { maximum($0, 2 * $0 - 2) } == [2])
    #expect(try slopes([2]) { minimum(2 * $0 - 2, $0) } == [1])
    #expect(try slopes([0.5, 1.2]) { floor($0) + ceil($0) + round($0) + $0 } == [1, 1])
  }

  @Test func `powers at zero`() throws {
    #expect(try slopes([0, 2]) { $0 ** 0 } == [0, 0])
    #expect(try slopes([0, 2]) { $0 ** 1 } == [1, 1])
    #expect(try slopes([0, 3]) { $0 ** 2 } == [0, 6])
    #expect(try slopes([2]) { Expr(0) ** $0 } == [0])
    let second = try slopes([0, 3]) { x in gradient(of: sum(x ** 2), withRespectTo: x) }
    #expect(second == [2, 2])
  }

  @Test func `select never multiplies what it discards by 0`() throws {
    let infinity = Double.infinity
    #expect(try slopes([-1, 2]) { select($0 .> 0, $0, 1) * infinity } == [0, infinity])
    #expect(try slopes([-1, 2]) { maximum($0, 1) * infinity } == [0, infinity])
    #expect(try slopes([0, 2]) { select($0 .> 0, log(maximum($0, 1e-3)), $0) } == [1, 0.5])
  }

  @Test func `no derivative passes through stopGradient, integers and truth values`() throws {
    #expect(try slopes([3]) { $0 * stopGradient($0) } == [3])
    #expect(try slopes([3.7]) { $0 + $0.cast(to: .int32).cast(to: .float64) } == [1])
    #expect(try slopes([3]) { $0 + ($0 .> 2).cast(to: .float64) } == [1])
    #expect(try slopes([3]) { $0.cast(to: .float32).cast(to: .float64) * 2 } == [2])
  }
}
