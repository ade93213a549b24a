import GnomonIR
import GnomonKernels
import GnomonOperations
import GoldenFiles
import Testing

struct KernelGoldenTests {
  /// A region, its fusion group, and its nest for AVX2.
  @Test(arguments: GoldenFile.all(in: "IR/kernels"))
  func `the loops of a region`(file: GoldenFile) throws {
    let region = try Graph(parsing: file.sections[0], operations: operationTable)
    try file.check(1, equals: FusionGroup(region, name: file.name).description)
    try file.check(2, equals: Kernel(region, name: file.name, machine: .avx2).description)
  }
}
