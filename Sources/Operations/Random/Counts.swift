public import GnomonIR
public import GnomonTensors

/// Poisson distributed random numbers, as floats.
///
/// Below 10 by adding up exponential gaps, above by Hörmann's transformed rejection (1993), with
/// sixteen trials each.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - rate: at least 0: the mean.
///   - shape: the shape of the result, to which the parameters broadcast; by default theirs.
/// - Returns: the dtype of the parameters. No derivative passes.
@_transparent public func poisson(key: RandomKey, rate: Expr, shape: [Dim]? = nil) -> Expr {
  _poisson(key, rate, shape, .here())
}

@usableFromInline func _poisson(_ key: RandomKey, _ rate: Expr, _ shape: [Dim]?, _ at: Location)
  -> Expr
{
  .draw("poisson", key, [rate], shape, at) { p, shape, u in
    poissonDraw(p[0], shape, u)
  }
}

/// How many of `count` trials succeed, as floats.
///
/// Few expected successes by adding up geometric gaps, many by Hörmann's transformed rejection
/// (1993).
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - count: whole numbers, at least 0.
///   - probability: between 0 and 1.
///   - shape: the shape of the result, to which the parameters broadcast; by default theirs.
/// - Returns: the dtype of the parameters. No derivative passes.
@_transparent public func binomial(
  key: RandomKey, count: Expr, probability: Expr, shape: [Dim]? = nil
) -> Expr { _binomial(key, count, probability, shape, .here()) }

@usableFromInline func _binomial(
  _ key: RandomKey, _ count: Expr, _ probability: Expr, _ shape: [Dim]?, _ at: Location
) -> Expr {
  .draw("binomial", key, [count, probability], shape, at) { p, shape, u in
    binomialDraw(p[0], p[1], shape, u)
  }
}

/// How many trials fail before `count` succeed, as floats.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - count: above 0.
///   - probability: of success, above 0 and at most 1.
///   - shape: the shape of the result, to which the parameters broadcast; by default theirs.
/// - Returns: the dtype of the parameters. No derivative passes.
@_transparent public func negativeBinomial(
  key: RandomKey, count: Expr, probability: Expr, shape: [Dim]? = nil
) -> Expr { _negativeBinomial(key, count, probability, shape, .here()) }

@usableFromInline func _negativeBinomial(
  _ key: RandomKey, _ count: Expr, _ probability: Expr, _ shape: [Dim]?, _ at: Location
) -> Expr {
  .draw("negativeBinomial", key, [count, probability], shape, at) { p, shape, u in
    let rate = gammaDraw(p[0], shape, u) * (1 - p[1]) / p[1]
    return poissonDraw(rate, shape) { u($0 + 10, $1) }
  }
}

/// How many of `count` trials succeed whose probability is beta distributed, as floats.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - count: whole numbers, at least 0.
///   - a: above 0.
///   - b: above 0.
///   - shape: the shape of the result, to which the parameters broadcast; by default theirs.
/// - Returns: the dtype of the parameters. No derivative passes.
@_transparent public func betaBinomial(
  key: RandomKey, count: Expr, a: Expr, b: Expr, shape: [Dim]? = nil
) -> Expr { _betaBinomial(key, count, a, b, shape, .here()) }

@usableFromInline func _betaBinomial(
  _ key: RandomKey, _ count: Expr, _ a: Expr, _ b: Expr, _ shape: [Dim]?, _ at: Location
) -> Expr {
  .draw("betaBinomial", key, [count, a, b], shape, at) { p, shape, u in
    let x = gammaDraw(p[1], shape, u)
    let y = gammaDraw(p[2], shape) { u($0 + 10, $1) }
    return binomialDraw(p[0], x / (x + y), shape) { u($0 + 20, $1) }
  }
}

/// How many trials it takes until one succeeds, as floats.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - probability: of success, above 0 and at most 1.
///   - shape: the shape of the result, to which the parameters broadcast; by default theirs.
/// - Returns: the dtype of the parameters. No derivative passes.
@_transparent public func geometric(key: RandomKey, probability: Expr, shape: [Dim]? = nil) -> Expr
{ _geometric(key, probability, shape, .here()) }

@usableFromInline func _geometric(
  _ key: RandomKey, _ probability: Expr, _ shape: [Dim]?, _ at: Location
) -> Expr {
  .draw("geometric", key, [probability], shape, at) { p, shape, u in
    // A probability of 1 succeeds at once.
    let certain = p[0] .>= 1
    let gap = floor(log(u(0, shape)) / log1p(-select(certain, 0.5, p[0]))) + 1
    return select(certain, 1, gap)
  }
}

/// How many of `count` trials are of each kind, as floats.
///
/// - Parameters:
///   - key: the source; the same key gives the same numbers.
///   - count: the number of trials.
///   - probabilities: of the kinds, which sum to 1 along the last axis.
@_transparent public func multinomial(key: RandomKey, count: Int, probabilities: Expr) -> Expr {
  _multinomial(key, count, probabilities, .here())
}

@usableFromInline func _multinomial(
  _ key: RandomKey, _ count: Int, _ probabilities: Expr, _ at: Location
) -> Expr {
  let p = probabilities.settled()
  if let bad = floatsOnly(p, "multinomial", at) { return bad }
  if p.isInvalid { return p }
  guard p.rank >= 1, let kinds = p.shape[p.rank - 1].constant, kinds > 0, count >= 0 else {
    return .refused(
      Refusal(
        .invalidAttribute, "\(count) trials of kinds whose number is not known",
        marks: [Refusal.Mark(0)]), "multinomial", [p], at: at)
  }
  return at.serving("multinomial") {
    // Kind after kind, each binomial among the trials and the probability that are left.
    var (left, rest) = (Expr(Double(count)).settled(p.dtype), Expr(1).settled(p.dtype))
    var counts: [Expr] = []
    for k in 0..<kinds {
      let share = p[.ellipsis, k]
      if k == kinds - 1 {
        counts.append(left.broadcast(to: share.shape))
        break
      }
      let chance = minimum(select(rest .> 0, share / maximum(rest, 1e-30), 0), 1)
      let drawn = binomial(
        key: key.folded(k), count: left, probability: chance, shape: share.shape)
      counts.append(drawn)
      left = left - drawn
      rest = rest - share
    }
    return stack(counts, axis: -1)
  }
}

/// Poisson distributed numbers from the numbers of `u`; uses those of 0 to 2.
func poissonDraw(_ rate: Expr, _ shape: [Dim], _ u: (Int, [Dim]) -> Expr) -> Expr {
  let isLarge = rate .>= 10
  // How many exponential gaps fit; with a mean below 10, never more than 60.
  let small = select(isLarge, 1, rate)
  let gaps = cumulativeSum(-log(u(0, [60] + shape)), axis: 0)
  let few = sum((gaps .<= small).cast(to: rate.dtype), axes: [0])

  let trials = 16
  let trialShape = [Dim(trials)] + shape
  let mean = select(isLarge, rate, 10)
  let b = 0.931 + 2.53 * sqrt(mean)
  let a = -0.059 + 0.02483 * b
  let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
  let quick = 0.9277 - 3.6224 / (b - 2)
  let v = u(1, trialShape)
  let w = u(2, trialShape) - 0.5
  let us = 0.5 - abs(w)
  let k = floor((2 * a / us + b) * w + mean + 0.43)
  let isQuick = (us .>= 0.07) .& (v .<= quick)
  let isThere = (k .>= 0) .& ((us .>= 0.013) .| (v .<= us))
  let bound = k * log(mean) - mean - logGamma(maximum(k, 0) + 1)
  let isUnder = log(v * inverseAlpha / (a / square(us) + b)) .<= bound
  let many = firstAccepted(
    k.broadcast(to: trialShape), isQuick .| (isThere .& isUnder), trials: trials)
  return select(rate .== 0, 0, select(isLarge, many, few))
}

/// Binomially distributed numbers from the numbers of `u`; uses those of 0 to 2.
func binomialDraw(
  _ count: Expr, _ probability: Expr, _ shape: [Dim], _ u: (Int, [Dim]) -> Expr
) -> Expr {
  // By the rarer outcome.
  let isTurned = probability .> 0.5
  let p = select(isTurned, 1 - probability, probability)
  let isLarge = count * p .>= 10
  let one = Expr(1).settled(count.dtype)
  let smallP = select(isLarge .| (p .<= 0), 0.5 * one, p)
  let gaps = cumulativeSum(floor(log(u(0, [64] + shape)) / log1p(-smallP)) + 1, axis: 0)
  let counted = sum((gaps .<= count).cast(to: count.dtype), axes: [0])
  let few = select(p .<= 0, 0, counted)

  let trials = 16
  let trialShape = [Dim(trials)] + shape
  let n = select(isLarge, count, 40)
  let q = select(isLarge, p, 0.5 * one)
  let deviation = sqrt(n * q * (1 - q))
  let b = 1.15 + 2.53 * deviation
  let a = -0.0873 + 0.0248 * b + 0.01 * q
  let center = n * q + 0.5
  let quick = 0.92 - 4.2 / b
  let alpha = (2.83 + 5.1 / b) * deviation
  let mode = floor((n + 1) * q)
  let v = u(1, trialShape)
  let w = u(2, trialShape) - 0.5
  let us = 0.5 - abs(w)
  let k = floor((2 * a / us + b) * w + center)
  let isQuick = (us .>= 0.07) .& (v .<= quick)
  let isThere = (k .>= 0) .& (k .<= n)
  let safe = minimum(maximum(k, 0), n)
  let ratio = log(q / (1 - q))
  let bound =
    logGamma(mode + 1) + logGamma(n - mode + 1) - logGamma(safe + 1) - logGamma(n - safe + 1)
    + (safe - mode) * ratio
  let isUnder = log(v * alpha / (a / square(us) + b)) .<= bound
  let many = firstAccepted(
    safe.broadcast(to: trialShape), isThere .& (isQuick .| isUnder), trials: trials)
  let result = select(isLarge, many, few)
  return select(isTurned, count - result, result)
}
