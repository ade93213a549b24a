import Gnomon

/// The computations whose growth is measured. Odd sizes stand among the round ones.
let allFamilies: [Sweep.Family] =
  [
    Sweep.Family(
      "elementwise", unit: "an element",
      [
        10, 31, 100, 317, 1000, 3163, 10_000, 31_623, 100_000, 316_229, 1_000_000, 3_162_277,
        10_000_000, 31_622_777, 100_000_000,
      ]
    ) { n in
      Sweep.Size("\(n)", units: Double(n), [[n]]) { x in x[0] * sigmoid(x[0]) }
    }
  ] + productFamilies + convolutionFamilies + rowFamilies

private let productFamilies: [Sweep.Family] = [
  product(
    "matmul n, n, n",
    [
      8, 12, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 96, 127, 128, 129, 192, 255, 256, 257, 384,
      511,
      512, 513, 768, 1000, 1023, 1024, 1025, 1536, 2048, 3001, 4096,
    ]
  ) { n in (n, n, n) },
  product("matmul n, 16, n", skinny) { n in (n, 16, n) },
  product("matmul 16, n, n", skinny) { n in (16, n, n) },
  product("matmul n, n, 16", skinny) { n in (n, n, 16) },
  product("matmul 16, n, 16", skinny) { n in (16, n, 16) },
  product("matmul 1, n, n", skinny) { n in (1, n, n) },
  product("matmul n, n, 1", skinny) { n in (n, n, 1) },
]

private func thousands(_ multiplyAdds: Int) -> Double { Double(multiplyAdds) / 1000 }

private let skinny = [
  8, 16, 17, 31, 32, 64, 100, 127, 128, 255, 256, 511, 512, 1000, 1024, 2048, 3001, 4096,
]

/// - Parameter sizes: of n, the rows of the left operand, the reduced axis, and the columns of the right one.
private func product(
  _ name: String, _ values: [Int], sizes: (Int) -> (Int, Int, Int)
) -> Sweep.Family {
  Sweep.Family(name, unit: "1000 multiply-adds", values) { n in
    let (i, k, j) = sizes(n)
    return Sweep.Size("\(n)", units: thousands(i * k * j), [[i, k], [k, j]]) { x in
      matmul(x[0], x[1])
    }
  }
}

private let convolutionFamilies: [Sweep.Family] = [
  Sweep.Family(
    "conv 3x3, channels", unit: "1000 multiply-adds",
    [1, 2, 3, 4, 7, 8, 15, 16, 24, 32, 33, 48, 64, 96, 100, 128, 129, 192, 256, 512]
  ) { c in convolution("\(c)", images: 8, from: c, to: c) },
  Sweep.Family(
    "conv 3x3, 32 to 64, batch", unit: "1000 multiply-adds",
    [1, 2, 3, 4, 5, 8, 13, 16, 31, 32, 64, 100, 128, 256]
  ) { n in convolution("\(n)", images: n, from: 32, to: 64) },
  Sweep.Family(
    "gradient of conv 3x3, channels", unit: "1000 multiply-adds",
    [1, 3, 4, 8, 15, 16, 32, 33, 64, 100, 128, 256]
  ) { c in
    Sweep.Size(
      "\(c)", units: thousands(8 * 26 * 26 * 9 * c * c), [[8, 28, 28, c], [3, 3, c, c]]
    ) { x in gradient(of: sum(square(conv2d(x[0], x[1]))), withRespectTo: x[1]) }
  },
]

/// Windows of 3 by 3 over images of 28 by 28, without padding.
private func convolution(_ label: String, images: Int, from: Int, to: Int) -> Sweep.Size {
  Sweep.Size(
    label, units: thousands(images * 26 * 26 * 9 * from * to),
    [[images, 28, 28, from], [3, 3, from, to]]
  ) { x in conv2d(x[0], x[1]) }
}

private let lengths = [
  4, 7, 16, 31, 64, 100, 127, 257, 1000, 1023, 4096, 10_007, 65_536, 100_003, 500_000, 1_000_003,
  2_000_000,
]

private let rowFamilies: [Sweep.Family] = [
  overRows("softmax of rows") { softmax($0) },
  overRows("sum of rows") { sum($0, axes: 1) },
  overRows("sum of columns") { sum($0, axes: 0) },
]

/// About four million elements in rows of many lengths.
private func overRows(
  _ name: String, _ body: @escaping @Sendable (Expr) -> Expr
) -> Sweep.Family {
  Sweep.Family(name, unit: "an element", lengths) { n in
    let rows = Swift.max(1, 4_000_000 / n)
    return Sweep.Size("\(rows) x \(n)", units: Double(rows * n), [[rows, n]]) { x in body(x[0]) }
  }
}
