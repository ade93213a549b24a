import GnomonLayers
import Testing

@Suite(.seeded) struct PreprocessingTests {
  @Test func `words become numbers, the frequent first, and unknown ones 0`() {
    var lookup = StringLookup()
    lookup.adapt(to: ["b", "a", "b", "c", "a", "b"])
    #expect(lookup.vocabulary == ["b", "a", "c"])
    #expect(lookup(["a", "b", "x"]).doubles == [2, 1, 0])
    #expect(lookup.words([3, 0]) == ["c", nil])
  }

  @Test func `integers become their places in a vocabulary`() throws {
    let x = Expr.input("x", .int32, ["n"])
    let y = IntegerLookup(vocabulary: [10, 42, 7])(x)
    #expect(try evaluate(y, [x: Tensor([Int32(42), 8, 7])]).doubles == [2, 0, 3])
  }

  @Test func `normalization takes mean and variance from data`() throws {
    let normalization = Normalization()
    let data = Tensor([[Float(1), 10], [3, 10], [5, 40]])
    try normalization.adapt(to: data)
    let x = Expr.input("x", .float32, ["n", 2])
    let y = try evaluate(normalization(x), [x: data]).doubles
    #expect(abs(y[0] + 1.2247449) < 1e-5 && abs(y[2]) < 1e-6 && abs(y[5] - 1.4142135) < 1e-5)
  }

  @Test func `categories become vectors of each kind`() throws {
    let x = Expr.input("x", .int32, ["n", 3])
    let data = Tensor([[Int32(0), 2, 2]])
    #expect(try evaluate(CategoryEncoding(3)(x), [x: data]).doubles == [1, 0, 1])
    #expect(try evaluate(CategoryEncoding(3, output: .count)(x), [x: data]).doubles == [1, 0, 2])
    let places = try evaluate(CategoryEncoding(3, output: .oneHot)(x), [x: data])
    #expect(places.doubles == [1, 0, 0, 0, 0, 1, 0, 0, 1])
  }
}
