internal import GnomonIR
internal import GnomonTensors

extension Kernel {
  /// Lets whole vectors of buffers go to memory past the caches, where a run touches so many bytes
  /// that they would not stay there: a line that is written through the caches is read first.
  ///
  /// Only buffers that the kernel stores to and never reads qualify.
  ///
  /// - Parameters:
  ///   - candidates: buffers that nothing reads soon after the kernel.
  ///   - limit: the bytes of a run from which on it pays. They may depend on named sizes, so that
  ///     the choice is made in each call.
  mutating func stream(_ candidates: [Int], from limit: Int) {
    if let bytes = bytes.constant, bytes < limit { return }
    var stored: Set<Int> = []
    var other: Set<Int> = []
    func visit(_ s: Statement) {
      switch s {
      case .assign(_, .load(let a)): other.insert(a.buffer)
      case .assign(_, .gather(let buffer, _, _)): other.insert(buffer)
      case .assign, .prefetch, .check, .bind, .comment: break
      case .store(_, let a): stored.insert(a.buffer)
      case .loop(let l): l.body.forEach(visit)
      case .parallel(let p): p.body.forEach(visit)
      case .conditional(_, let body): body.forEach(visit)
      case .library(let body, let otherwise): (body + otherwise).forEach(visit)
      case .call(let c): other.formUnion([c.a.buffer, c.b.buffer, c.c])
      case .transpose(let t): other.formUnion([t.from, t.to])
      case .routine(let r):
        other.formUnion((r.operands + r.results).map(\.buffer))
        if let work = r.work { other.insert(work) }
      }
    }
    body.forEach(visit)
    let streamed = candidates.filter { stored.contains($0) && !other.contains($0) }
    guard !streamed.isEmpty else { return }
    streaming = Streaming(buffers: streamed, limit: limit)
  }
}
