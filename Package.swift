// swift-tools-version: 6.2
import PackageDescription

// Every target: strict concurrency (Swift 6 mode), explicit existentials, and imports that say
// whether they are part of the target's interface. Arrows point one way: a target depends only on
// those above it in this list.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, folder: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(folder)", swiftSettings: settings)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests",
    exclude: exclude, swiftSettings: settings)
}

func example(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .executableTarget(
    name: name, dependencies: ["Gnomon"] + dependencies, path: "Examples/\(name)",
    swiftSettings: settings)
}

let package = Package(
  name: "Gnomon",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Gnomon", targets: ["Gnomon"]),
    .library(name: "GnomonLayers", targets: ["GnomonLayers"]),
    .executable(name: "gnomon", targets: ["gnomon-cli"]),
    .executable(name: "gnomon-bench", targets: ["gnomon-bench"]),
    .executable(name: "LogisticRegression", targets: ["LogisticRegression"]),
    .executable(name: "MLP", targets: ["MLP"]),
    .executable(name: "Mathematics", targets: ["Mathematics"]),
    .executable(name: "KerasMNIST", targets: ["KerasMNIST"]),
    .executable(name: "FunctionalMLP", targets: ["FunctionalMLP"]),
    .executable(name: "MyDense", targets: ["MyDense"]),
    .executable(name: "NodeEmbedding", targets: ["NodeEmbedding"]),
    .executable(name: "Autoencoder", targets: ["Autoencoder"]),
    .executable(name: "RowLSTM", targets: ["RowLSTM"]),
    .executable(name: "CharLSTM", targets: ["CharLSTM"]),
    .executable(name: "SharedLayers", targets: ["SharedLayers"]),
    .executable(name: "Transformer", targets: ["Transformer"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // C: zlib (system), and the runtime that also travels in exported libraries.
    .systemLibrary(
      name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(
      name: "CRuntime", path: "Sources/CRuntime",
      // Optimized in debug builds too: what it computes of matrices is part of compiled functions.
      cSettings: [.unsafeFlags(["-fno-omit-frame-pointer", "-O2"])]),

    module("GnomonTensors", folder: "Tensors", ["CZlib"]),
    module("GnomonScalars", folder: "Scalars", ["GnomonTensors"]),
    module("GnomonIR", folder: "IR", ["GnomonTensors", "GnomonScalars", "CRuntime"]),
    module("GnomonOperations", folder: "Operations", ["GnomonIR"]),
    module("GnomonPasses", folder: "Passes", ["GnomonIR", "GnomonOperations"]),
    module("GnomonKernels", folder: "Kernels", ["GnomonIR", "CRuntime"]),
    module("GnomonCSyntax", folder: "CSyntax", []),
    module("GnomonEmission", folder: "Emission", ["GnomonKernels", "GnomonCSyntax"]),
    module("GnomonNative", folder: "Native", ["CRuntime", "GnomonTensors"]),
    module(
      "Gnomon", folder: "Gnomon",
      [
        "GnomonTensors", "GnomonScalars", "GnomonIR", "GnomonOperations", "GnomonPasses",
        "GnomonKernels", "GnomonEmission", "GnomonNative", "CRuntime",
      ]),
    module(
      "GnomonLayers", folder: "Layers",
      ["Gnomon", "GnomonTensors", "GnomonIR", "GnomonOperations", "GnomonPasses"]),
    .executableTarget(
      name: "gnomon-cli",
      dependencies: [
        "Gnomon", "GnomonTensors", "GnomonIR", "GnomonOperations", "GnomonPasses",
        "GnomonKernels", "GnomonEmission", "GnomonNative",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/gnomon-cli", swiftSettings: settings),

    // The examples, with what they share; the benchmark of the workloads that peers run too.
    .target(
      name: "ExampleSupport", dependencies: ["Gnomon", "GnomonLayers"], path: "Examples/Support",
      swiftSettings: settings),
    example("LogisticRegression", ["ExampleSupport"]),
    example("MLP", ["ExampleSupport"]),
    example("Mathematics"),
    example("KerasMNIST", ["GnomonLayers", "ExampleSupport"]),
    example("FunctionalMLP", ["GnomonLayers", "ExampleSupport"]),
    example("MyDense", ["GnomonLayers", "ExampleSupport"]),
    example("NodeEmbedding", ["GnomonLayers", "ExampleSupport"]),
    example("Autoencoder", ["GnomonLayers", "ExampleSupport"]),
    example("RowLSTM", ["GnomonLayers", "ExampleSupport"]),
    example("CharLSTM", ["GnomonLayers", "ExampleSupport"]),
    example("SharedLayers", ["GnomonLayers", "ExampleSupport"]),
    example("Transformer", ["GnomonLayers", "ExampleSupport"]),
    .executableTarget(
      name: "gnomon-bench", dependencies: ["Gnomon", "GnomonLayers", "GnomonNative"],
      path: "Benchmarks",
      exclude: ["Compare", "Results"], swiftSettings: settings),

    // Seeded random numbers, and where the build put an executable.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    tests("Tensors", ["GnomonTensors", "TestSupport"], exclude: ["Fixtures"]),
    tests("Scalars", ["GnomonTensors", "GnomonScalars", "TestSupport"]),
    // Started by NativeTests, 32 at once, some killed halfway.
    .executableTarget(
      name: "cache-stress", dependencies: ["GnomonNative"], path: "Tests/CacheStress",
      swiftSettings: settings),
    tests("Native", ["GnomonNative", "CRuntime", "cache-stress", "TestSupport"]),
    // Faulty programs. DiagnosticsTests compares what it prints; so does the script for release builds.
    .executableTarget(
      name: "diagnostic-cases",
      dependencies: ["GnomonTensors", "GnomonIR", "GnomonOperations", "Gnomon", "GnomonLayers"],
      path: "Tests/DiagnosticCases",
      exclude: ["Faulty"], swiftSettings: settings),
    tests(
      "Diagnostics",
      [
        "GnomonTensors", "GnomonIR", "GnomonOperations", "diagnostic-cases", "GoldenFiles",
        "TestSupport",
      ],
      exclude: ["Goldens"]),
    // Golden files and run files, for several test targets.
    .target(
      name: "GoldenFiles", dependencies: ["GnomonTensors", "GnomonIR", "GnomonOperations"],
      path: "Tests/GoldenFiles", swiftSettings: settings),
    tests(
      "IR",
      [
        "GnomonTensors", "GnomonScalars", "GnomonIR", "GnomonOperations", "GoldenFiles",
        "TestSupport",
      ]),
    tests(
      "Operations",
      [
        "GnomonTensors", "GnomonScalars", "GnomonIR", "GnomonOperations", "GoldenFiles",
        "ProgramGenerator",
      ], exclude: ["Fixtures"]),
    // Random well-typed programs, for several test targets.
    .target(
      name: "ProgramGenerator",
      dependencies: ["GnomonTensors", "GnomonIR", "GnomonOperations", "TestSupport"],
      path: "Tests/ProgramGenerator", swiftSettings: settings),
    tests(
      "Passes",
      [
        "GnomonTensors", "GnomonIR", "GnomonOperations", "GnomonPasses", "GoldenFiles",
        "ProgramGenerator",
      ]),
    tests(
      "Kernels",
      [
        "GnomonTensors", "GnomonScalars", "GnomonIR", "GnomonOperations", "GnomonKernels",
        "GoldenFiles",
      ]),
    // Runs the built command and compares what it prints.
    tests("Command", ["CRuntime", "GnomonTensors", "gnomon-cli", "TestSupport"]),
    // Started by GnomonTests: counts the allocations of calls.
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .executableTarget(
      name: "call-allocations", dependencies: ["Gnomon", "CRuntime", "AllocationCounter"],
      path: "Tests/CallAllocations", swiftSettings: settings),
    tests(
      "Gnomon",
      [
        "Gnomon", "CRuntime", "GnomonTensors", "GnomonScalars", "GnomonIR", "GnomonOperations",
        "GnomonPasses", "GnomonKernels", "GnomonEmission", "GnomonNative", "GoldenFiles",
        "ProgramGenerator", "TestSupport", "call-allocations",
      ], exclude: ["Fixtures"]),
    tests("Benchmarks", ["gnomon-bench", "Gnomon"]),
    // `make sweep`: the errors of functions over all arguments.
    .target(
      name: "AccuracyReference", path: "Tests/AccuracyReference",
      cSettings: [.unsafeFlags(["-O3"])]),
    .executableTarget(
      name: "accuracy-sweep",
      dependencies: [
        "AccuracyReference", "Gnomon", "GnomonTensors", "GnomonIR", "GnomonOperations",
      ],
      path: "Tests/AccuracySweep", swiftSettings: settings),
    // Started by LayersTests: saves models until it is killed, and loads them in another process.
    .executableTarget(
      name: "save-stress", dependencies: ["GnomonLayers"], path: "Tests/SaveStress",
      swiftSettings: settings),
    tests(
      "Layers",
      [
        "GnomonLayers", "Gnomon", "GnomonTensors", "GnomonIR", "GnomonOperations", "GoldenFiles",
        "TestSupport", "save-stress",
      ], exclude: ["Data"]),
  ]
)
