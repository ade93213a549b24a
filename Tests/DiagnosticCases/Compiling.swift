internal import Gnomon
internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

// What `compile` refuses, and calls of what it gives (run by the interpreter, which needs no clang).

let compilingCases: [Case] = [
  Case("compile/unlisted-input") { () throws -> [Expr] in
    let x = Expr.input("x", .float32, ["n"])
    let y = Expr.input("y", .float32, ["n"])
    _ = try compile(inputs: [x], outputs: [x + y])
    return []
  },
  Case("compile/input-twice") { () throws -> [Expr] in
    let x = Expr.input("x", .float32, ["n"])
    _ = try compile(inputs: [x, x], outputs: [x * x])
    return []
  },
  Case("compile/not-an-input") { () throws -> [Expr] in
    let x = Expr.input("x", .float32, [10])
    let w = Expr.variable("w", .zeros(.float32, [10]))
    _ = try compile(inputs: [x, w, x * w], outputs: [x + w])
    return []
  },
  Case("compile/update-twice") { () throws -> [Expr] in
    let w = Expr.variable("w", .zeros(.float32, [10]))
    _ = try compile(outputs: [sum(w)], updates: [w: w + 1, w: w * 2])
    return []
  },
  Case("compile/update-of-another-type") { () throws -> [Expr] in
    let w = Expr.variable("w", .zeros(.float32, [10]))
    _ = try compile(outputs: [], updates: [w: sum(w)])
    return []
  },
  Case("compile/update-not-variable") { () throws -> [Expr] in
    let x = Expr.input("x", .float32, [10])
    _ = try compile(inputs: [x], outputs: [], updates: [x: x + 1])
    return []
  },
  Case("compile/given-of-another-type") { () throws -> [Expr] in
    let x = Expr.input("x", .float32, ["n", 3])
    let y = Expr.input("y", .float32, ["n", 4])
    _ = try compile(inputs: [y], outputs: [sum(x)], givens: [x: y])
    return []
  },
  Case("compile/name-twice") { () throws -> [Expr] in
    let x = Expr.input("x", .float32, ["n"])
    let other = Expr.input("x", .float32, ["n"])
    _ = try compile(inputs: [x, other], outputs: [x + other])
    return []
  },
  Case("compile/unknown-dimension") { () throws -> [Expr] in
    let x = Expr.input("x", .float32, [])
    _ = try compile(inputs: [x], outputs: [x.broadcast(to: ["n", 3])])
    return []
  },
  Case("compile/nothing") { () throws -> [Expr] in
    _ = try compile(inputs: [Expr.input("x", .float32, [])], outputs: [])
    return []
  },
  Case("compile/all-mistakes-at-once") { () throws -> [Expr] in
    let x = Expr.input("x", .float32, ["batch", 784])
    let w = Expr.variable("w", .zeros(.float32, [10, 784]))
    let logits = matmul(x, w)
    let loss = mean(square(logits)) + sum(x / Expr.variable("scale", .zeros(.float32, [28])))
    _ = try compile(inputs: [x, x], outputs: [loss], updates: [x: x])
    return []
  },
  Case("run/argument-count") { () throws -> [Expr] in
    try interpreted { _ = try $0(.zeros(.float32, [2, 3])) as Tensor }
    return []
  },
  Case("run/argument-dtype") { () throws -> [Expr] in
    try interpreted { _ = try $0(.zeros(.float64, [2, 3]), .zeros(.int32, [2])) as Tensor }
    return []
  },
  Case("run/argument-rank") { () throws -> [Expr] in
    try interpreted { _ = try $0(.zeros(.float32, [3]), .zeros(.int32, [2])) as Tensor }
    return []
  },
  Case("run/argument-size") { () throws -> [Expr] in
    try interpreted { _ = try $0(.zeros(.float32, [2, 4]), .zeros(.int32, [2])) as Tensor }
    return []
  },
  Case("run/dimension-conflict") { () throws -> [Expr] in
    try interpreted { _ = try $0(.zeros(.float32, [128, 3]), .zeros(.int32, [64])) as Tensor }
    return []
  },
  Case("run/label-out-of-range") { () throws -> [Expr] in
    try interpreted { _ = try $0(.zeros(.float32, [2, 3]), Tensor([0, 7] as [Int32])) as Tensor }
    return []
  },
]

/// Calls a loss over three classes.
private func interpreted(_ call: (CompiledFunction) throws -> Void) throws {
  let logits = Expr.input("logits", .float32, ["batch", 3])
  let labels = Expr.input("labels", .int32, ["batch"])
  let loss = mean(softmaxCrossEntropy(logits: logits, labels: labels))
  try call(
    compile(
      inputs: [logits, labels], outputs: [loss], options: CompileOptions(interpreted: true)))
}
