import Testing

@testable import gnomon_bench

@Suite struct ReportTests {
  /// Two threads: 100 flops a second, and bytes slower from memory to memory.
  private let limits = MachineLimits(
    cpu: "a CPU", compiler: "a compiler", caches: [.first: 10, .second: 100, .third: 1000],
    rates: [
      MachineLimits.Rates(
        threads: 1, flops: 50, exponentials: 5,
        bandwidth: [.first: 20, .second: 10, .third: 5, .main: 1]),
      MachineLimits.Rates(
        threads: 2, flops: 100, exponentials: 10,
        bandwidth: [.first: 40, .second: 20, .third: 10, .main: 2]),
    ])

  @Test(arguments: [
    (20.0, MachineLimits.Memory.first), (21, .second), (200, .second), (201, .third),
    (1000, .third), (1001, .main),
  ])
  func `data lies in the smallest memory that holds it, the first two times the threads`(
    bytes: Double, memory: MachineLimits.Memory
  ) {
    #expect(limits.memory(holding: bytes) == memory)
  }

  @Test func `the floor is the longer of computing and moving, and says which`() {
    let computing = Floor(Work(flops: 300, bytes: 40), limits)
    #expect(computing.seconds == 3 && computing.bound == "flops")
    let moving = Floor(Work(flops: 300, bytes: 4000), limits)
    #expect(moving.seconds == 2000 && moving.bound == "memory")
  }

  @Test func `a level that is not known is passed over`() {
    var caches = limits.caches
    caches[.second] = nil
    let without = MachineLimits(cpu: "", compiler: "", caches: caches, rates: limits.rates)
    #expect(without.memory(holding: 30) == .third)
  }

  @Test func `a size dearer than both its neighbours is a cliff, a step is not`() {
    let cliffs = Sweep.cliffs([("8", 1), ("16", 1.6), ("17", 1), ("32", 2), ("64", 2)])
    #expect(cliffs.count == 1)
    #expect(cliffs.first?.contains("16") == true)
  }

  @Test func `the same rows make a terminal's table and a Markdown one`() {
    var table = Table([("name", 6), ("time", 5)])
    #expect(table.header == "name     time")
    #expect(table.add(["a", "1 s"]) == "a         1 s")
    #expect(table.markdown == "| name | time |\n| --- | ---: |\n| a | 1 s |")
  }

  @Test(arguments: [
    (2.0, "2.000 s"), (0.0123, "12.30 ms"), (4.5e-6, "4.500 µs"), (1.2345e-7, "123.5 ns"),
  ])
  func `times have four digits and a unit`(seconds: Double, text: String) {
    #expect(Shown.seconds(seconds) == text)
  }
}
