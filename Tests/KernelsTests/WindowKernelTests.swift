import GnomonIR
import GnomonKernels
import GnomonOperations
import GnomonTensors
import Testing

struct WindowKernelTests {
  static let strides: [Int] = [1, 2]
  static let paddings: [Padding] = [.valid, .same]

  @Test(arguments: strides, paddings) func `convolutions`(stride: Int, padding: Padding) throws {
    for (b, h, c, o) in [(1, 3, 1, 1), (2, 7, 3, 17), (0, 5, 2, 4), (2, 6, 4, 16)] {
      let x = [sample(b, h, h + 1, c), sample(3, 2, c, o, seed: 2)]
      try expectKernel(x, tolerance: 1e-4) {
        [conv2d($0[0], $0[1], strides: PerAxis(stride), padding: padding)]
      }
      try expectKernel(
        x, shapes: [["b", Dim(h), Dim(h + 1), Dim(c)], [3, 2, Dim(c), Dim(o)]], tolerance: 1e-4
      ) { [relu(conv2d($0[0], $0[1], strides: PerAxis(stride), padding: padding))] }
    }
  }

  @Test(arguments: strides, paddings) func `the largest and the mean of windows`(
    stride: Int, padding: Padding
  ) throws {
    for s in [[1, 2, 2, 1], [2, 7, 6, 17], [0, 4, 4, 3], [2, 5, 5, 16]] {
      try expectKernel([sample(s)]) {
        [maxPool2d($0[0], size: 2, strides: PerAxis(stride), padding: padding)]
      }
      try expectKernel([sample(s)], shapes: [["b"] + s[1...].map { Dim($0) }]) {
        [maxPool2d($0[0], size: 2, strides: PerAxis(stride), padding: padding)]
      }
    }
  }

  @Test func `maxima and their places in one region`() throws {
    for s in [[1, 2, 2, 1], [2, 7, 6, 17], [2, 5, 5, 16]] {
      try expectKernel([sample(s)]) { x in
        let y = maxPool2d(x[0], size: 2)
        return y.node.types.indices.map { Expr(node: y.node, index: $0) }
      }
    }
  }
}
