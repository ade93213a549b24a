import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

/// Runs expressions through a graph and the reference interpreter.
enum Reference {
  /// The values of `outputs` with each input or variable bound to its tensor.
  static func run(_ outputs: [Expr], _ bindings: [(Expr, Tensor)] = []) throws -> [Tensor] {
    let found = Expr.diagnostics(of: outputs)
    guard found.isEmpty else { throw GnomonError(found) }
    // Variables bind by themselves.
    let bound = Set(bindings.map(\.0.id))
    let variables = Graph.parameters(of: outputs).filter { !bound.contains($0.id) }
    let graph = try Graph.build(
      name: "test", inputs: bindings.map(\.0), variables: variables, results: outputs)
    let values = variables.map { e -> Tensor in
      guard case .parameter(let p) = e.node.origin, case .variable(let v) = p.kind else {
        preconditionFailure("\(e.label) is not bound")
      }
      return v.value
    }
    return try Interpreter(graph).run(bindings.map(\.1) + values)
  }

  static func run(_ output: Expr, _ bindings: [(Expr, Tensor)] = []) throws -> Tensor {
    try run([output], bindings)[0]
  }

  static func scalar(_ output: Expr, _ bindings: [(Expr, Tensor)] = []) throws -> Double {
    try run(output, bindings).double(at: 0)
  }
}

/// Compares the gradient of a scalar with central differences in float64: along each coordinate when
/// there are few, else along five directions with all coordinates in them.
///
/// `build` makes the loss from inputs of the tensors' types.
func expectGradient(
  _ initial: [Tensor], tolerance: Double = 1e-6, step: Double = 1e-5,
  sourceLocation: SourceLocation = #_sourceLocation, _ build: ([Expr]) -> Expr
) throws {
  let inputs = initial.indices.map { i in
    Expr.input("x\(i)", initial[i].dtype, initial[i].shape.map { Dim($0) })
  }
  let loss = build(inputs)
  let wanted = inputs.indices.filter { initial[$0].dtype.isFloat }
  let derivatives = gradient(of: loss, withRespectTo: wanted.map { inputs[$0] })
  let found = try Reference.run([loss] + derivatives, Array(zip(inputs, initial)))
  let interpreter = Interpreter(try Graph.build(name: "loss", inputs: inputs, results: [loss]))
  for (n, i) in wanted.enumerated() {
    let d = found[n + 1].doubles
    let x = initial[i].doubles
    let directions =
      x.count <= 10
      ? x.indices.map { k in x.indices.map { $0 == k ? 1.0 : 0 } }
      : (0..<5).map { sample([x.count], seed: 1000 + $0).doubles }
    for (k, v) in directions.enumerated() {
      func at(_ t: Double) throws -> Double {
        var tensors = initial
        tensors[i] = Tensor(
          dtype: .float64, shape: initial[i].shape, doubles: zip(x, v).map { $0 + t * $1 })
        return try interpreter.run(tensors)[0].double(at: 0)
      }
      let difference = try (at(step) - at(-step)) / (2 * step)
      let slope = zip(d, v).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(
        (slope - difference).magnitude <= tolerance * (1 + difference.magnitude),
        "operand \(i), direction \(k): \(slope) against the difference quotient \(difference)",
        sourceLocation: sourceLocation)
    }
  }
}

/// Numbers between -1 and 1 that look random and are the same on every machine.
func sample(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
  let count = shape.reduce(1, *)
  let values = (0..<count).map { i in
    Double(Philox.block(i, seed: seed).x) / Double(UInt32.max) * 2 - 1
  }
  return Tensor(dtype: .float64, shape: shape, doubles: values)
}

/// The only diagnostic of an expression.
func diagnostic(
  of e: Expr, sourceLocation: SourceLocation = #_sourceLocation
) throws -> Diagnostic {
  let found = Expr.diagnostics(of: [e])
  #expect(found.count == 1, sourceLocation: sourceLocation)
  return try #require(found.first, sourceLocation: sourceLocation)
}
