import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct ElementwiseSpellingTests {
  let x = Expr.input("x", .float64, ["n"])

  private func value(_ e: Expr, _ data: [Double]) throws -> [Double] {
    let graph = try Graph.build(name: "f", inputs: [x], results: [e])
    return try Interpreter(graph).run([Tensor(data)])[0].doubles
  }

  @Test func `numbers mix with tensors as one writes them`() throws {
    let rate = 0.1
    #expect(try value(2 * x + 1, [1, 2]) == [3, 5])
    #expect(try value(rate * x, [1, 2]) == [0.1, 0.2])
    #expect(try value(x - rate * x, [10]) == [9])
    #expect(try value(1 / (1 + exp(-x)), [0]) == [0.5])
    #expect(try value(x / 4 - rate, [1]) == [0.15])
    #expect(try value(0.5 * x ** 2 + 3, [4]) == [11])
    #expect(try value(x % 3, [-1, 4]) == [2, 1])
    #expect(try value(select((x .> 0) .& .!(x .>= 2), x, -1), [-3, 1, 2]) == [-1, 1, -1])
    #expect(try value(relu(x) + clip(x, -1, 1), [-3, 3]) == [-1, 4])
    #expect((rate * x).dtype == .float64)
    #expect((2 * x.cast(to: .int32) + 1).dtype == .int32)
  }

  @Test func `a number that an integer dtype lacks is refused`() {
    let i = Expr.input("i", .int32, [3])
    #expect((0.5 * i).isInvalid)
    #expect(Expr.diagnostics(of: [0.5 * i]).first?.code == .literalNotRepresentable)
  }
}
