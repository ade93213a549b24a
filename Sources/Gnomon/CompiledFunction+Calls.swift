internal import GnomonIR
public import GnomonTensors

// Calls by arity, so that short ones allocate nothing but their result, and no array for arguments.
extension CompiledFunction {
  /// Runs a function of one argument with one output.
  public func callAsFunction(_ a: Tensor) throws -> Tensor {
    guard let fast, var frame = fast.frame(1), fast.takes(a, 0, &frame),
      let result = fast.result(frame)
    else { return try single([a]) }
    try fast.run(&frame, result)
    withExtendedLifetime(a) {}
    return result
  }

  /// Runs a function of two arguments with one output.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    guard let fast, var frame = fast.frame(2), fast.takes(a, 0, &frame),
      fast.takes(b, 1, &frame), let result = fast.result(frame)
    else { return try single([a, b]) }
    try fast.run(&frame, result)
    withExtendedLifetime(a) {}
    withExtendedLifetime(b) {}
    return result
  }

  /// Runs a function of three arguments with one output.
  public func callAsFunction(_ a: Tensor, _ b: Tensor, _ c: Tensor) throws -> Tensor {
    guard let fast, var frame = fast.frame(3), fast.takes(a, 0, &frame),
      fast.takes(b, 1, &frame), fast.takes(c, 2, &frame), let result = fast.result(frame)
    else { return try single([a, b, c]) }
    try fast.run(&frame, result)
    withExtendedLifetime(a) {}
    withExtendedLifetime(b) {}
    withExtendedLifetime(c) {}
    return result
  }

  /// Runs a function of one argument into a tensor that the caller owns.
  ///
  ///     var y = try f(x)
  ///     for x in others { try f(x, into: &y) }  // allocates nothing
  ///
  /// - Parameter result: a tensor of the output's dtype and shape; its memory is written, after a copy
  ///   if it is shared.
  public func callAsFunction(_ a: Tensor, into result: inout Tensor) throws {
    guard let fast, var frame = fast.frame(1), fast.takes(a, 0, &frame),
      fast.takes(result: &result, &frame)
    else { return try single([a], into: &result) }
    try fast.run(&frame, result)
    withExtendedLifetime(a) {}
  }

  /// Runs a function of two arguments into a tensor that the caller owns.
  ///
  /// - Parameter result: as for one argument.
  public func callAsFunction(_ a: Tensor, _ b: Tensor, into result: inout Tensor) throws {
    guard let fast, var frame = fast.frame(2), fast.takes(a, 0, &frame),
      fast.takes(b, 1, &frame), fast.takes(result: &result, &frame)
    else { return try single([a, b], into: &result) }
    try fast.run(&frame, result)
    withExtendedLifetime(a) {}
    withExtendedLifetime(b) {}
  }

  /// Runs a function of three arguments into a tensor that the caller owns.
  ///
  /// - Parameter result: as for one argument.
  public func callAsFunction(
    _ a: Tensor, _ b: Tensor, _ c: Tensor, into result: inout Tensor
  ) throws {
    guard let fast, var frame = fast.frame(3), fast.takes(a, 0, &frame),
      fast.takes(b, 1, &frame), fast.takes(c, 2, &frame), fast.takes(result: &result, &frame)
    else { return try single([a, b, c], into: &result) }
    try fast.run(&frame, result)
    withExtendedLifetime(a) {}
    withExtendedLifetime(b) {}
    withExtendedLifetime(c) {}
  }

  /// The only output of the long way.
  func single(_ arguments: [Tensor]) throws -> Tensor {
    let all = try outputs(arguments)
    guard all.count == 1 else { throw GnomonError([.outputCount(1, all.count)]) }
    return all[0]
  }

  private func single(_ arguments: [Tensor], into result: inout Tensor) throws {
    var results = [result]
    // The array must be the only holder, or writing would copy.
    result = Tensor(uninitialized: .bool, [0])
    defer { if results.count == 1 { result = results[0] } }
    try outputs(arguments, into: &results)
  }
}
