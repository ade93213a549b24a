package import GnomonIR
package import GnomonTensors

/// Where batching rules put the ops they make: expressions, or a graph that is being built.
package protocol OpEmitter {
  associatedtype Value
  func type(of value: Value) -> TensorType
  /// The results of an op without regions.
  mutating func apply(_ op: any Op, _ operands: [Value]) throws -> [Value]
}

extension OpEmitter {
  package mutating func one(_ op: any Op, _ operands: Value...) throws -> Value {
    try apply(op, operands)[0]
  }

  /// The value under a shape of as many elements.
  package mutating func reshape(_ x: Value, _ shape: [Dim]) throws -> Value {
    type(of: x).shape == shape ? x : try one(Reshape(shape: shape), x)
  }

  /// The value repeated along a new first axis.
  package mutating func repeated(_ x: Value, _ size: Dim) throws -> Value {
    let shape = type(of: x).shape
    return try one(Broadcast(shape: [size] + shape), x)
  }

  /// The value with axis `from` moved to `to`.
  package mutating func moved(_ x: Value, from: Int, to: Int) throws -> Value {
    if from == to { return x }
    var order = Array(type(of: x).shape.indices)
    order.insert(order.remove(at: from), at: to)
    return try one(Transpose(permutation: order), x)
  }
}

/// Makes expressions, at the location that is being served.
package struct ExprEmitter: OpEmitter {
  package init() {}
  package func type(of value: Expr) -> TensorType { value.type }
  package mutating func apply(_ op: any Op, _ operands: [Expr]) throws -> [Expr] {
    let results = Expr.apply(op, operands, at: .here())
    if let bad = results.first, bad.isInvalid {
      throw InternalError("a batching rule built an invalid \(op.mnemonic)")
    }
    return results
  }
}

extension GraphBuilder: OpEmitter {
  package mutating func apply(_ op: any Op, _ operands: [ValueID]) throws -> [ValueID] {
    do { return try emit(op, operands) } catch let refusal as Refusal {
      throw InternalError("a batching rule built an invalid \(op.mnemonic): \(refusal.message)")
    }
  }
}
