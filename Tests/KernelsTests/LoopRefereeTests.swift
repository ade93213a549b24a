import GnomonIR
import GnomonKernels
import GnomonTensors
import Testing

/// What the interpreter of loop nests refuses: the bugs a schedule may have.
struct LoopRefereeTests {
  private let r = Register(0, .float32, lanes: 4)

  private func refusal(of body: [Statement], workers: Int = 1) throws -> String {
    let kernel = Kernel(
      name: "faulty",
      buffers: [
        Kernel.Buffer(.float32, .input, name: "x"), Kernel.Buffer(.float32, .output, name: "y"),
        Kernel.Buffer(.float32, .temporary(elements: 8, perWorker: false), name: "t"),
        Kernel.Buffer(.float32, .temporary(elements: 8, perWorker: true), name: "own"),
      ], body: body)
    let error = #expect(throws: InternalError.self) {
      try LoopInterpreter(kernel).run(
        buffers: [LoopBuffer(sample(8)), LoopBuffer(uninitialized: .float32, count: 8)],
        sizes: [:], workers: workers)
    }
    return error?.message ?? ""
  }

  private func load(_ buffer: Int, _ index: Dim, active: Dim? = nil) -> Statement {
    .assign(r, .load(Statement.Access(buffer, index, active: active)))
  }

  @Test func `accesses outside of a buffer`() throws {
    #expect(try refusal(of: [load(0, 5)]).contains("lane 3 loads element 8 of 8"))
    #expect(try refusal(of: [load(0, -1)]).contains("lane 0 loads element -1 of 8"))
    #expect(
      try refusal(of: [load(0, 0), .store(r, to: Statement.Access(1, 6))])
        .contains("lane 2 stores to element 8 of 8"))
  }

  @Test func `elements that were never written`() throws {
    #expect(try refusal(of: [load(2, 0)]).contains("never written"))
    #expect(try refusal(of: [load(1, 0)]).contains("never written"))
  }

  @Test func `writes to an operand`() throws {
    #expect(
      try refusal(of: [load(0, 0), .store(r, to: Statement.Access(0, 0))]).contains("operand"))
  }

  @Test func `several lanes in one element`() throws {
    #expect(
      try refusal(of: [load(0, 0), .store(r, to: Statement.Access(1, 0, stride: 0))])
        .contains("4 lanes store to one element"))
  }

  @Test func `workers that write the same elements or read each other's`() throws {
    func parallel(_ body: [Statement]) -> [Statement] {
      [.parallel(Statement.Parallel(lower: 0, upper: 1, count: 2, cost: 0, body))]
    }
    let write = [load(0, 0), Statement.store(r, to: Statement.Access(2, 0))]
    #expect(try refusal(of: parallel(write), workers: 2).contains("another worker writes"))
    let mixed = [
      load(0, 0), .store(r, to: Statement.Access(2, .axis(0) * 4)),
      load(2, 0),
    ]
    #expect(try refusal(of: parallel(mixed), workers: 2).contains("another worker writes"))
    // What a worker kept for itself is not there for the next.
    let own = [
      Statement.conditional(
        [.nonNegative(-.axis(0))], [load(0, 0), .store(r, to: Statement.Access(3, 0))]),
      load(3, 0),
    ]
    #expect(try refusal(of: parallel(own), workers: 2).contains("never written"))
    #expect(
      try refusal(of: [load(0, 0)] + parallel([load(0, 4)])).contains("share the register r0"))
  }

  @Test func `names that are not there`() throws {
    #expect(try refusal(of: [.store(r, to: Statement.Access(1, 0))]).contains("r0 is not defined"))
    #expect(try refusal(of: [load(0, .axis(3))]).contains("i3 is not open"))
    #expect(try refusal(of: [.bind(2, 0), .bind(2, 1)]).contains("i2 is bound twice"))
    #expect(try refusal(of: [load(0, "n")]).contains("size n has no value"))
    #expect(
      try refusal(of: [load(0, 0), .assign(Register(0, .float32, lanes: 8), .copy(r))])
        .contains("r0"))
  }

  @Test func `registers that a loop apart takes from outside`() throws {
    let (a, b) = (Register(0, .float32, lanes: 4), Register(1, .float32, lanes: 4))
    func apart(_ body: [Statement]) -> Statement {
      .loop(Statement.Loop(0, to: 1, isApart: true, body))
    }
    let copy = Statement.assign(b, .copy(a))
    let message = "a loop that stands apart uses the register r0 from outside"
    #expect(try refusal(of: [load(0, 0), apart([copy])]).contains(message))
    #expect(try refusal(of: [load(0, 0), apart([load(0, 4)])]).contains(message))
    let inner = Statement.loop(Statement.Loop(1, to: 1, [copy]))
    #expect(try refusal(of: [load(0, 0), apart([inner])]).contains(message))
    // What it defines itself is its own, in its inner loops too.
    let store = Statement.store(b, to: Statement.Access(1, 5))
    #expect(try refusal(of: [apart([load(0, 0), inner, copy, store])]).contains("of 8"))
  }
}
