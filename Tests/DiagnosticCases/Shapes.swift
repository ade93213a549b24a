internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

// Shapes, axes, slices, reductions.

let shapeCases: [Case] = [
  Case("shape/negative-size") { Expr.input("x", .float32, [3, -4]) },
  Case("shape/too-many-elements") {
    let x = Expr.variable("x", .zeros(.float32, [16_384, 1]))
    return (x * x.transposed()).broadcast(to: [33_554_432, 16_384, 16_384])
  },
  Case("reshape/count") {
    let x = Expr.input("x", .float32, [6, 4])
    return x.reshaped([5, 5])
  },
  Case("reshape/named-count") {
    let x = Expr.input("x", .float32, ["batch", 784])
    return x.reshaped(["batch", 28, 30])
  },
  Case("reshape/no-whole-rest") {
    let x = Expr.input("x", .float32, [10, 3])
    return x.reshaped([4, -1])
  },
  Case("reshape/two-rests") {
    let x = Expr.input("x", .float32, [10, 3])
    return x.reshaped([-1, -1])
  },
  Case("axis/out-of-range") {
    let x = Expr.input("x", .float32, ["batch", 784])
    return sum(x, axes: 2)
  },
  Case("axis/given-twice") {
    let x = Expr.input("x", .float32, ["batch", 784])
    return mean(x, axes: 1, -1)
  },
  Case("axis/of-a-size") {
    let x = Expr.input("x", .float32, ["batch", 784])
    return size(of: x, axis: 5).cast(to: .float32) * x
  },
  Case("axis/expanded") {
    let x = Expr.input("x", .float32, ["batch", 784])
    return x.expanded(axis: 4)
  },
  Case("axis/squeezed") {
    let x = Expr.input("x", .float32, ["batch", 784])
    return x.squeezed(axis: 1)
  },
  Case("permute/not-an-order") {
    let x = Expr.input("x", .float32, ["batch", 28, 28])
    return x.permuted(2, 1)
  },
  Case("transpose/vector") {
    let v = Expr.input("v", .float32, [3])
    return v.transposed()
  },
  Case("reduction/empty-maximum") {
    let x = Expr.input("x", .float32, ["batch", 0])
    return max(x, axes: 1)
  },
  Case("reduction/any-of-floats") {
    let x = Expr.input("x", .float32, ["batch"])
    return any(x)
  },
  Case("argmax/axis") {
    let logits = Expr.input("logits", .float32, ["batch", 10])
    return argmax(logits, axis: 2)
  },
  Case("concatenate/sizes") {
    let a = Expr.input("a", .float32, ["batch", 3])
    let b = Expr.input("b", .float32, ["batch", 4])
    return concatenate([a, b], axis: 0)
  },
  Case("concatenate/dtypes") {
    let a = Expr.input("a", .float32, ["batch", 3])
    let n = Expr.input("n", .int32, ["batch", 3])
    return concatenate([a, n], axis: 0)
  },
  Case("concatenate/nothing") { concatenate([], axis: 0) },
  Case("slice/index-out-of-range") {
    let x = Expr.input("x", .float32, [10, 4])
    return x[10]
  },
  Case("slice/index-before-start") {
    let x = Expr.input("x", .float32, [10, 4])
    return x[-11]
  },
  Case("split/sizes") {
    let x = Expr.input("x", .float32, [10, 4])
    return x.split(sizes: [3, 4])
  },
  Case("slice/too-many-indices") {
    let x = Expr.input("x", .float32, [10, 4])
    return x[0, 1, 2]
  },
  Case("split/parts") {
    let x = Expr.input("x", .float32, [10, 4])
    return x.split(parts: 3, axis: 0)
  },
  Case("pad/widths") {
    let x = Expr.input("x", .float32, [10, 4])
    return x.padded([(1, 1)])
  },
]
