// Compiles the C file in the first argument by way of the cache (GNOMON_CACHE_DIR), calls its
// function `answer`, and prints the result: one of many such processes in CacheStressTests.
internal import GnomonNative

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

guard CommandLine.arguments.count == 2 else { exit(2) }
let number = CommandLine.arguments[1]
let units = [
  CUnit(
    name: "answer",
    source: """
      int part(int);
      __attribute__((visibility("default"))) int answer(void) { return part(\(number)); }
      """),
  CUnit(name: "part", source: "int part(int x) { return 2 * x; }"),
]
do {
  let built = try NativeBuild.library(units: units)
  guard let symbol = built.library.symbol("answer") else { exit(3) }
  let function = unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)
  print(function(), built.fromCache ? "cached" : "compiled", built.warnings.joined())
} catch {
  print(error)
  exit(1)
}
