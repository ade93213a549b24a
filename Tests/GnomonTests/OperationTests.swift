import Foundation
import GnomonIR
import GnomonKernels
import GnomonOperations
import GnomonTensors
import ProgramGenerator
import Testing

/// Every op: the reference, loop nests and C agree, with one thread and two.
@Suite struct OperationTests {
  /// Empty, one, around the widths of vectors, and more than one unit of a parallel loop.
  static let sizes = [0, 1, 15, 16, 17, 33, 8200]

  @Test(arguments: DType.allCases)
  func `elementwise ops agree in all stages on nasty numbers`(_ dtype: DType) throws {
    let graph = try Corpus.elementwise(dtype)
    let staged = try StagedProgram(graph, optimizes: false)
    let loaded = try LoadedProgram(staged)
    for n in Self.sizes {
      let arguments = [
        Corpus.nasty(dtype, n, seed: 1), Corpus.nasty(dtype, n, seed: 2),
        Corpus.nasty(.bool, n, seed: 3),
      ]
      let expected = try Interpreter(graph).run(arguments)
      let one = try loaded.run(arguments)
      let two = try loaded.run(arguments, threads: 2)
      // The interpreter of loops is slow: the large size is for threads.
      let loops = n > 100 ? one : try staged.runLoops(arguments)
      for (r, instruction) in graph.instructions.enumerated() {
        let what = "\(instruction.op.mnemonic) of \(n) \(dtype.irName)"
        #expect(sameBits(one[r], loops[r]), "\(what): \(firstDifference(one[r], loops[r]))")
        #expect(one[r].identical(to: two[r]), "\(what): two threads")
        let fault = ElementwiseReferee.fault(
          of: instruction.op, one[r], expected: expected[r], arguments)
        #expect(fault == nil, "\(what): \(fault ?? "")")
      }
    }
  }

  @Test(arguments: 0..<8)
  func `every step of the catalogue is the same bits in C and as loop nests`(
    _ number: Int
  ) throws {
    let generated = try Corpus.mixed(number, of: 8, seed: UInt64(number) * 31 + 7)
    let arguments = generated.arguments
    var referee = try Referee(generated.graph, arguments)
    let staged = try StagedProgram(generated.graph, optimizes: false)
    let loops = try staged.runLoops(arguments)
    if let fault = referee.fault(in: loops) { Issue.record("\(fault)\n\(generated.graph.text())") }
    let loaded = try LoadedProgram(staged)
    let one = try loaded.run(arguments)
    for (a, b) in zip(one, loops) { #expect(sameBits(a, b), "\(firstDifference(a, b))") }
    for (a, b) in zip(one, try loaded.run(arguments, threads: 2)) { #expect(a.identical(to: b)) }
  }

  /// The dtypes that random programs seldom have.
  static let rare: [DType] = [
    .float16, .bfloat16, .int8, .int16, .uint8, .uint16, .uint32, .uint64,
  ]

  @Test(arguments: rare, 0..<2)
  func `every step of the catalogue is the same bits in C and as loop nests for rare dtypes`(
    _ dtype: DType, _ half: Int
  ) throws {
    let generated = try Corpus.mixed(
      half, of: 2, seed: UInt64(half) * 17 + 3, dtypes: [dtype, dtype, dtype, dtype, .int64, .bool])
    let arguments = generated.arguments
    var referee = try Referee(generated.graph, arguments)
    let staged = try StagedProgram(generated.graph, optimizes: false)
    let loops = try staged.runLoops(arguments)
    if let fault = referee.fault(in: loops) { Issue.record("\(fault)\n\(generated.graph.text())") }
    let one = try LoadedProgram(staged).run(arguments)
    for (a, b) in zip(one, loops) { #expect(sameBits(a, b), "\(firstDifference(a, b))") }
  }

  /// Four vectors share the blocks of random words where they begin with one; rows of 70 and of 3 do not.
  @Test(
    arguments: [
      [70], [3, 64], [2, 5, 68], [3, 70], [2, 130, 3], ["n"], ["n", 68], [2, "n"], [9000],
    ] as [[Dim]])
  func `random words are those of their positions wherever vectors begin`(shape: [Dim]) throws {
    let key = Expr.input("key", .uint32, [2])
    let x = Expr.input("x", .float32, shape)
    let drawn = uniform(key: RandomKey(key), shape: shape)
    let kept = select(drawn .< 0.25, 0, x)
    let graph = try Graph.build(
      name: "draw", inputs: [key, x],
      results: [drawn, kept, sum(drawn * 0.5, axes: [shape.count - 1])])
    let sizes = shape.map { $0.constant ?? 133 }
    let arguments = [
      Tensor([UInt32(7), 0xFFFF_FFFF]), Tensor.normal(.float32, sizes, seed: 3),
    ]
    var referee = try Referee(graph, arguments)
    let staged = try StagedProgram(graph)
    let loaded = try LoadedProgram(staged)
    let one = try loaded.run(arguments)
    if let fault = referee.fault(in: one) { Issue.record("\(fault)") }
    for (a, b) in zip(one, try loaded.run(arguments, threads: 2)) { #expect(a.identical(to: b)) }
    if sizes.reduce(1, *) < 1000 {
      for (a, b) in zip(one, try staged.runLoops(arguments)) {
        #expect(sameBits(a, b), "\(firstDifference(a, b))")
      }
    }
  }

  @Test(arguments: DType.allCases.filter { $0.isInteger })
  func `quotients by powers of two are rounded down`(dtype: DType) throws {
    let x = Expr.input("x", dtype, ["n"])
    let bits = dtype.byteCount * 8 - 1
    let powers = [0, 1, 3, bits - 1].map {
      Expr.constant(Tensor(dtype: dtype, shape: [], bits: [1 << UInt64($0)]))
    }
    let graph = try Graph.build(
      name: "powers", inputs: [x], results: powers.flatMap { [floorDivide(x, $0), x % $0] })
    let arguments = [Corpus.nasty(dtype, 50, seed: 4)]
    let staged = try StagedProgram(graph, optimizes: false)
    let expected = try Interpreter(graph).run(arguments)
    let results = try LoadedProgram(staged).run(arguments)
    for (a, b) in zip(results, expected) {
      #expect(a.identical(to: b), "\(firstDifference(a, b))")
    }
  }

  @Test func `both workers run their part of a large loop`() throws {
    let x = Expr.input("x", .float32, ["n", "m"])
    let graph = try Graph.build(
      name: "large", inputs: [x], results: [tanh(x) * 2, softmax(x), sum(exp(x), axes: 0), sum(x)])
    let loaded = try LoadedProgram(StagedProgram(graph))
    let argument = Tensor.normal(.float32, [2000, 300], seed: 5)
    var alone: [UInt64] = [0]
    let one = try loaded.run([argument], threads: 1, counters: &alone)
    var counts: [UInt64] = [0, 0]
    // The pool serves one user thread at a time: another test may have it just now. And on a busy
    // machine one worker may have done all before the other is awake.
    for attempt in 0..<10_000 where counts.contains(0) {
      if attempt > 0 { usleep(1000) }
      let two = try loaded.run([argument], threads: 2, counters: &counts)
      for (a, b) in zip(one, two) { #expect(a.identical(to: b)) }
    }
    #expect(alone[0] > 0)
    #expect(counts[0] > 0 && counts[1] > 0, "\(counts)")
  }
}
