import Foundation
import Gnomon
import GnomonTensors
import Testing

/// Markov chains in compiled loops, against what is known exactly; and generators in variables.
@Suite struct SamplingTests {
  init() { #expect(usesOwnCache) }

  private func moments(_ x: [Double]) -> (mean: Double, variance: Double) {
    let mean = x.reduce(0, +) / Double(x.count)
    return (mean, x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count))
  }

  @Test func `Gibbs sampling of a small Boltzmann machine finds its expectations`() throws {
    let (visible, hidden, chains) = (4, 3, 6000)
    let w = (0..<visible).map { i in (0..<hidden).map { j in 0.9 * cos(Double(3 * i + 5 * j)) } }
    let a = [0.2, -0.5, 0.1, 0.6]
    let b = [-0.3, 0.4, 0.2]
    // All 2^7 states.
    var total = 0.0
    var expected = [Double](repeating: 0, count: visible)
    var pair = 0.0
    for state in 0..<(1 << (visible + hidden)) {
      let v = (0..<visible).map { Double(state >> $0 & 1) }
      let h = (0..<hidden).map { Double(state >> ($0 + visible) & 1) }
      var energy =
        zip(a, v).reduce(0) { $0 + $1.0 * $1.1 } + zip(b, h).reduce(0) { $0 + $1.0 * $1.1 }
      for i in 0..<visible { for j in 0..<hidden { energy += v[i] * w[i][j] * h[j] } }
      let p = exp(energy)
      total += p
      for i in 0..<visible { expected[i] += p * v[i] }
      pair += p * v[0] * v[3]
    }
    let weights = Expr.constant(Tensor(w))
    let (va, hb) = (Expr.constant(Tensor(a)), Expr.constant(Tensor(b)))
    func drawn(_ p: Expr, _ key: RandomKey) -> Expr {
      (uniform(key: key, shape: p.shape, dtype: .float64) .< p).cast(to: .float64)
    }
    let key = Expr.input("key", .uint32, [2])
    let start = Expr.zeros(.float64, [Dim(chains), Dim(visible)])
    let last = scan(steps: 60, from: (start, key)) { v, words in
      let key = RandomKey(words)
      let h = drawn(sigmoid(matmul(v, weights) + hb), key.folded(1))
      let next = drawn(sigmoid(matmul(h, weights.transposed()) + va), key.folded(2))
      return (next, key.folded(0).expr)
    }.0.last
    let f = try compile(inputs: [key], outputs: [last], options: CompileOptions(mode: .fast))
    let v = try (f(RandomKey.words(seed: 11)) as Tensor).doubles
    for i in 0..<visible {
      let p = expected[i] / total
      let found = (0..<chains).reduce(0) { $0 + v[$1 * visible + i] } / Double(chains)
      #expect(abs(found - p) < 5 * (p * (1 - p) / Double(chains)).squareRoot(), "\(i)")
    }
    let p = pair / total
    let found =
      (0..<chains).reduce(0) { $0 + v[$1 * visible] * v[$1 * visible + 3] } / Double(chains)
    #expect(abs(found - p) < 5 * (p * (1 - p) / Double(chains)).squareRoot())
  }

  @Test func `Hamiltonian Monte Carlo finds the covariance of a Gaussian`() throws {
    let chains = 6000
    let precision = Expr.constant(Tensor([[2, -1], [-1, 1.5]] as [[Double]]))
    let center = Expr.constant(Tensor([3, -2] as [Double]))
    func energy(_ q: Expr) -> Expr {
      0.5 * sum((q - center) * matmul(q - center, precision), axes: [1])
    }
    func slope(_ q: Expr) -> Expr { gradient(of: sum(energy(q)), withRespectTo: q) }
    let key = Expr.input("key", .uint32, [2])
    let state = scan(
      steps: 40,
      from: [Expr.zeros(.float64, [Dim(chains), 2]), key, Expr.zeros(.float64, [Dim(chains)])]
    ) { s in
      let (q, key) = (s[0], RandomKey(s[1]))
      let p = normal(key: key.folded(1), shape: [Dim(chains), 2], dtype: .float64)
      let moved = scan(steps: 8, from: (q, p)) { q, p in
        let half = p - 0.15 * slope(q)
        let next = q + 0.3 * half
        return (next, half - 0.15 * slope(next))
      }
      let (there, momentum) = (moved.0.last, moved.1.last)
      let rise =
        energy(there) - energy(q) + 0.5 * sum(momentum * momentum - p * p, axes: [1])
      let isTaken = log(uniform(key: key.folded(2), shape: [Dim(chains)], dtype: .float64)) .< -rise
      return [
        select(isTaken.expanded(axis: 1), there, q), key.folded(0).expr,
        s[2] + isTaken.cast(to: .float64),
      ]
    }
    let f = try compile(
      inputs: [key], outputs: [state[0].last, mean(state[2].last) / 40],
      options: CompileOptions(mode: .fast))
    let found = try f.outputs([RandomKey.words(seed: 4)])
    let q = found[0].doubles
    let (x, y) = ((0..<chains).map { q[2 * $0] }, (0..<chains).map { q[2 * $0 + 1] })
    let (mx, my) = (moments(x), moments(y))
    let error = (1 / Double(chains)).squareRoot()
    // The covariance is the inverse of the precision: [[0.75, 0.5], [0.5, 1]].
    #expect(abs(mx.mean - 3) < 5 * 0.75.squareRoot() * error)
    #expect(abs(my.mean + 2) < 5 * error)
    #expect(abs(mx.variance - 0.75) < 5 * 0.75 * 2.0.squareRoot() * error)
    #expect(abs(my.variance - 1) < 5 * 2.0.squareRoot() * error)
    let shared = zip(x, y).reduce(0) { $0 + ($1.0 - mx.mean) * ($1.1 - my.mean) } / Double(chains)
    #expect(abs(shared - 0.5) < 5 * (0.75 + 0.25).squareRoot() * error)
    #expect(found[1].double(at: 0) > 0.9 && found[1].double(at: 0) < 1)
  }

  @Test func `a generator advances with each call, and only with those that succeed`() throws {
    let generator = RandomGenerator(seed: 9)
    let i = Expr.input("i", .int32, [1])
    let noise = uniform(key: generator.key.folded(0), shape: [4])
    let step = try compile(
      inputs: [i], outputs: [take(noise, i), noise], updates: [generator.update],
      options: CompileOptions(mode: .fast))
    func draw() throws -> [Double] { try step.outputs([Tensor([1] as [Int32])])[1].doubles }
    let first = try draw()
    let second = try draw()
    #expect(first != second)
    // What the same keys give by hand.
    let key = RandomKey(seed: 9)
    let expected = try evaluate(uniform(key: key.folded(-1).folded(0), shape: [4])).doubles
    #expect(try evaluate(uniform(key: key.folded(0), shape: [4])).doubles == first)
    #expect(expected == second)
    let before = generator.state.value
    #expect(throws: GnomonError.self) { _ = try step.outputs([Tensor([7] as [Int32])]) }
    #expect(generator.state.value.identical(to: before))
    let third = try draw()
    generator.state.value = before
    #expect(try draw() == third)
  }

  @Test func `random orthogonal matrices are orthogonal, and any direction is as likely`() throws {
    let key = Expr.input("key", .uint32, [2])
    let q = randomOrthogonal(key: RandomKey(key), size: 6, dtype: .float64)
    let f = try compile(
      inputs: [key], outputs: [q, matmul(q, q.transposed())], options: CompileOptions(mode: .fast))
    var (sum, square) = (0.0, 0.0)
    let count = 600
    for seed in 0..<count {
      let found = try f.outputs([RandomKey.words(seed: UInt64(seed))])
      for (n, e) in found[1].doubles.enumerated() {
        #expect(abs(e - (n % 7 == 0 ? 1 : 0)) < 1e-14)
      }
      let corner = found[0].double(at: 0)
      sum += corner
      square += corner * corner
    }
    // An element has mean 0 and variance 1/6; its square a variance of 3 / (6 · 8) - 1/36.
    #expect(abs(sum / Double(count)) < 5 * (1 / 6.0 / Double(count)).squareRoot())
    let spread = (3 / 48.0 - 1 / 36.0) / Double(count)
    #expect(abs(square / Double(count) - 1 / 6.0) < 5 * spread.squareRoot())
  }

  @Test func `bent images keep their sum of weights, and stay as they are without strength`() throws
  {
    let x = Tensor.uniform(.float32, [1, 12, 12, 1], seed: 5)
    let images = Expr.constant(x)
    let key = RandomKey(seed: 3)
    let same = try evaluate(elasticTransform(images, key: key, strength: 0)).doubles
    for (a, b) in zip(same, x.doubles) { #expect(abs(a - b) < 1e-5) }
    // Of ones, everything that does not come from outside stays one.
    let ones = Expr.ones(.float32, [1, 32, 32, 1])
    let bent = try evaluate(elasticTransform(ones, key: key, strength: 10, smoothness: 4))
    let inner = (0..<1024).filter { (8..<24).contains($0 / 32) && (8..<24).contains($0 % 32) }
    for k in inner { #expect(abs(bent.double(at: k) - 1) < 1e-5) }
    // A ramp shows the field: it is smooth, and not nothing.
    let ramp = Expr.iota(32, .float32).reshaped([1, 1, 32, 1]).broadcast(to: [1, 32, 32, 1])
    let moved = try evaluate(elasticTransform(ramp, key: key, strength: 10, smoothness: 4))
    let shifts = inner.map { moved.double(at: $0) - Double($0 % 32) }
    #expect(shifts.map(abs).max()! > 0.05)
    for k in 1..<shifts.count where inner[k] == inner[k - 1] + 1 {
      #expect(abs(shifts[k] - shifts[k - 1]) < 0.5)
    }
  }
}
