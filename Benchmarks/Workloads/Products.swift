import Gnomon

let products: [Workload] =
  [64, 256, 1024, 2048].map { n in
    .call("matmul_\(n)", [22, 23].map { Hashed.fill([n, n], $0, -1, 1) }) { x in
      [matmul(x[0], x[1])]
    }
  } + [
    .call(
      "dense_relu_128",
      [
        Hashed.fill([128, 784], 24, -1, 1), Hashed.glorot([784, 512], 25),
        Hashed.fill([512], 26, -0.1, 0.1),
      ]
    ) { x in [maximum(matmul(x[0], x[1]) + x[2], 0)] },
    .call(
      "bmm_64x128x64x128",
      [Hashed.fill([64, 128, 64], 27, -1, 1), Hashed.fill([64, 64, 128], 28, -1, 1)]
    ) { x in [matmul(x[0], x[1])] },
  ]
