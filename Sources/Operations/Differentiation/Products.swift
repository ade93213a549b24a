public import GnomonIR
internal import GnomonTensors

/// The product of vectors with the Jacobian from the left: what reverse mode computes.
///
///     let dx = vectorJacobianProduct(of: y, withRespectTo: x, vector: v)     // v of y's shape
///
/// - Parameters:
///   - y: a floating-point tensor.
///   - x: a floating-point value that `y` depends on; zeros come back where it does not.
///   - vector: of the type of `y`.
@_transparent public func vectorJacobianProduct(
  of y: Expr, withRespectTo x: Expr, vector: Expr
) -> Expr { _vectorJacobianProduct([y], [x], [vector], .here())[0] }

/// The products of vectors, one for each of `ys`, with the Jacobians with respect to each of `xs`.
@_transparent public func vectorJacobianProduct(
  of ys: [Expr], withRespectTo xs: [Expr], vectors: [Expr]
) -> [Expr] { _vectorJacobianProduct(ys, xs, vectors, .here()) }

/// The product of the Jacobian with a vector: the derivative of `y` in a direction, forward mode.
///
///     let dy = jacobianVectorProduct(of: y, withRespectTo: x, vector: v)     // v of x's shape
///
/// The reverse sweep is linear in the vector it starts from, so its derivative with respect to that
/// vector is the forward product; what only the reverse sweep needed is not computed.
///
/// - Parameters:
///   - y: a floating-point tensor.
///   - x: a floating-point value that `y` depends on.
///   - vector: the direction, of the type of `x`.
@_transparent public func jacobianVectorProduct(
  of y: Expr, withRespectTo x: Expr, vector: Expr
) -> Expr { _jacobianVectorProduct([y], [x], [vector], .here())[0] }

/// The derivatives of each of `ys` when each of `xs` moves along its vector.
@_transparent public func jacobianVectorProduct(
  of ys: [Expr], withRespectTo xs: [Expr], vectors: [Expr]
) -> [Expr] { _jacobianVectorProduct(ys, xs, vectors, .here()) }

/// The product of the second derivatives of a scalar with a vector, without the matrix.
///
/// - Parameters:
///   - loss: a floating-point scalar.
///   - x: a floating-point value.
///   - vector: of the type of `x`.
@_transparent public func hessianVectorProduct(
  of loss: Expr, withRespectTo x: Expr, vector: Expr
) -> Expr { _hessianVectorProduct(loss, x, vector, .here()) }

@usableFromInline func _vectorJacobianProduct(
  _ ys: [Expr], _ xs: [Expr], _ vectors: [Expr], _ at: Location
) -> [Expr] {
  product("vectorJacobianProduct", ys, xs, vectors, like: ys, results: xs, at) { ys, vectors in
    let found = try reverseSweep(outputs: ys, upstream: vectors, inputs: xs)
    return zip(xs, found).map { x, d in d ?? zeros(like: x) }
  }
}

@usableFromInline func _jacobianVectorProduct(
  _ ys: [Expr], _ xs: [Expr], _ vectors: [Expr], _ at: Location
) -> [Expr] {
  product("jacobianVectorProduct", ys, xs, vectors, like: xs, results: ys, at) { ys, vectors in
    let found = try forwardDerivatives(ys, xs, vectors)
    return zip(ys, found).map { y, d in d ?? zeros(like: y) }
  }
}

/// The derivatives of `ys` along `vectors`, by differentiating the reverse sweep, which is linear in
/// its upstream, with respect to that.
func forwardDerivatives(_ ys: [Expr], _ xs: [Expr], _ vectors: [Expr]) throws -> [Expr?] {
  let upstream = ys.map(zeros(like:))
  let back = try reverseSweep(outputs: ys, upstream: upstream, inputs: xs)
  let reached = xs.indices.filter { back[$0] != nil }
  if reached.isEmpty { return ys.map { _ in nil } }
  return try reverseSweep(
    outputs: reached.map { back[$0]! }, upstream: reached.map { vectors[$0] }, inputs: upstream)
}

@usableFromInline func _hessianVectorProduct(
  _ loss: Expr, _ x: Expr, _ vector: Expr, _ at: Location
) -> Expr {
  let slope = _gradient(loss, [x], .zeros, at)[0]
  if slope.isInvalid { return slope }
  return _vectorJacobianProduct([slope], [x], [vector], at)[0]
}

/// Checks the operands of a product and makes it at the user's line.
private func product(
  _ function: String, _ ys: [Expr], _ xs: [Expr], _ vectors: [Expr], like: [Expr],
  results: [Expr], _ at: Location, _ make: ([Expr], [Expr]) throws -> [Expr]
) -> [Expr] {
  let ys = ys.map { $0.settled() }
  let vectors = vectors.enumerated().map { i, v in
    i < like.count && !like[i].isInvalid ? v.settled(like[i].dtype) : v
  }
  func all(_ e: Expr) -> [Expr] { results.map { _ in e } }
  if (ys + xs + vectors).contains(where: \.isInvalid) {
    return all(.refused(Refusal(.shapeMismatch, ""), function, ys + xs + vectors, at: at))
  }
  if let bad = (ys + xs).first(where: { !$0.dtype.isFloat || $0.literalValue != nil }) {
    return all(
      .refused(
        Refusal(
          .integerVariable, "{0} is \(bad.dtype); a derivative needs a floating-point value",
          help: "cast it: {0}.cast(to: .float32)"), function, [bad], at: at))
  }
  guard vectors.count == like.count else {
    return all(
      .refused(
        Refusal(.shapeMismatch, "\(vectors.count) vectors for \(like.count) values"), function,
        vectors, at: at))
  }
  for (v, l) in zip(vectors, like) where v.type != l.type {
    return all(
      .refused(
        Refusal(
          .shapeMismatch, "the vector {0} has not the type of {1}",
          marks: [Refusal.Mark(0), Refusal.Mark(1)],
          help: "it must be \(l.dtype) \(l.shape)"), function, [v, l], at: at))
  }
  return derived(results, at) { try make(ys, vectors) }
}

/// Makes derivatives at the user's line; a refusal of some rule makes all of them invalid.
func derived(_ results: [Expr], _ at: Location, _ make: () throws -> [Expr]) -> [Expr] {
  do {
    return try at.serving("gradient", make)
  } catch let error as GnomonError {
    let bad = error.diagnostics.first.map(Expr.invalid) ?? zeros(like: results[0])
    return results.map { _ in bad }
  } catch {
    preconditionFailure("\(error)")
  }
}
