internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

// Convolutions and pooling.

let windowCases: [Case] = [
  Case("convolution/channels") {
    let images = Expr.input("images", .float32, ["batch", 28, 28, 3])
    let kernel = Expr.variable("kernel", .zeros(.float32, [3, 3, 1, 8]))
    return conv2d(images, kernel)
  },
  Case("convolution/kernel-too-large") {
    let images = Expr.input("images", .float32, ["batch", 4, 4, 1])
    let kernel = Expr.variable("kernel", .zeros(.float32, [5, 5, 1, 8]))
    return conv2d(images, kernel)
  },
  Case("convolution/rank") {
    let image = Expr.input("image", .float32, [28, 28, 1])
    let kernel = Expr.variable("kernel", .zeros(.float32, [3, 3, 1, 8]))
    return conv2d(image, kernel)
  },
  Case("convolution/stride") {
    let images = Expr.input("images", .float32, ["batch", 28, 28, 1])
    let kernel = Expr.variable("kernel", .zeros(.float32, [3, 3, 1, 8]))
    return conv2d(images, kernel, strides: 0)
  },
  Case("pooling/window") {
    let images = Expr.input("images", .float32, ["batch", 2, 2, 8])
    return maxPool2d(images, size: 3)
  },
]
