public import GnomonIR
public import GnomonTensors

/// Random integers from `low` up to and without `bound`, equally likely.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - bound: above `low`.
///   - low: the least integer.
///   - dtype: an integer dtype.
@_transparent public func randomIntegers(
  key: RandomKey, shape: [Dim], below bound: Int, from low: Int = 0, dtype: DType = .int64
) -> Expr { _randomIntegers(key, shape, bound, low, dtype, .here()) }

@usableFromInline func _randomIntegers(
  _ key: RandomKey, _ shape: [Dim], _ bound: Int, _ low: Int, _ dtype: DType, _ at: Location
) -> Expr {
  guard low < bound, dtype.isInteger else {
    return .refused(
      Refusal(
        .invalidAttribute, "\(low)..<\(bound) as \(dtype) holds no integer",
        help: "an integer dtype, and a lower bound below the upper one"), "randomIntegers",
      [key.expr], at: at)
  }
  return at.serving("randomIntegers") {
    // The high half of a product of 64 random bits would need 128; the remainder of them is off by
    // less than one part in 2^64 / (bound - low).
    func words(_ n: Int) -> Expr {
      Expr.make(RandomBits(shape: shape), [key.folded(n).expr], at: .here()).cast(to: .uint64)
    }
    let wide = (words(0) .<< 32) .| words(1)
    let range = Expr._constant(
      Tensor(dtype: .uint64, shape: [], bits: [UInt64(bitPattern: Int64(bound &- low))]), .here())
    return (wide % range).cast(to: .int64) + Double(low)
  }.cast(to: dtype)
}

/// Random signs, 1 or -1, equally likely.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - shape: sizes, named or not.
///   - dtype: a signed dtype.
@_transparent public func rademacher(key: RandomKey, shape: [Dim], dtype: DType = .float32) -> Expr
{ _rademacher(key, shape, dtype, .here()) }

@usableFromInline func _rademacher(_ key: RandomKey, _ shape: [Dim], _ dtype: DType, _ at: Location)
  -> Expr
{
  at.serving("rademacher") {
    let words = Expr.make(RandomBits(shape: shape), [key.expr], at: .here())
    let one = Expr.constant(1, dtype, at: .here())
    return select((words .& 1) .== 0, one, -one)
  }
}

/// Random classes, each with the probability that softmax gives it, by the largest of logits and
/// Gumbel noise.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - logits: floating-point; -inf excludes a class.
///   - axis: the axis of the classes; a negative one counts from the end.
///   - shape: axes before those of the logits, along which draws are independent.
/// - Returns: int64, without the axis of the classes.
@_transparent public func categorical(
  key: RandomKey, logits: Expr, axis: Int = -1, shape: [Dim] = []
) -> Expr { _categorical(key, logits, axis, shape, .here()) }

@usableFromInline func _categorical(
  _ key: RandomKey, _ logits: Expr, _ axis: Int, _ shape: [Dim], _ at: Location
) -> Expr {
  let logits = logits.settled()
  if let bad = floatsOnly(logits, "categorical", at) { return bad }
  if logits.isInvalid { return logits }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: logits.rank)[0]
    return at.serving("categorical") {
      let compute = logits.dtype.computeType
      let noise = gumbel(key: key, shape: shape + logits.shape, dtype: compute)
      return argmax(logits.cast(to: compute) + noise, axis: shape.count + axis)
    }
  } catch {
    return .refused(error, "categorical", [logits], at: at)
  }
}

/// The numbers 0..<count in a random order (int64), all orders equally likely.
///
/// - Parameters:
///   - key: the source; the same key gives the same order.
///   - count: how many, named or not.
@_transparent public func permutation(key: RandomKey, count: Dim) -> Expr {
  _permutation(key, count, .here())
}

@usableFromInline func _permutation(_ key: RandomKey, _ count: Dim, _ at: Location) -> Expr {
  at.serving("permutation") {
    // In the order of 64 random bits each, of which two are hardly ever equal.
    func words(_ n: Int) -> Expr {
      Expr.make(RandomBits(shape: [count]), [key.folded(n).expr], at: .here()).cast(to: .uint64)
    }
    return argsort((words(0) .<< 32) .| words(1))
  }
}

/// The slices of a tensor along an axis in a random order.
///
/// - Parameters:
///   - key: the source; the same key gives the same order.
///   - x: any tensor of rank 1 or more.
///   - axis: a negative one counts from the end.
@_transparent public func shuffle(key: RandomKey, _ x: Expr, axis: Int = 0) -> Expr {
  _shuffle(key, x, axis, .here())
}

@usableFromInline func _shuffle(_ key: RandomKey, _ x: Expr, _ axis: Int, _ at: Location) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    return at.serving("shuffle") {
      .make(Gather(axis: axis), [x, permutation(key: key, count: x.shape[axis])], at: .here())
    }
  } catch {
    return .refused(error, "shuffle", [x], at: at)
  }
}

/// Random slices of a tensor along its first axis.
///
/// - Parameters:
///   - key: the source; the same key gives the same slices.
///   - x: any tensor of rank 1 or more.
///   - count: how many.
///   - replace: whether one slice may be chosen several times.
///   - probabilities: for each slice; equally likely by default.
@_transparent public func choice(
  key: RandomKey, _ x: Expr, count: Int, replace: Bool = true, probabilities: Expr? = nil
) -> Expr { _choice(key, x, count, replace, probabilities, .here()) }

@usableFromInline func _choice(
  _ key: RandomKey, _ x: Expr, _ count: Int, _ replace: Bool, _ probabilities: Expr?, _ at: Location
) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  func refused(_ refusal: Refusal) -> Expr { .refused(refusal, "choice", [x], at: at) }
  guard x.rank >= 1, count >= 0 else {
    return refused(
      Refusal(
        .rankMismatch, "\(count) slices of a tensor of rank \(x.rank)", marks: [Refusal.Mark(0)]))
  }
  guard replace || count <= (x.shape[0].constant ?? count) else {
    return refused(
      Refusal(
        .invalidAttribute, "\(count) different slices of \(x.shape[0])",
        marks: [Refusal.Mark(0, [0])], help: "replace: true lets slices repeat"))
  }
  return at.serving("choice") {
    let indices: Expr
    switch (replace, probabilities) {
    case (true, nil):
      let u = openInterval(key, [Dim(count)], .float64)
      let n = size(of: x, axis: 0).cast(to: .float64)
      indices = minimum(floor(u * n), n - 1).cast(to: .int64)
    case (true, .some(let p)):
      indices = categorical(key: key, logits: log(p), shape: [Dim(count)])
    case (false, nil):
      indices = permutation(key: key, count: x.shape[0])[0..<count]
    case (false, .some(let p)):
      // The largest of logits with Gumbel noise are a draw without replacement.
      let noise = gumbel(key: key, shape: p.shape, dtype: p.dtype.computeType)
      indices = topK(log(p.cast(to: p.dtype.computeType)) + noise, count).indices
    }
    return .make(Gather(axis: 0), [x, indices], at: .here())
  }
}
