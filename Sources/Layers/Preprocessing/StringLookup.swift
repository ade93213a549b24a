public import Gnomon

/// Words as numbers: the place of each in a vocabulary, after `unknownCount` places for words that are
/// not in it.
///
///     var lookup = StringLookup()
///     lookup.adapt(to: ["zlib", "numpy", "numpy"])
///     let indices = lookup(["numpy", "zlib", "six"])
///     print(indices)                                // 1, 2, 0
///
/// Texts are no tensors, so this is a function of the host and not a layer; its result is an input.
public struct StringLookup: Sendable {
  /// The known words, in the order of their numbers.
  public private(set) var vocabulary: [String]
  /// How many numbers, from 0 on, stand for unknown words.
  public let unknownCount: Int
  private var places: [String: Int]

  public init(vocabulary: [String] = [], unknownCount: Int = 1) {
    self.vocabulary = []
    self.unknownCount = Swift.max(unknownCount, 1)
    places = [:]
    for word in vocabulary { append(word) }
  }

  /// How many numbers there are.
  public var count: Int { vocabulary.count + unknownCount }

  /// Takes the vocabulary from data: the words, the most frequent first, equals in alphabetical order.
  public mutating func adapt(to words: some Sequence<String>, maximumCount: Int? = nil) {
    var counts: [String: Int] = [:]
    for word in words { counts[word, default: 0] += 1 }
    let ordered = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    vocabulary = []
    places = [:]
    let room = maximumCount.map { Swift.max($0 - unknownCount, 0) } ?? ordered.count
    for word in ordered.prefix(room) { append(word) }
  }

  private mutating func append(_ word: String) {
    guard places[word] == nil else { return }
    places[word] = vocabulary.count + unknownCount
    vocabulary.append(word)
  }

  /// The number of a word.
  public func index(of word: String) -> Int {
    places[word] ?? (unknownCount == 1 ? 0 : Int(hash(word) % UInt64(unknownCount)))
  }

  /// The numbers of words, int64 `[words]`.
  public func callAsFunction(_ words: [String]) -> Tensor {
    Tensor(words.map { Int64(index(of: $0)) })
  }

  /// The words of numbers; nil for those of unknown words.
  public func words(_ indices: [Int]) -> [String?] {
    indices.map {
      vocabulary.indices.contains($0 - unknownCount) ? vocabulary[$0 - unknownCount] : nil
    }
  }

  /// The same in every process, unlike Swift's own hashes (Fowler, Noll, Vo: FNV-1a).
  private func hash(_ word: String) -> UInt64 {
    word.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
