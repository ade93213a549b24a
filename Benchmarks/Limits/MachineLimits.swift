internal import Foundation
internal import GnomonNative

/// What the machine can do at most, measured now.
struct MachineLimits {
  /// A memory, from the first cache on.
  enum Memory: String, CaseIterable {
    case first = "L1"
    case second = "L2"
    case third = "L3"
    case main = "memory"
  }

  struct Rates {
    let threads: Int
    /// float32 operations a second; a multiply-add is two.
    let flops: Double
    /// Exponentials a second.
    let exponentials: Double
    /// Bytes a second; of main memory, with the stores that suit it better.
    let bandwidth: [Memory: Double]
  }

  let cpu: String
  let compiler: String
  /// The bytes of a level's data cache, where known; those of the first two are each core's own.
  let caches: [Memory: Int]
  /// With one thread and, where calls use more, with as many as they use.
  let rates: [Rates]

  /// The rates of as many threads as calls use.
  var ours: Rates { rates[rates.count - 1] }

  /// The smallest memory that holds some bytes, shared out over the threads.
  func memory(holding bytes: Double) -> Memory {
    let known: [Memory] = [.first, .second, .third]
    return known.first { level in
      let copies = level == .third ? 1 : ours.threads
      return caches[level].map { bytes <= Double($0 * copies) } ?? false
    } ?? .main
  }

  /// Measures for about two seconds.
  ///
  /// - Throws: what keeps the C from being compiled.
  static func measure() throws -> MachineLimits {
    let facts = NativeFacts()
    let unit = CUnit(name: "limits", source: LimitsSource.text)
    // Here the compiler may contract: the multiply-adds are what is measured.
    let flags = NativeFlags(.best, extra: ["-ffp-contract=fast"])
    let library = try NativeBuild.library(units: [unit], flags: flags).library
    typealias Measure =
      @convention(c) (_ what: CInt, _ threads: CInt, _ bytes: CLong, _ seconds: Double) -> Double
    guard let symbol = library.symbol("gnomon_limit") else {
      throw BenchmarkError("the library of limits has no gnomon_limit")
    }
    let measure = unsafeBitCast(symbol, to: Measure.self)
    let levels = zip([Memory.first, .second, .third], facts.dataCaches)
    let caches = Dictionary(
      uniqueKeysWithValues: levels.compactMap { level, bytes in bytes.map { (level, $0) } })
    let rates = Set([1, facts.threads]).sorted().map { threads in
      Rates(threads: threads, caches: caches) { what, bytes in
        measure(what.rawValue, CInt(threads), CLong(bytes), 0.02)
      }
    }
    return withExtendedLifetime(library) {
      MachineLimits(
        cpu: name(facts.cpuModel), compiler: firstLine(try? facts.compiler.get().version),
        caches: caches, rates: rates)
    }
  }

  /// The CPU's name without the words of features that follow it.
  private static func name(_ model: String) -> String {
    let words = model.split(separator: " ")
    let end = words.firstIndex { $0.count == 8 && $0.allSatisfy(\.isHexDigit) } ?? words.endIndex
    return words[..<end].joined(separator: " ")
  }

  private static func firstLine(_ text: String?) -> String {
    String((text ?? "").prefix { $0 != "\n" })
  }
}

extension MachineLimits.Rates {
  /// What `gnomon_limit` measures, by its numbers.
  fileprivate enum What: CInt {
    case multiplyAdd, exponentials, triad, streamingTriad
  }

  /// - Parameter measure: from what to measure and the bytes of a thread to units a second.
  fileprivate init(
    threads: Int, caches: [MachineLimits.Memory: Int], measure: (What, Int) -> Double
  ) {
    self.threads = threads
    flops = measure(.multiplyAdd, 0)
    exponentials = measure(.exponentials, (caches[.first] ?? 32 << 10) / 2)
    var bandwidth: [MachineLimits.Memory: Double] = [:]
    func best(_ bytes: Int) -> Double {
      max(measure(.triad, bytes), measure(.streamingTriad, bytes))
    }
    for (level, bytes) in caches {
      bandwidth[level] = level == .third ? best(bytes / 2 / threads) : measure(.triad, bytes / 2)
    }
    // Four times the last cache, and no more than a machine with small memory can spare.
    bandwidth[.main] = best(
      min(max(4 * (caches.values.max() ?? 0), 128 << 20), 512 << 20) / threads)
    self.bandwidth = bandwidth
  }
}
