internal import GnomonIR
public import GnomonTensors

// Calls by arity, so that short ones allocate nothing but their result.
extension CompiledFunction {
  /// Runs a function of one argument with one output.
  public func callAsFunction(_ a: Tensor) throws -> Tensor {
    if let fast {
      let result = try withUnsafePointer(to: a) {
        try fast.run(UnsafeBufferPointer(start: $0, count: 1))
      }
      if let result { return result }
    }
    return try single([a])
  }

  /// Runs a function of two arguments with one output.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    if let fast {
      let result = try withUnsafePointer(to: (a, b)) {
        try $0.withMemoryRebound(to: Tensor.self, capacity: 2) {
          try fast.run(UnsafeBufferPointer(start: $0, count: 2))
        }
      }
      if let result { return result }
    }
    return try single([a, b])
  }

  /// Runs a function of three arguments with one output.
  public func callAsFunction(_ a: Tensor, _ b: Tensor, _ c: Tensor) throws -> Tensor {
    if let fast {
      let result = try withUnsafePointer(to: (a, b, c)) {
        try $0.withMemoryRebound(to: Tensor.self, capacity: 3) {
          try fast.run(UnsafeBufferPointer(start: $0, count: 3))
        }
      }
      if let result { return result }
    }
    return try single([a, b, c])
  }

  /// Runs a function of one argument into a tensor that the caller owns.
  ///
  /// - Parameter result: a tensor of the output's dtype and shape; its memory is written, after a copy
  ///   if it is shared.
  public func callAsFunction(_ a: Tensor, into result: inout Tensor) throws {
    if let fast {
      let isDone = try withUnsafePointer(to: a) {
        try fast.run(UnsafeBufferPointer(start: $0, count: 1), into: &result)
      }
      if isDone { return }
    }
    try intoSingle([a], &result)
  }

  /// Runs a function of two arguments into a tensor that the caller owns.
  public func callAsFunction(_ a: Tensor, _ b: Tensor, into result: inout Tensor) throws {
    if let fast {
      let isDone = try withUnsafePointer(to: (a, b)) {
        try $0.withMemoryRebound(to: Tensor.self, capacity: 2) {
          try fast.run(UnsafeBufferPointer(start: $0, count: 2), into: &result)
        }
      }
      if isDone { return }
    }
    try intoSingle([a, b], &result)
  }

  /// The only output of the long way.
  func single(_ arguments: [Tensor]) throws -> Tensor {
    let all = try outputs(arguments)
    guard all.count == 1 else { throw GnomonError([.outputCount(1, all.count)]) }
    return all[0]
  }

  private func intoSingle(_ arguments: [Tensor], _ result: inout Tensor) throws {
    var results = [result]
    // The array must be the only holder, or writing would copy.
    result = Tensor(uninitialized: .bool, [0])
    defer { if results.count == 1 { result = results[0] } }
    try outputs(arguments, into: &results)
  }
}
