import Foundation
import GnomonScalars
import GnomonTensors

/// Prints scalar programs as plain C, compiles them with clang and runs them against the platform's
/// library in a wider type. It shares nothing with the emitter.
struct CReferee {
  /// Prints the program as `static <type> <name>(<type> v0, …)`.
  static func function(_ name: String, _ program: ScalarProgram) -> String {
    let parameters = program.operands.enumerated().map { "\(type($1)) p\($0)" }
    var lines = [
      "static \(type(program.resultTypes[0])) \(name)(\(parameters.joined(separator: ", "))) {"
    ]
    for (n, i) in program.instructions.enumerated() {
      lines.append("  const \(type(i.dtype)) v\(n) = \(expression(i, program));")
    }
    return (lines + ["  return v\(program.results[0]);", "}"]).joined(separator: "\n")
  }

  private static func type(_ dtype: DType) -> String {
    switch dtype {
    case .float32: "float"
    case .float64: "double"
    case .bool: "int"
    default: "\(dtype)_t"
    }
  }

  private static func expression(_ i: ScalarProgram.Instruction, _ p: ScalarProgram) -> String {
    let (a, b, c) = ("v\(i.a)", "v\(i.b)", "v\(i.c)")
    let f = i.dtype == .float32 ? "f" : ""
    return switch i.op {
    case .operand(let n): "p\(n)"
    case .constant(let bits):
      i.dtype == .float32
        ? "AS(float, (uint32_t)\(bits)u)"
        : i.dtype == .float64 ? "AS(double, (uint64_t)\(bits)u)" : "\(bits)u"
    case .add: "\(a) + \(b)"
    case .subtract: "\(a) - \(b)"
    case .multiply: "\(a) * \(b)"
    case .divide: "\(a) / \(b)"
    case .multiplyAdd: "FMA\(f)(\(a), \(b), \(c))"
    case .scale: "\(b) != \(b) ? \(b) : scalbn\(f)(\(a), (int)\(b))"
    case .negate: "-\(a)"
    case .squareRoot: "__builtin_sqrt\(f)(\(a))"
    case .absolute: "__builtin_fabs\(f)(\(a))"
    case .truncate: "__builtin_trunc\(f)(\(a))"
    case .less: "\(a) < \(b)"
    case .equal: "\(a) == \(b)"
    case .notEqual: "\(a) != \(b)"
    case .and: "\(a) & \(b)"
    case .or: "\(a) | \(b)"
    case .not: "!\(a)"
    case .shiftLeft: "\(a) << \(b)"
    case .shiftRight: "\(a) >> \(b)"
    case .select: "\(a) ? \(b) : \(c)"
    case .convert: "(\(type(i.dtype)))\(a)"
    case .reinterpret: "AS(\(type(i.dtype)), \(a))"
    default: fatalError("the referee does not print \(i.op)")
    }
  }

  /// What is measured of one function.
  struct Worst {
    var error: Double
    var argument: String
  }

  /// The wider functions: `long double` for float64, where it is wider.
  private static func truth(_ f: MathFunction, _ l: String) -> String {
    switch f {
    case .sigmoid: "x < 0 ? exp\(l)(x) / (1 + exp\(l)(x)) : 1 / (1 + exp\(l)(-x))"
    case .softplus: "(x > 0 ? x : 0) + log1p\(l)(exp\(l)(-fabs\(l)(x)))"
    case .rsqrt: "1 / sqrt\(l)(x)"
    default: "\(f.rawValue)\(l)(x)"
    }
  }

  static let prelude = """
    #include <stdint.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <math.h>
    #include <float.h>
    #define AS(T, x) ({ __typeof__(x) from_ = (x); T to_; memcpy(&to_, &from_, sizeof to_); to_; })
    #ifdef UNFUSED
    #define FMA(a, b, c) ((a) * (b) + (c))
    #define FMAf(a, b, c) ((a) * (b) + (c))
    #else
    #define FMA(a, b, c) __builtin_fma(a, b, c)
    #define FMAf(a, b, c) __builtin_fmaf(a, b, c)
    #endif
    /* The distance of y from the truth t in units of the last place of a float at t. */
    static double ulp32(float y, double t) {
      if (isnan(t) || isnan(y)) return isnan(t) && isnan(y) ? 0 : INFINITY;
      if (t == 0) return y == 0 && !signbit(y) == !signbit(t) ? 0 : INFINITY;
      double v = isinf(y) ? copysign(0x1p128, y) : y;
      if (fabs(t) > 0x1p128) t = copysign(0x1p128, t);
      int e; frexp(t, &e);
      if (e < -125) e = -125;
      if (e > 128) e = 128;
      return fabs(v - t) * ldexp(1, 24 - e);
    }
    static double ulp64(double y, long double t) {
      if (isnan(t) || isnan(y)) return isnan(t) && isnan(y) ? 0 : INFINITY;
      if (t == 0) return y == 0 && !signbit(y) == !signbit(t) ? 0 : INFINITY;
      long double v = isinf(y) ? copysignl(0x1p1024L, y) : y;
      if (fabsl(t) > 0x1p1024L) t = copysignl(0x1p1024L, t);
      int e; frexpl(t, &e);
      if (e < -1021) e = -1021;
      if (e > 1024) e = 1024;
      return fabsl(v - t) * ldexpl(1, 53 - e);
    }

    """

  /// A main program that sweeps every `stride`-th bit pattern and prints the worst error, its argument,
  /// and a hash of the results' bits (NaN as one) over every `stride * hashEvery`-th pattern.
  static func sweep32(_ f: MathFunction) -> String {
    guard let program = f.definition(.float32) else { return "" }
    return prelude + function("f", program) + """

      static double truth(double x) { return \(truth(f, "")); }
      int main(int argc, char **argv) {
        uint64_t stride = strtoull(argv[1], 0, 10), every = strtoull(argv[2], 0, 10);
        double worst = 0; float at = 0; uint64_t hash = 14695981039346656037u, n = 0;
        for (uint64_t i = 0; i < 1ull << 32; i += stride, n++) {
          float x = AS(float, (uint32_t)i);
          float y = f(x);
          double e = ulp32(y, truth(x));
          if (e > worst) { worst = e; at = x; }
          if (n % every == 0) {
            uint32_t b = isnan(y) ? 0x7FC00000 : AS(uint32_t, y);
            hash = (hash ^ b) * 1099511628211u;
          }
        }
        printf("%.4f %a %llu\\n", worst, at, (unsigned long long)hash);
      }

      """
  }

  /// The same for float64 on `count` arguments by a counter-based generator, half of them over all
  /// bit patterns, half in [-30, 30].
  static func sweep64(_ f: MathFunction) -> String {
    guard let program = f.definition(.float64) else { return "" }
    return prelude + function("f", program) + """

      static long double truth(long double x) { return \(truth(f, "l")); }
      int main(int argc, char **argv) {
        uint64_t count = strtoull(argv[1], 0, 10), every = strtoull(argv[2], 0, 10);
        double worst = 0; double at = 0; uint64_t hash = 14695981039346656037u;
        for (uint64_t n = 0; n < count; n++) {
          uint64_t z = n * 0x9E3779B97F4A7C15u;
          z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
          z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
          z ^= z >> 31;
          double x = n % 4 == 0 ? AS(double, z) : ((double)(z >> 11) * 0x1p-52 - 1);
          if (n % 4 == 2) x *= 30;
          if (n % 4 == 3) x *= 760;
          double y = f(x);
          double e = ulp64(y, truth(x));
          if (e > worst) { worst = e; at = x; }
          if (n % every == 0) {
            uint64_t b = isnan(y) ? 0x7FF8000000000000u : AS(uint64_t, y);
            hash = (hash ^ b) * 1099511628211u;
          }
        }
        printf("%.4f %a %llu %d\\n", worst, at, (unsigned long long)hash, LDBL_MANT_DIG);
      }

      """
  }

  /// The same for float32 power: bases over all positive patterns or near 1, exponents such that the
  /// result is in range or a little beyond.
  static func sweepPower() -> String {
    guard let program = MathFunction.power.definition(.float32) else { return "" }
    return prelude + function("f", program) + """

      int main(int argc, char **argv) {
        uint64_t count = strtoull(argv[1], 0, 10);
        double worst = 0; float at[2] = {0, 0};
        for (uint64_t n = 0; n < count; n++) {
          uint64_t z = n * 0x9E3779B97F4A7C15u;
          z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
          z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
          z ^= z >> 31;
          float x = n % 2 ? AS(float, (uint32_t)(z >> 33)) : 0.5f + (float)(z >> 40) * 0x1p-24f;
          if (isnan(x) || isinf(x) || x == 0 || x == 1) continue;
          float y = (float)((double)(z & 0xFFFFFF) * 0x1p-23 - 1) * (float)(155 / fabs(log2(x)));
          double e = ulp32(f(x, y), pow(x, y));
          if (e > worst) { worst = e; at[0] = x; at[1] = y; }
        }
        printf("%.4f %a,%a\\n", worst, at[0], at[1]);
      }

      """
  }

  /// The compiler, if there is one on the path.
  static let clang: String? = run("command -v clang").flatMap { $0.isEmpty ? nil : $0 }

  /// What a shell command prints, without the last newline; nil if it fails.
  static func run(_ command: String) -> String? {
    guard let pipe = popen(command, "r") else { return nil }
    var bytes: [UInt8] = []
    while true {
      let c = fgetc(pipe)
      if c == EOF { break }
      bytes.append(UInt8(c))
    }
    guard pclose(pipe) == 0 else { return nil }
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  /// Compiles and runs a program; the words it prints.
  static func run(c source: String, _ arguments: String, fused: Bool = true) -> [String]? {
    let folder = NSTemporaryDirectory() + "gnomon-scalars-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard (try? source.write(toFile: "\(folder)/f.c", atomically: false, encoding: .utf8)) != nil
    else { return nil }
    #if arch(x86_64)
      let flags = "-O2 -mfma -ffp-contract=off"
    #else
      let flags = "-O2 -ffp-contract=off"
    #endif
    let command =
      "clang -std=gnu11 \(flags) \(fused ? "" : "-DUNFUSED") -o '\(folder)/f' '\(folder)/f.c' -lm && '\(folder)/f' \(arguments)"
    return run(command)?.split(separator: " ").map(String.init)
  }
}
