import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct PrinterTests {
  @Test func `a graph prints as the specification shows it`() throws {
    let x = Expr.input("x", .float32, ["batch", 784])
    let w = Expr.variable("w", .zeros(.float32, [784, 10]))
    let y = tanh(matmul(x, w))
    let graph = try Graph.build(
      name: "f", inputs: [x], variables: [w], results: [sum(y, axes: 1)],
      updates: [(variable: w, becomes: w - w)])
    #expect(
      graph.text() == """
        func @f(%x: f32[batch, 784], variable %w: f32[784, 10]) -> f32[batch] {
          %0 = contract %x, %w {spec = "mk,kn->mn"} : f32[batch, 10]
          %1 = tanh %0 : f32[batch, 10]
          %2 = sum %1 {axes = [1]} : f32[batch]
          %3 = subtract %w, %w : f32[784, 10]
          update %w = %3
          return %2
        }
        """)
  }

  @Test func `regions print as nested blocks`() throws {
    let c = Expr.input("c", .bool, [])
    let x = Expr.input("odd \"name\"", .float32, ["n"])
    let y = branch(c, then: { tanh(x) }, else: { x })
    let graph = try Graph.build(name: "two words", inputs: [c, x], results: [y])
    #expect(
      graph.text() == """
        func @"two words"(%c: bool[], %"odd \\"name\\"": f32[n]) -> f32[n] {
          %0 = branch %c, %"odd \\"name\\"" : f32[n] {
            (%"odd \\"name\\"": f32[n]) -> f32[n]
            %0 = tanh %"odd \\"name\\"" : f32[n]
            return %0
          } {
            (%"odd \\"name\\"": f32[n]) -> f32[n]
            return %"odd \\"name\\""
          }
          return %0
        }
        """)
  }

  @Test func `locations and scopes print on request`() throws {
    var builder = GraphBuilder(name: "f")
    let x = builder.addParameter(TensorType(.float32, []), name: "x")
    let place = Location(position: .init(file: "a b.swift", line: 21, column: 14))
      .inScope("layer dense_1").inScope("softmax")
    let y = try builder.make(Tanh(), x, at: place)
    builder.setResults([try builder.make(Tanh(), y)])
    #expect(
      builder.graph.text(.locations) == """
        func @f(%x: f32[]) -> f32[] {
          %0 = tanh %x : f32[] loc("a b.swift":21:14 in "layer dense_1"/"softmax")
          %1 = tanh %0 : f32[]
          return %1
        }
        """)
  }
}
