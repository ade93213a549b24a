public import GnomonIR
public import GnomonTensors

/// The value of an expression, for a quick look: compiles it, runs it once.
///
///     try evaluate(tanh(matmul(x, w)), [x: images])
///
/// - Parameters:
///   - expression: what to compute; variables in it have their current values.
///   - arguments: tensors for its inputs.
/// - Throws: what `compile` and a call throw.
public func evaluate(
  _ expression: Expr, _ arguments: KeyValuePairs<Expr, Tensor> = [:]
) throws -> Tensor {
  // A quick look must not wait for a compiler unless the work is worth it: small expressions run in
  // the interpreter.
  let inputs = arguments.map(\.key)
  let tensors = arguments.map(\.value)
  var options = CompileOptions(name: "evaluate", mode: .fast)
  options.interpreted = true
  let quick = try compile(inputs: inputs, outputs: [expression], options: options)
  let sizes = quick.sizes(of: tensors)
  let work = quick.plan.flops + quick.plan.bytesMoved
  if (work.evaluated(names: sizes) ?? .max) <= 1_000_000 { return try quick.outputs(tensors)[0] }
  options.interpreted = false
  return try compile(inputs: inputs, outputs: [expression], options: options).outputs(tensors)[0]
}

extension CompiledFunction {
  /// The named sizes that arguments give, as far as they fit.
  func sizes(of arguments: [Tensor]) -> [String: Int] {
    var sizes: [String: Int] = [:]
    for (spec, tensor) in zip(signature.inputs, arguments) {
      for (d, n) in zip(spec.type.shape, tensor.shape) { if let name = d.name { sizes[name] = n } }
    }
    return sizes
  }
}
