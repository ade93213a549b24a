import GnomonLayers
import Testing

@Suite(.seeded) struct DataTests {
  private let x = Tensor.range(10, .int32)

  private func numbers(_ data: Dataset, epoch: Int = 0) throws -> [[Double]] {
    let next = try data.source(epoch: epoch)
    var all: [[Double]] = []
    while let batch = try next() { all.append(batch.inputs[0].doubles) }
    return all
  }

  /// The same numbers, one by one, as a stream.
  private var stream: Dataset {
    Dataset { [x] _ in
      var at = 0
      return {
        guard at < 10 else { return nil }
        defer { at += 1 }
        return Batch(try x.rows(at..<(at + 1)))
      }
    }
  }

  @Test func `samples in memory come in batches, the last one shorter`() throws {
    let data = Dataset(x).batched(4)
    #expect(data.batchCount == 3)
    #expect(try numbers(data) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    #expect(try numbers(Dataset(x).batched(4, dropsRemainder: true)).count == 2)
  }

  @Test func `each epoch has an order of its own, and the same one each time`() throws {
    let data = Dataset(x).shuffled(seed: 1).batched(10)
    let (first, second) = (try numbers(data), try numbers(data, epoch: 1))
    #expect(first != second)
    #expect(first[0].sorted() == x.doubles)
    #expect(try numbers(data) == first)
  }

  @Test func `a stream is shuffled, batched, mapped and cut`() throws {
    #expect(try numbers(stream.batched(4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    let mixed = try numbers(stream.shuffled(buffer: 4, seed: 2).batched(5))
    #expect(mixed.joined().sorted() == x.doubles)
    #expect(Array(mixed.joined()) != x.doubles)
    let doubled = stream.map { Batch(Tensor($0.inputs[0].doubles.map { 2 * $0 })) }
    #expect(try numbers(doubled.dropFirst(2).prefix(2)) == [[4], [6]])
  }

  @Test func `targets and weights stay with their samples`() throws {
    let data = Dataset(x, x, sampleWeights: x.cast(to: .float32)).shuffled(seed: 3).batched(3)
    for batch in try data.collected() {
      #expect(batch.inputs[0].doubles == batch.targets[0].doubles)
      #expect(batch.inputs[0].doubles == batch.sampleWeights?.doubles)
    }
  }

  @Test func `what is made ahead comes in order, also when nobody takes it all`() throws {
    let plain = try numbers(stream)
    #expect(try numbers(stream.prefetched(3)) == plain)
    for _ in 0..<20 {
      let next = try stream.prefetched(1).source()
      #expect(try next()?.count == 1)
    }
  }

  @Test func `an error on the way reaches who takes`() throws {
    struct Broken: Error {}
    let next = try Dataset { _ in { throw Broken() } }.prefetched().source()
    #expect(throws: Broken.self) { try next() }
  }

  @Test func `one-hot rows, padded sequences and a split`() throws {
    #expect(try oneHot(Tensor([2, 0] as [Int32])).doubles == [0, 0, 1, 1, 0, 0])
    #expect(throws: TensorError.self) { try oneHot(Tensor([3] as [Int32]), classes: 3) }
    let sequences = [[1, 2, 3], [4]]
    #expect(padSequences(sequences).doubles == [1, 2, 3, 0, 0, 4])
    #expect(
      padSequences(sequences, length: 2, padding: .after, truncating: .after, value: 9).doubles
        == [1, 2, 4, 9])
    let (train, test) = try splitTrainTest([x, x], testShare: 0.3, seed: 1)
    #expect(train[0].shape == [7] && test[1].shape == [3])
    #expect((train[0].doubles + test[0].doubles).sorted() == x.doubles)
    #expect(try splitTrainTest([x], testShare: 0.3).test[0].doubles == [7, 8, 9])
  }

  @Test func `a table is read with quotes, line ends and empty fields`() throws {
    let text = "name,a,b\r\n\"x, \"\"y\"\"\",1,2.5\nz,,-3e2\n"
    let table = try CSVFile(parsing: text)
    #expect(table.header == ["name", "a", "b"])
    #expect(try table.column("name") == ["x, \"y\"", "z"])
    let numbers = try table.tensor(columns: ["b", "a"]).doubles
    #expect(numbers[0..<3] == [2.5, 1, -300] && numbers[3].isNaN)
    #expect(throws: TensorError.self) { try table.column("c") }
    #expect(throws: TensorError.self) { try table.tensor(columns: ["name"]) }
    #expect(throws: TensorError.self) { try CSVFile(parsing: "a,b\n1\n") }
    #expect(throws: TensorError.self) { try CSVFile(parsing: "a\n\"1\n") }
  }

  @Test func `a series comes in stretches with what follows them`() throws {
    let series = Tensor.range(20, .int32)
    // Steps 0, 2, 4; 3, 5, 7; 6, 8, 10; 9, 11, 13: of what begins at 12 nobody knows the target.
    let data = try Dataset.timeSeries(
      series, targets: Tensor.range(12, .int32), length: 3, stride: 3, samplingRate: 2, batchSize: 3
    )
    let batches = try data.collected()
    #expect(data.batchCount == 2)
    #expect(batches.map { Array($0.inputs[0].shape) } == [[3, 3], [1, 3]])
    #expect(batches[0].inputs[0].doubles == [0, 2, 4, 3, 5, 7, 6, 8, 10])
    #expect(batches[1].inputs[0].doubles == [9, 11, 13])
    #expect(batches.map { $0.targets[0].doubles } == [[0, 3, 6], [9]])
    // Whatever the order, a stretch keeps its target.
    let mixed = try Dataset.timeSeries(series, targets: series, length: 4, shuffleSeed: 1)
      .collected()
    let firsts = stride(from: 0, to: 17 * 4, by: 4).map { mixed[0].inputs[0].doubles[$0] }
    #expect(firsts == mixed[0].targets[0].doubles)
    #expect(firsts != firsts.sorted() && Set(firsts).count == 17)
    #expect(try Dataset.timeSeries(series, length: 21).collected().isEmpty)
    #expect(throws: TensorError.self) { try Dataset.timeSeries(series, length: 0) }
  }
}
