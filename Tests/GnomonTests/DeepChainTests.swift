import Foundation
import Gnomon
import GnomonEmission
import GnomonIR
import GnomonKernels
import GnomonPasses
import Synchronization
import Testing

/// Very long expressions.
@Suite struct DeepChainTests {
  private static func chain(_ depth: Int) throws -> [Double] {
    let x = Expr.input("x", .float64, [3])
    var y = x
    for i in 0..<depth { y = i % 2 == 0 ? y + x : y - x }
    let graph = try Graph.build(name: "deep", inputs: [x], results: [y])
    let optimized = try Pipeline(verifies: false).run(graph)
    // Hundreds of kernels, most of them equal.
    let program = try Program(Pass.fuse.run(optimized), machine: .avx512)
    guard program.steps.count > 100, EmittedProgram(program).units[0].contains("gn_entry") else {
      return []
    }
    return try Interpreter(optimized).run([Tensor([1.0, 2, 3])])[0].doubles
  }

  @Test
  func
    `50,000 nodes in a chain build, optimize, fuse, become C and run on a thread with a small stack`()
  {
    let result = Mutex<[Double]?>(nil)
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      let found = try? Self.chain(50_000)
      result.withLock { $0 = found }
      done.signal()
    }
    thread.stackSize = 512 << 10
    thread.start()
    done.wait()
    #expect(result.withLock { $0 } == [1, 2, 3])
  }
}
