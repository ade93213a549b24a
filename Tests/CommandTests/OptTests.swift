import Testing

/// A program that several passes change.
private let program = """
  func @f(%x: f32[n], %y: f32[n]) -> f32[n] {
    %one = constant {value = 1.0:f32} : f32[]
    %0 = multiply %x, %one : f32[n]
    %1 = add %0, %y : f32[n]
    %2 = add %0, %y : f32[n]
    %3 = subtract %1, %2 : f32[n]
    return %3
  }

  """

@Suite struct `gnomon opt` {
  @Test func `the whole pipeline`() throws {
    let result = try Command.run(["opt", "-"], input: program)
    #expect(result.errors == "")
    #expect(result.status == 0)
    #expect(
      result.output == """
        func @f(%x: f32[n], %y: f32[n]) -> f32[n] {
          %0 = add %x, %y : f32[n]
          %1 = subtract %0, %0 : f32[n]
          return %1
        }

        """)
  }

  @Test func `named passes run once each, in the order given`() throws {
    let result = try Command.run(
      ["opt", "-", "--pass", "common-subexpressions,dead-values", "--pass", "dead-values"],
      input: program)
    #expect(result.errors == "")
    #expect(
      result.output == """
        func @f(%x: f32[n], %y: f32[n]) -> f32[n] {
          %one = constant {value = 1.0:f32} : f32[]
          %0 = multiply %x, %one : f32[n]
          %1 = add %0, %y : f32[n]
          %2 = subtract %1, %1 : f32[n]
          return %2
        }

        """)
  }

  @Test func `--diff shows the lines that a pass changes`() throws {
    let result = try Command.run(
      ["opt", "-", "--pass", "common-subexpressions", "--diff"], input: program)
    #expect(
      result.errors == """
        // common-subexpressions, round 1
          …
            %one = constant {value = 1.0:f32} : f32[]
            %0 = multiply %x, %one : f32[n]
            %1 = add %0, %y : f32[n]
        -   %2 = add %0, %y : f32[n]
        -   %3 = subtract %1, %2 : f32[n]
        -   return %3
        +   %2 = subtract %1, %1 : f32[n]
        +   return %2
          }

        """)
  }

  @Test func `--print-after-each shows the program after every change`() throws {
    let result = try Command.run(
      ["opt", "-", "--pass", "simplify-algebra,dead-values", "--print-after-each"], input: program)
    let headings = result.errors.split(separator: "\n").filter { $0.hasPrefix("//") }
    #expect(
      headings == ["// simplify-algebra, round 1", "// dead-values, round 1"])
    // The last program shown is the result.
    #expect(result.errors.hasSuffix(result.output))
  }

  @Test func `--time names every pass`() throws {
    let result = try Command.run(["opt", "-", "--pass", "dead-values", "--time"], input: program)
    let words = result.errors.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(words.map(\.count) == [6, 4])
    #expect(words[0].prefix(3) == ["//", "1", "dead-values"])
    #expect(words[0].suffix(2) == ["ms", "unchanged"])
  }

  @Test func `a golden file is read up to its first section`() throws {
    let result = try Command.run(["opt", "IR/run/step.ir"])
    #expect(
      result.output == """
        func @step(%x: f32[n, 2], variable %w: f32[2, 1]) -> f32[n, 1] {
          %0 = contract %x, %w {spec = "mk,kn->mn"} : f32[n, 1]
          %1 = subtract %w, %w : f32[2, 1]
          update %w = %1
          return %0
        }

        """)
  }

  @Test func `fuse gathers kernels`() throws {
    let result = try Command.run(["opt", "-", "--pass", "fuse"], input: program)
    #expect(result.output.contains(" = fused %x, "))
  }

  @Test func `--trace-fusion says what joins what`() throws {
    let result = try Command.run(
      ["opt", "-", "--pass", "dead-values", "--trace-fusion"], input: program)
    #expect(result.errors.contains(" subtract joins the kernel of "), "\(result.errors)")
  }
}
