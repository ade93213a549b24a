import GnomonIR
import GnomonKernels
import GnomonOperations
import GnomonTensors
import Testing

struct IndexKernelTests {
  @Test(arguments: [[0, 3], [1, 1], [3, 17], [20, 16]]) func `concatenation writes boxes`(
    s: [Int]
  ) throws {
    let x = [sample(s), sample([s[0] + 2, s[1]], seed: 2), sample([s[0], 5], seed: 3)]
    try expectKernel(x) { [concatenate([$0[0], $0[1], $0[0]], axis: 0)] }
    try expectKernel(x) { [concatenate([$0[0], $0[2]], axis: 1)] }
    try expectKernel(x, shapes: [["m", "n"], ["k", "n"], ["m", 5]]) {
      [concatenate([$0[0], $0[1]], axis: 0)]
    }
    try expectKernel(x, shapes: [["m", "n"], ["k", "n"], ["m", 5]]) {
      [concatenate([$0[2], $0[0]], axis: 1)]
    }
  }

  @Test func `more parts than a set has axes`() throws {
    let parts = (0..<70).map { sample(2, $0 % 3, 2, seed: UInt64($0)) }
    try expectKernel(parts, machines: [.avx512]) { [concatenate($0, axis: 1)] }
    let rows = (0..<40).map { sample(2, 3, seed: UInt64($0)) }
    try expectKernel(rows, machines: [.avx512]) { [stack($0)] }
  }

  @Test(arguments: [[1, 1], [3, 17], [20, 16]]) func `padding and triangles`(s: [Int]) throws {
    for shapes in [nil, [["m", "n"]]] as [[[Dim]]?] {
      try expectKernel([sample(s)], shapes: shapes) {
        [$0[0].padded([(1, 2), (3, 0)], value: 7) * 2]
      }
      try expectKernel([sample(s)], shapes: shapes) { [tril($0[0]) + triu($0[0], diagonal: 1) * 2] }
      try expectKernel([sample(s)], shapes: shapes) { [$0[0].flipped(axes: 1) * 3] }
    }
  }

  @Test(arguments: [[1, 1, 1], [3, 17, 5], [20, 16, 33]]) func `rows and columns are gathered`(
    s: [Int]
  ) throws {
    let x = sample(s[0], s[1])
    for (axis, dtype) in [(0, DType.int64), (1, .int32)] {
      let places = (0..<s[2]).map { Int64($0 * 7 % s[axis]) }
      let indices = Tensor(dtype: dtype, shape: [s[2]], integers: places)
      for shapes in [nil, [["m", "n"], ["k"]]] as [[[Dim]]?] {
        try expectKernel([x, indices], shapes: shapes) {
          [.make(Gather(axis: axis), $0, at: .unknown) * 2]
        }
      }
    }
  }

  @Test func `an index out of range touches no memory`() throws {
    let x = [sample(3, 4), Tensor(dtype: .int64, shape: [2], integers: [0, 3])]
    let region = try KernelReferee.region(x) { [.make(Gather(axis: 0), $0, at: .unknown)] }
    let kernel = try Kernel(region, name: "gather", machine: .avx2)
    #expect(throws: InternalError.self) {
      try LoopInterpreter(kernel).run(
        buffers: x.map { LoopBuffer($0) } + [LoopBuffer(uninitialized: .float32, count: 8)],
        sizes: [:])
    }
  }

  @Test func `a failed check names value, position and bound`() throws {
    let index = Register(0, .int64, lanes: 4)
    let kernel = Kernel(
      name: "check", buffers: [Kernel.Buffer(.int64, .input, name: "i")],
      body: [
        .assign(index, .load(Statement.Access(0, 0))),
        .check(index, bound: "n", position: 10, location: 3),
      ])
    let i = LoopBuffer(Tensor(dtype: .int64, shape: [4], integers: [0, 4, 5, 1]))
    #expect(throws: LoopIndexFailure(value: 5, position: 12, bound: 5, location: 3)) {
      try LoopInterpreter(kernel).run(buffers: [i], sizes: ["n": 5])
    }
  }
}
