internal import GnomonIR
internal import GnomonTensors

/// Several rows computed side by side: what one row does, with the statements of the next ones in turn,
/// within the same loops. What all rows load is loaded once, and no row waits for its own chain of
/// operations alone.
///
///     for i in rows { for j { a[i] += f(x[i], x[j]) } }
///     ->
///     for i in rows, by 2 { for j { y = x[j]; a[i] += f(x[i], y); a[i+1] += f(x[i+1], y) } }
///
/// Sums over the rows themselves are loaded and stored once for all of them, in the order of the rows:
///
///     for i in rows { for j { a[j] += x[i, j] } }
///     ->
///     for i in rows, by 2 { for j { t = a[j]; t += x[i, j]; t += x[i+1, j]; a[j] = t } }
///
/// Unroll and jam: Callahan, Carr, Kennedy, "Improving register allocation for subscripted variables",
/// PLDI 1990.
struct RowJam {
  /// The axis of the rows.
  private let axis: Int
  /// For every row but the first the registers that differ from the first one's.
  private var renamed: [[Int: Register]]
  private var builder: NestBuilder
  /// How often the statements assign to a register.
  private var assignments: [Int: Int] = [:]
  /// Registers loaded from a place that is the same for all rows, added to and stored there again: all
  /// rows add to the same register in turn.
  private var totals: Set<Int> = []
  private var loads: [Int: Statement.Access] = [:]
  private var isPossible = true

  /// The statements of `count` rows side by side, or nil where that cannot be done: where a loop's bounds
  /// depend on the row, or a row keeps values in memory of the worker.
  static func rows(
    _ count: Int, along axis: Int, _ row: [Statement], buffers: [Kernel.Buffer],
    in builder: inout NestBuilder
  ) -> [Statement]? {
    var jam = RowJam(axis, count, builder)
    jam.survey(row, buffers)
    let joined = jam.joined(row)
    builder = jam.builder
    return jam.isPossible ? joined : nil
  }

  private init(_ axis: Int, _ count: Int, _ builder: NestBuilder) {
    self.axis = axis
    self.builder = builder
    renamed = Array(repeating: [:], count: count - 1)
  }

  private mutating func survey(_ statements: [Statement], _ buffers: [Kernel.Buffer]) {
    for s in statements {
      switch s {
      case .assign(let r, let value):
        assignments[r.number, default: 0] += 1
        if case .load(let place) = value { loads[r.number] = place }
      case .store(let r, let place):
        guard case .temporary = buffers[place.buffer].role else { continue }
        let isSame = moved(place, 0) == place && place.index.loadedReads.isEmpty
        if isSame, loads[r.number] == place {
          totals.insert(r.number)
        } else {
          isPossible = false
        }
      case .loop(let loop):
        // A function of its own takes no registers along.
        if loop.isApart { isPossible = false }
        survey(loop.body, buffers)
      case .conditional(_, let body): survey(body, buffers)
      case .prefetch, .bind, .comment: break
      case .parallel, .check, .call, .transpose, .routine, .library: isPossible = false
      }
    }
  }

  private mutating func joined(_ statements: [Statement]) -> [Statement] {
    var result: [Statement] = []
    for s in statements {
      switch s {
      case .loop(var loop):
        for k in renamed.indices
        where moved(loop.from, k) != loop.from || moved(loop.to, k) != loop.to {
          isPossible = false
        }
        loop.body = joined(loop.body)
        result.append(.loop(loop))
      case .conditional(let guards, let body):
        if renamed.indices.allSatisfy({ k in guards.map { $0.mapped { moved($0, k) } } == guards })
        {
          result.append(.conditional(guards, joined(body)))
        } else {
          result.append(s)
          for k in renamed.indices { result.append(copy(s, k)) }
        }
      case .bind(_, let d):
        for k in renamed.indices where moved(d, k) != d { isPossible = false }
        result.append(s)
      case .assign(let r, let value) where totals.contains(r.number):
        result.append(s)
        if case .load = value { continue }
        for k in renamed.indices { result.append(.assign(r, moved(value, k))) }
      case .store(let r, _) where totals.contains(r.number): result.append(s)
      case .assign(let r, let value):
        result.append(s)
        for k in renamed.indices {
          // The same value as the first row's, unless it is a variable's first one.
          if moved(value, k) == value, assignments[r.number] == 1 { continue }
          result.append(copy(s, k))
        }
      case .comment: result.append(s)
      default:
        result.append(s)
        for k in renamed.indices { result.append(copy(s, k)) }
      }
    }
    return result
  }

  /// The statement for the row `k + 1` rows on.
  private mutating func copy(_ s: Statement, _ k: Int) -> Statement {
    switch s {
    case .assign(let r, let value):
      let value = moved(value, k)
      let own = renamed[k][r.number] ?? builder.register(r.dtype, lanes: r.lanes)
      renamed[k][r.number] = own
      return .assign(own, value)
    case .store(let r, let place): return .store(register(r, k), to: moved(place, k))
    case .prefetch(let buffer, let d): return .prefetch(buffer: buffer, moved(d, k))
    case .conditional(let guards, let body):
      return .conditional(guards.map { $0.mapped { moved($0, k) } }, body.map { copy($0, k) })
    default:
      // A loop whose guard depends on the row.
      isPossible = false
      return s
    }
  }

  private func register(_ r: Register, _ k: Int) -> Register { renamed[k][r.number] ?? r }

  private func moved(_ d: Dim, _ k: Int) -> Dim {
    d.substituting { atom in
      switch atom {
      case .axis(axis): .axis(axis) + Dim(k + 1)
      case .loaded(let r): renamed[k][r].map { Dim(.loaded($0.number)) }
      default: nil
      }
    }
  }

  private func moved(_ place: Statement.Access, _ k: Int) -> Statement.Access {
    var new = place
    new.index = moved(place.index, k)
    new.stride = moved(place.stride, k)
    new.active = place.active.map { moved($0, k) }
    new.guards = place.guards.map { $0.mapped { moved($0, k) } }
    return new
  }

  private func moved(_ value: Statement.Value, _ k: Int) -> Statement.Value {
    switch value {
    case .op(let op, let arguments): .op(op, arguments.map { register($0, k) })
    case .load(let place): .load(moved(place, k))
    case .gather(let buffer, let index, let active):
      .gather(buffer: buffer, index: register(index, k), active: active.map { moved($0, k) })
    case .splat(let r): .splat(register(r, k))
    case .index(let d, let step): .index(moved(d, k), step: moved(step, k))
    case .lanesBelow(let d): .lanesBelow(moved(d, k))
    case .reduceLanes(let op, let r): .reduceLanes(op, register(r, k))
    case .copy(let r): .copy(register(r, k))
    case .interleave(let parts, let part): .interleave(parts.map { register($0, k) }, part: part)
    }
  }
}
