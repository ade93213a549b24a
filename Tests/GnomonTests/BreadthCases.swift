import Gnomon
import GnomonTensors

/// What other systems have by name, by the names of `scripts/breadth_values.py`.
enum BreadthCases {
  static let all: [ConformanceTests.Case] = [
    // The sign of NaN is left out: no rule fixes it.
    .init(name: "signs", tolerance: 0) { x in
      [isNegativeInfinity(x[0]), isPositiveInfinity(x[0]), signBit(x[0])]
    },
    .init(name: "division", tolerance: 0) { x in
      let both = quotientAndRemainder(x[0], x[1])
      return [trueDivide(x[0], x[1], dtype: .float64), both.quotient, both.remainder]
    },
    .init(name: "largest", tolerance: 0) { x in
      let both = maxAndArgmax(x[0], axis: 1)
      return [both.max, both.argmax]
    },
    .init(name: "scans") { x in
      [
        associativeScan(x[0], axis: 1) { maximum($0, $1) },
        associativeScan(x[0], axis: 2, reversed: true) { minimum($0, $1) },
        associativeScan(x[0], axis: 0) { $0 * $1 },
      ]
    },
    .init(name: "axes") { x in
      let x = x[0]
      let parts = x.unstacked(axis: 1)
      let (values, shapes) = packed([x[0], x[.all, 0, 0]])
      let back = unpacked(values, shapes: shapes)
      return [
        parts[0], parts[3], x.joinedAxes(1, 2), x.splitAxis(1, into: [2, 2]), values, back[0],
        back[1], rearranged(x, "a b c -> (a b) c"), rearranged(x, "a b c -> c (a b)"),
        rearranged(x, "a (b1 b2) c -> (a b2) (b1 c)", sizes: ["b1": 2]),
        rearranged(x, "a b c -> a c", reducing: .mean), rearranged(x, "a b c -> b", reducing: .max),
        broadcastTogether([x[.all, ..<1], x])[0], broadcastTogether([x, x[0]])[1],
      ]
    },
    .init(name: "depth", tolerance: 0) { x in
      let deep = depthToSpace(x[0], block: 2)
      return [deep, spaceToDepth(deep, block: 2)]
    },
    .init(name: "grids", tolerance: 0) { openGrid([$0[0], $0[1]]) },
    .init(name: "slices", tolerance: 0) { x in
      func at(_ places: [Int]) -> [Expr] {
        places.map { Expr.constant(Tensor(dtype: .int64, shape: [], doubles: [Double($0)])) }
      }
      return [
        dynamicSlice(x[0], starts: at([1, 2, 1]), sizes: [2, 2, 3]),
        // Starts that would lead outside are moved.
        dynamicSlice(x[0], starts: at([-5, 0, 9]), sizes: [2, 2, 3]),
        updatingSlice(x[0], x[1], starts: at([1, 2, 0])),
      ]
    },
    .init(name: "positions", tolerance: 0) { x in
      let mask = Expr.constant(Tensor([1, 0, 1, 1], dtype: .int32)) .> 0
      let columns = Expr.constant(Tensor([0, 1, 0, 1, 0], dtype: .int32)) .> 0
      let coordinates = unravelIndex(x[3], shape: [3, 4, 5])
      return nonzero(x[0], size: 16, fill: -1) + [
        compress(x[0], where: mask, size: 3), compress(x[0], where: columns, size: 3, axis: 1),
        fillingDiagonal(x[0], 9), fillingDiagonal(x[0], 9, offset: 1), inversePermutation(x[1]),
        putAlongAxis(x[0], x[2], 5, axis: 1), ravelIndex(coordinates, shape: [3, 4, 5]),
      ] + coordinates
    },
    .init(name: "unshared") { [locallyConnected2d($0[0], $0[1], size: [3, 2])] },
    .init(name: "separable1") {
      [separableConv1d($0[0], depthwise: $0[1], pointwise: $0[2])]
    },
    .init(name: "sumPool") { [sumPool2d($0[0], size: [3, 2])] },
    .init(name: "unpool", tolerance: 0) { x in
      let pooled = maxPool2dWithPositions(x[0], size: 2)
      return [
        maxUnpool2d(pooled.values, positions: pooled.positions, shape: x[0].shape, size: 2),
        pooled.values,
      ]
    },
    .init(name: "standardized") { [standardize($0[0], axes: [1, 2])] },
    .init(name: "grid") { [gridSample($0[0], $0[1])] },
    .init(name: "affine") { [affineTransform($0[0], $0[1])] },
    .init(name: "perspective") { [perspectiveTransform($0[0], $0[1])] },
    .init(name: "displaced") { [displaced($0[0], by: $0[1])] },
    .init(name: "ctcGreedy", tolerance: 0) { x in
      let found = ctcGreedyDecode(x[0], logitLengths: x[1])
      return [found.labels, found.lengths]
    },
    .init(name: "hierarchical") { x in
      [hierarchicalSoftmax(x[0], outer: (x[1], x[2]), inner: (x[3], x[4]))]
    },
    .init(name: "boxes", tolerance: 0) {
      [nonMaximumSuppression(boxes: $0[0], scores: $0[1], overlap: 0.3, size: 10)]
    },
  ]

  static let special: [ConformanceTests.Case] =
    [
      .init(name: "gammaP", tolerance: 2e-12) { x in
        let small = minimum(x[0], 20)
        return [
          gammaP(x[0], x[1]), gammaQ(x[0], x[1]), chiSquareSurvival(x[1], degreesOfFreedom: x[0]),
          select(x[0] .<= 20, lowerGamma(small, x[1]), gammaP(x[0], x[1]) * gamma(small)),
          select(x[0] .<= 20, upperGamma(small, x[1]), gammaQ(x[0], x[1]) * gamma(small)),
        ]
      },
      .init(name: "gammaInverse", tolerance: 1e-9) {
        [gammaPInverse($0[0], $0[1]), gammaQInverse($0[0], $0[1])]
      },
      .init(name: "betaI", tolerance: 1e-12) { [betaI($0[0], $0[1], $0[2])] },
      .init(name: "betaInverse", tolerance: 1e-11) { [betaIInverse($0[0], $0[1], $0[2])] },
      .init(name: "expi", tolerance: 1e-13) { [exponentialIntegral($0[0])] },
      .init(name: "sici", tolerance: 1e-13) { x in
        let both = sineCosineIntegrals(x[0])
        return [both.sine, both.cosine, sineCosineIntegrals(x[1]).sine]
      },
      .init(name: "spence", tolerance: 1e-13) { [spence($0[0])] },
      .init(name: "dawson", tolerance: 1e-12) { [dawson($0[0])] },
      .init(name: "fresnel", tolerance: 1e-12) { x in
        let both = fresnel(x[0])
        return [both.sine, both.cosine]
      },
      .init(name: "faddeeva", tolerance: 1e-11) { x in
        let both = faddeeva(x[0], x[1])
        return [both.real, both.imaginary]
      },
      .init(name: "owensT", tolerance: 1e-14) { [owensT($0[0], $0[1])] },
      .init(name: "besselIK", tolerance: 1e-11, isRelative: true) { x in
        [
          besselI(x[0], x[1]), besselIScaled(x[0], x[1]), besselK(x[0], x[1]),
          besselKScaled(x[0], x[1]),
        ]
      },
      .init(name: "hyp1f1", tolerance: 1e-10) { [hyp1f1($0[0], $0[1], $0[2])] },
      .init(name: "hyp2f1", tolerance: 1e-10) { [hyp2f1($0[0], $0[1], $0[2], $0[3])] },
    ]
    + [0, 1, 2, 5, 17].map { n in
      .init(name: "besselJ\(n)n", tolerance: 1e-12) { [besselJ(n, $0[0])] }
    }
}
