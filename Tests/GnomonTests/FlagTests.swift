import GnomonIR
import GnomonKernels
import GnomonNative
import GnomonTensors
import ProgramGenerator
import Testing

/// The emitted C under strict warnings and for other instruction sets.
@Suite struct FlagTests {
  /// No warning is allowed but the one that vectors wider than the machine's are passed in memory.
  static let strict = ["-Wall", "-Wextra", "-Werror", "-Wno-psabi"]

  static let targets: [(name: String, target: NativeFlags.Target, machine: GnomonKernels.Machine)] =
    {
      var all: [(String, NativeFlags.Target, GnomonKernels.Machine)] = [
        ("native", .native, .native)
      ]
      #if arch(x86_64)
        let features = GnomonNative.Machine.features
        if features.contains("avx512f") { all.append(("AVX-512", .avx512, .avx512)) }
        if features.contains("avx2") && features.contains("fma") {
          all.append(("AVX2", .avx2, .avx2))
        }
        all.append(("SSE2", .baseline, .sse2))
        // Wide vectors that the compiler has to take apart, and no fused multiply-add.
        all.append(("wide vectors without AVX", .baseline, .avx512))
      #endif
      return all
    }()

  private func run(
    _ graph: Graph, _ arguments: [Tensor], on number: Int, mode: NativeFlags.Mode = .fast,
    optimizes: Bool = false, extra: [String] = [], referee: Referee? = nil
  ) throws {
    let (name, target, machine) = Self.targets[number]
    let staged = try StagedProgram(graph, machine: machine, optimizes: optimizes)
    let loaded = try LoadedProgram(
      staged, flags: NativeFlags(mode, target: target, extra: Self.strict + extra))
    let results = try loaded.run(arguments)
    if var referee {
      #expect(referee.fault(in: results) == nil, "\(name)")
    } else if let fault = try fault(of: graph, results, arguments) {
      Issue.record("\(name): \(fault)\n\(graph.text())")
    }
  }

  @Test(arguments: targets.indices)
  func `the catalogue compiles without a warning and agrees for every target`(_ number: Int) throws
  {
    for part in 0..<4 {
      let generated = try Corpus.mixed(part, of: 4, seed: 91 + UInt64(part))
      try run(generated.graph, generated.arguments, on: number)
    }
  }

  @Test(arguments: targets.indices)
  func `elementwise ops compile without a warning and agree for every target`(_ number: Int) throws
  {
    for dtype in [DType.float32, .float64, .int32, .uint8, .bfloat16] {
      let arguments = [
        Corpus.nasty(dtype, 37, seed: 1), Corpus.nasty(dtype, 37, seed: 2),
        Corpus.nasty(.bool, 37, seed: 3),
      ]
      try run(Corpus.elementwise(dtype), arguments, on: number)
    }
  }

  @Test(arguments: targets.indices)
  func `large programs compile without a warning and agree for every target`(_ number: Int) throws {
    let (graph, arguments, referee) = try Corpus.large.get()
    try run(graph, arguments, on: number, optimizes: true, referee: referee)
  }

  /// What `compile` takes by default; the other tests take the mode that compiles sooner.
  @Test func `the best code agrees as well`() throws {
    let (graph, arguments, referee) = try Corpus.large.get()
    try run(graph, arguments, on: 0, mode: .best, optimizes: true, referee: referee)
    for part in 0..<4 {
      let generated = try Corpus.mixed(part, of: 4, seed: 391 + UInt64(part))
      try run(generated.graph, generated.arguments, on: 0, mode: .best)
    }
    for dtype in [DType.float32, .float64, .int64, .float16] {
      let arguments = [
        Corpus.nasty(dtype, 37, seed: 4), Corpus.nasty(dtype, 37, seed: 5),
        Corpus.nasty(.bool, 37, seed: 6),
      ]
      try run(Corpus.elementwise(dtype), arguments, on: 0, mode: .best)
    }
  }

  /// Undefined behaviour ends the process with a trap; so does an access behind a buffer or the
  /// workspace, by the pages that guard them.
  @Test(arguments: Set([0, targets.count - 1]).sorted())
  func `the catalogue and elementwise ops run without undefined behaviour`(_ number: Int) throws {
    let sanitizer = ["-fsanitize=undefined", "-fsanitize-trap=undefined"]
    for part in 0..<4 {
      let generated = try Corpus.mixed(part, of: 4, seed: 191 + UInt64(part))
      try run(generated.graph, generated.arguments, on: number, extra: sanitizer)
    }
    for dtype in [DType.float32, .int64, .int8, .float16] {
      let arguments = [
        Corpus.nasty(dtype, 37, seed: 1), Corpus.nasty(dtype, 37, seed: 2),
        Corpus.nasty(.bool, 37, seed: 3),
      ]
      try run(Corpus.elementwise(dtype), arguments, on: number, extra: sanitizer)
    }
  }
}
