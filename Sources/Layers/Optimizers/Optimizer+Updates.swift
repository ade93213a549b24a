public import Gnomon
package import GnomonIR

extension Optimizer {
  /// What a step changes, for `compile(updates:)`: the parameters and all that the optimizer remembers.
  ///
  /// - Parameters:
  ///   - parameters: variables of floating-point dtypes.
  ///   - loss: a scalar.
  @_transparent public func updates(of parameters: [Expr], loss: Expr) -> [(Expr, Expr)] {
    _updates(of: parameters, loss: loss, .here())
  }

  /// What a step changes, from gradients that are at hand: one for each parameter, not scaled.
  @_transparent public func updates(
    of parameters: [Expr], gradients: [Expr]
  ) -> [(Expr, Expr)] { _updates(of: parameters, gradients: gradients, .here()) }

  @usableFromInline func _updates(
    of parameters: [Expr], loss: Expr, _ at: Location
  ) -> [(Expr, Expr)] {
    prepare(for: parameters)
    return at.serving(name) {
      let scaled = factor.map { loss * $0.cast(to: loss.dtype) } ?? loss
      let gradients = gradient(of: scaled, withRespectTo: parameters)
      let unscaled = factor.map { f in gradients.map { $0 / f.cast(to: $0.dtype) } }
      return allSteps(parameters, unscaled ?? gradients)
    }
  }

  @usableFromInline func _updates(
    of parameters: [Expr], gradients: [Expr], _ at: Location
  ) -> [(Expr, Expr)] {
    prepare(for: parameters)
    return at.serving(name) { allSteps(parameters, gradients) }
  }

  /// What the loss is multiplied with.
  private var factor: Expr? {
    scale?.factor ?? options.lossScale.map { .full($0, .float32, []) }
  }

  /// The steps of the whole and of its parts.
  private func allSteps(_ parameters: [Expr], _ gradients: [Expr]) -> [(Expr, Expr)] {
    if let bad = gradients.first(where: \.isInvalid) { return [(iterations, bad)] }
    let isFinite = scale.map { _ in allFinite(gradients) }
    return divided(parameters, gradients).flatMap { optimizer, pairs in
      optimizer.steps(pairs.map(\.0), pairs.map(\.1), isFinite)
    }
  }

  /// - Parameter isFinite: whether all gradients are, where a loss scale asks for it.
  private func steps(
    _ parameters: [Expr], _ gradients: [Expr], _ isFinite: Expr?
  ) -> [(Expr, Expr)] {
    let states = parameters.compactMap(state)
    let next = iterations + 1
    let rate =
      isScheduled ? schedule.rate(at: iterations.cast(to: .float32)) : rateVariable
    // Steps count for the schedule, changes of the parameters for the rule.
    let accumulation = options.accumulationSteps
    let changes = accumulation > 1 ? iterations / Expr(Double(accumulation)) : iterations
    let bare = UpdateStep(
      rate: rate, number: (changes + 1).cast(to: .float32), shared: [], isScheduled: isScheduled)
    let newShared = rule.sharedUpdate(shared, bare)
    let step = UpdateStep(
      rate: rate, number: bare.number, shared: newShared, isScheduled: isScheduled)

    // When the step counts: all gradients are finite, and enough of them have come together.
    var gate = isFinite
    if accumulation > 1 {
      let isLast = next % Expr(Double(accumulation)) .== 0
      gate = gate.map { $0 .& isLast } ?? isLast
    }
    func gated(_ new: Expr, _ old: Expr) -> Expr { gate.map { select($0, new, old) } ?? new }

    var updates = [(iterations, isFinite.map { select($0, next, iterations) } ?? next)]
    if let scale, let isFinite { updates += scaleUpdates(scale, isFinite) }
    updates += zip(shared, newShared).map { ($0, gated($1, $0)) }

    let collected = zip(states, gradients).map { state, g in
      state.accumulated.map { ($0 + g) / Expr(Double(accumulation)) } ?? g
    }
    let clipped = clippedGradients(collected)
    for (i, state) in states.enumerated() {
      let p = state.parameter
      let own = step.cast(to: p.dtype)
      let decayed = decay(of: p).map { p - p * Expr($0) * own.rate } ?? p
      let update = rule.update(decayed, gradient: clipped[i], slots: state.slots, own)
      var new = gated(update.parameter, p)
      updates += zip(state.slots, update.slots).map { ($0, gated($1, $0)) }
      if let sum = state.accumulated {
        // What is not finite is not added either.
        let kept = gated(.zeros(p.dtype, p.shape), sum + gradients[i])
        updates.append((sum, isFinite.map { select($0, kept, sum) } ?? kept))
      }
      if let average = state.average, let (momentum, every) = options.averaging {
        let m = select(changes .== 0, Expr.full(0, .float32, []), Expr(momentum)).cast(to: p.dtype)
        let mixed = m * average + (1 - m) * new
        updates.append((average, mixed))
        if let every { new = select((changes + 1) % Expr(Double(every)) .== 0, mixed, new) }
      }
      updates.append((p, new))
    }
    return updates
  }

  private func decay(of p: Expr) -> Double? {
    let name = p.name ?? ""
    if options.undecayed.contains(where: { name.contains($0) }) { return nil }
    return rule.weightDecay(for: p) ?? options.weightDecay
  }

  private func clippedGradients(_ gradients: [Expr]) -> [Expr] {
    func length(_ g: Expr) -> Expr { sqrt(sum(square(g))) }
    switch options.clipping {
    case nil: return gradients
    case _ where gradients.isEmpty: return []
    case .value(let v): return gradients.map { clip($0, Expr(-v), Expr(v)) }
    case .norm(let n):
      return gradients.map { $0 * Expr(n) / maximum(length($0), Expr(n)) }
    case .globalNorm(let n):
      let squares = gradients.map { sum(square($0)).cast(to: .float32) }
      let all = sqrt(squares.dropFirst().reduce(squares[0]) { $0 + $1 })
      // Written so that a length that is not finite shows in all gradients.
      let factor = Expr(n) / maximum(all, Expr(n))
      return gradients.map { $0 * factor.cast(to: $0.dtype) }
    }
  }

  private func allFinite(_ gradients: [Expr]) -> Expr {
    let each = gradients.map { all(isFinite($0)) }
    return each.dropFirst().reduce(each[0]) { $0 .& $1 }
  }

  private func scaleUpdates(_ state: LossScaleState, _ isFinite: Expr) -> [(Expr, Expr)] {
    let growth = Double(options.dynamicScale?.growthSteps ?? 2000)
    let grows = state.goodSteps .== Expr(growth - 1)
    let factor = select(isFinite, select(grows, state.factor * 2, state.factor), state.factor * 0.5)
    let steps = select(isFinite .& .!grows, state.goodSteps + 1, 0)
    return [(state.factor, factor), (state.goodSteps, steps)]
  }
}
