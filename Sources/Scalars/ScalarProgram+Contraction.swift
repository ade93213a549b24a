internal import GnomonTensors

extension ScalarProgram {
  /// The program with products fused into the sums that alone use them.
  ///
  ///     %2 = multiply f32 %0, %1
  ///     %4 = add f32 %2, %3
  /// ->
  ///     %3 = multiplyAdd f32 %0, %1, %2
  ///
  /// `a*b + c`, `c + a*b`, `a*b - c` and `c - a*b`. Done here, once, and not by the C compiler, so that
  /// results do not depend on which compiler runs. Of two products in one sum the left is fused.
  /// Contract before functions are expanded: their programs have the fused steps they want.
  package func contracted() -> ScalarProgram {
    var uses = [Int](repeating: 0, count: instructions.count)
    for i in instructions { for a in i.arguments { uses[a] += 1 } }
    for r in results { uses[r] += 1 }
    func product(_ n: Int) -> Instruction? {
      guard case .multiply = instructions[n].op, uses[n] == 1 else { return nil }
      return instructions[n]
    }
    var map = [ScalarBuilder.Value?](repeating: nil, count: instructions.count)
    return rebuilt { b, i, n in
      let old = instructions[n]
      var value: ScalarBuilder.Value?
      if i.dtype == .float32 || i.dtype == .float64 {
        switch old.op {
        case .add:
          if let p = product(old.a), let x = map[p.a], let y = map[p.b], let c = i.b {
            value = b.multiplyAdd(x, y, c)
          } else if let p = product(old.b), let x = map[p.a], let y = map[p.b], let c = i.a {
            value = b.multiplyAdd(x, y, c)
          }
        case .subtract:
          if let p = product(old.a), let x = map[p.a], let y = map[p.b], let c = i.b {
            value = b.multiplyAdd(x, y, b.negate(c))
          } else if let p = product(old.b), let x = map[p.a], let y = map[p.b], let c = i.a {
            value = b.multiplyAdd(b.negate(x), y, c)
          }
        default: break
        }
      }
      map[n] = value ?? b.emit(i.op, i.dtype, i.a, i.b, i.c)
      return map[n]
    }.withoutDeadCode()
  }
}
