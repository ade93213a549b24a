import Gnomon
import Testing

@testable import gnomon_bench

@Suite struct MeasurementTests {
  @Test func `the C measures every limit of this machine`() throws {
    let limits = try MachineLimits.measure()
    #expect(!limits.rates.isEmpty)
    for rates in limits.rates {
      // Slower than this is no machine; faster than this, the compiler has removed the work.
      #expect((1e8...1e14).contains(rates.flops))
      #expect((1e6...1e13).contains(rates.exponentials))
      #expect(rates.bandwidth.count == limits.caches.count + 1)
      for (memory, bytes) in rates.bandwidth { #expect((1e8...1e14).contains(bytes), "\(memory)") }
    }
  }

  @Test func `inputs are those of the description`() throws { try Hashed.verify() }

  @Test func `a row has the work of its plan and the check of its results`() throws {
    let doubled = Workload.call("doubled", [Hashed.fill([1000], 1, -1, 1)]) { x in [x[0] + x[0]] }
    let found = try Bench(budget: 0).measure(doubled)
    #expect(found.work.flops == 1000)
    #expect(found.work.bytes == 8000)
    #expect(found.check == summary(Hashed.fill([1000], 1, -2, 2)))
    #expect(found.times.repetitions == 5)
    #expect(found.times.least <= found.times.median && found.times.median <= found.times.ninetieth)
  }

  @Test func `the gradient of a strided convolution counts no products with its holes`() throws {
    let given: [Tensor] = [[2, 9, 9, 4], [3, 3, 4, 8], [2, 4, 4, 8]].map {
      Hashed.fill(Shape($0), 1, -1, 1)
    }
    let workload = Workload.call("gradient", given) { x in
      let loss = sum(conv2d(x[0], x[1], strides: 2) * x[2])
      return [gradient(of: loss, withRespectTo: x[0])]
    }
    let found = try Bench(budget: 0).measure(workload)
    // As many as forward: each output meets each window element, input and output channel.
    #expect(found.work.flops == 2 * 2 * 4 * 4 * 3 * 3 * 4 * 8)
  }
}
