// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Every target of ours: no implicit existential, no leaked import, no warning.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

/// The libtorch to build against: Debian's 1.13 by default, another one by `LIBTORCH=DIR`.
///
/// Debian keeps the headers in the compiler's default search path; only the folder of the C++ API
/// is missing there, and SwiftPM refuses absolute search paths, so a symbolic link stands for it.
let libtorch = Context.environment["LIBTORCH"]
let torchCxxSettings: [CXXSetting] =
  libtorch.map {
    [
      // From C++20 on clang takes every header with a module map for a module.
      .unsafeFlags([
        "-isystem", "\($0)/include", "-isystem", "\($0)/include/torch/csrc/api/include",
        "-fno-cxx-modules",
      ])
    ]
  }
  ?? [.headerSearchPath("torch-api")]
let torchLinkerSettings: [LinkerSetting] =
  [.linkedLibrary("torch_cpu"), .linkedLibrary("torch"), .linkedLibrary("c10")]
  + (libtorch.map {
    let folder = "\($0)/lib"
    return [
      .unsafeFlags(["-L" + folder, "-Xlinker", "-rpath", "-Xlinker", folder] + cudaFlags($0))
    ]
  } ?? [])

/// Nothing refers to the library of the GPU by name, so the linker must be told to keep it.
func cudaFlags(_ libtorch: String) -> [String] {
  FileManager.default.fileExists(atPath: "\(libtorch)/lib/libtorch_cuda.so")
    ? ["-Xlinker", "--no-as-needed", "-ltorch_cuda", "-Xlinker", "--as-needed"] : []
}

/// The headers of 1.13 are C++17, those of 2.15 need C++20; 2.13 takes both.
let torchCxxStandard: CXXLanguageStandard = {
  guard let libtorch else { return .cxx17 }
  let header = "\(libtorch)/include/torch/headeronly/version.h"
  guard let text = try? String(contentsOfFile: header, encoding: .utf8) else { return .cxx17 }
  func number(_ name: String) -> Int {
    for line in text.split(separator: "\n") {
      let words: [Substring] = line.split(separator: " ")
      if words.count == 3, words[0] == "#define", words[1] == name { return Int(words[2]) ?? 0 }
    }
    return 0
  }
  let isNew = (number("TORCH_VERSION_MAJOR"), number("TORCH_VERSION_MINOR")) >= (2, 13)
  return isNew ? .cxx20 : .cxx17
}()

/// The program of Tests/fuzz/libfuzzer.sh: it links with libFuzzer only, so no other build has it.
let fuzzing: [Target] =
  Context.environment["AIRSHOWER_FUZZING"] == nil
  ? []
  : [
    .executableTarget(
      name: "Fuzzing",
      dependencies: [
        "Numerics", "ShowerModel", "ShowerSimulation", "ShowerFormats", "StandardReconstruction",
        "ResidualNetwork",
      ],
      path: "Tests/fuzz/Parsers", swiftSettings: strict)
  ]

let package = Package(
  name: "airshower",
  products: [
    .executable(name: "airshower", targets: ["airshower"]),
    // Loaded by the commands that need a network: libtorch takes a third of a second to load.
    .library(name: "airshower-torch", type: .dynamic, targets: ["TorchEngine"]),
    .library(name: "ShowerModel", targets: ["ShowerModel"]),
    .library(name: "StandardReconstruction", targets: ["StandardReconstruction"]),
    .library(name: "ShowerStore", targets: ["ShowerStore"]),
    .library(name: "ShowerFormats", targets: ["ShowerFormats"]),
    .library(name: "ResidualNetwork", targets: ["ResidualNetwork"]),
    // MatrixKernels, for programs that use the libraries.
    .library(name: "Numerics", targets: ["Numerics"]),
    // For the package Benchmarks only. Numerics is last: the linker then finds OpenBLAS before
    // gslcblas, as in airshower. GSL is faster with it.
    .library(
      name: "Validation",
      targets: [
        "ShowerModel", "ShowerSimulation", "StandardReconstruction", "ShowerStore",
        "MessagePassing", "DamagedCorsika", "Numerics",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // MARK: - C libraries: one target each, imported by exactly one Swift module
    .systemLibrary(name: "CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .target(name: "CEventFileCheck", dependencies: ["CHDF5"]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"])]),
    .systemLibrary(
      name: "CLAPACKE", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
    .target(name: "CMessagePassing"),
    .target(name: "CRestrictedProcess"),
    .target(name: "CFolderExchange"),
    .target(name: "CTorch"),
    .target(
      name: "TorchEngine", dependencies: ["CTorch"], exclude: ["torch-api"],
      cxxSettings: torchCxxSettings, linkerSettings: torchLinkerSettings),

    // MARK: - The stack (Documentation/structure.md)
    .target(name: "ShowerModel", swiftSettings: strict),
    .target(name: "LeastSquaresFit", dependencies: ["CGSL"], swiftSettings: strict),
    .target(name: "Numerics", dependencies: ["CLAPACKE"], swiftSettings: strict),
    .target(
      name: "StandardReconstruction", dependencies: ["ShowerModel", "LeastSquaresFit"],
      swiftSettings: strict),
    .target(name: "ShowerSimulation", dependencies: ["ShowerModel"], swiftSettings: strict),
    // The simulation against published and CORSIKA values; no product, for validate-simulation.
    .target(
      name: "SimulationValidation", dependencies: ["ShowerModel", "ShowerSimulation"],
      swiftSettings: strict),
    .target(
      name: "ResidualNetwork", dependencies: ["ShowerModel", "Numerics", "CTorch"],
      swiftSettings: strict),
    .target(
      name: "ShowerCalibration", dependencies: ["ShowerModel", "Numerics"], swiftSettings: strict),
    .target(
      name: "Performance", dependencies: ["ShowerModel", "Numerics", "ShowerCalibration"],
      swiftSettings: strict),
    .target(
      name: "ShowerReport",
      dependencies: ["ShowerModel", "Performance", "CRestrictedProcess", "CFolderExchange"],
      swiftSettings: strict),
    .target(
      name: "ShowerStore",
      dependencies: ["ShowerModel", "CHDF5", "CEventFileCheck", "CDeflate"],
      swiftSettings: strict),
    .target(
      name: "ShowerFormats", dependencies: ["ShowerModel", "ShowerStore", "CZlib", "CBzip2"],
      swiftSettings: strict),
    .target(name: "MessagePassing", dependencies: ["CMessagePassing"], swiftSettings: strict),
    .target(name: "PageServer", swiftSettings: strict),
    .plugin(name: "BuildCommit", capability: .buildTool()),
    .target(
      name: "Build", dependencies: ["ShowerModel"], swiftSettings: strict,
      plugins: ["BuildCommit"]),
    .target(
      name: "Workflow",
      dependencies: [
        "MessagePassing", "ShowerModel", "StandardReconstruction", "ShowerSimulation",
        "SimulationValidation", "ResidualNetwork", "ShowerCalibration", "Performance",
        "ShowerReport", "ShowerStore", "ShowerFormats", "Build", "CCrypto", "Numerics",
        "PageServer", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "airshower",
      // Workflow first: the linker then finds OpenBLAS before gslcblas. GSL is faster with it, and
      // the last digits of fits depend on it.
      dependencies: [
        "Workflow", "Build", "MessagePassing", "Numerics", "ShowerModel", "ShowerSimulation",
        "ResidualNetwork", "ShowerCalibration", "Performance", "ShowerReport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // MARK: - Tests: one bundle a module, and one for whole processes
    // Names that are more than names, for the tests of all bundles.
    .target(name: "HostileText", path: "Tests/HostileText", swiftSettings: strict),
    // CORSIKA files with random damage, for tests and for the package Benchmarks.
    .target(
      name: "DamagedCorsika", dependencies: ["ShowerModel", "ShowerSimulation"],
      path: "Tests/DamagedCorsika", swiftSettings: strict),
    // Every kind of message between processes: ChainTests starts it by mpirun.
    .executableTarget(
      name: "message-check", dependencies: ["MessagePassing"], path: "Tests/MessageCheck",
      swiftSettings: strict),
    .testTarget(
      name: "ShowerModelTests", dependencies: ["ShowerModel", "HostileText"],
      swiftSettings: strict),
    .testTarget(
      name: "LeastSquaresFitTests", dependencies: ["LeastSquaresFit"], swiftSettings: strict),
    .testTarget(
      name: "PageServerTests", dependencies: ["PageServer"], swiftSettings: strict),
    .testTarget(name: "NumericsTests", dependencies: ["Numerics"], swiftSettings: strict),
    .testTarget(
      name: "StandardReconstructionTests", dependencies: ["StandardReconstruction", "ShowerModel"],
      swiftSettings: strict),
    .testTarget(
      name: "ShowerSimulationTests",
      dependencies: ["ShowerSimulation", "SimulationValidation", "ShowerModel", "DamagedCorsika"],
      swiftSettings: strict),
    .testTarget(
      name: "ResidualNetworkTests",
      dependencies: ["ResidualNetwork", "ShowerModel", "Numerics", "CTorch"],
      swiftSettings: strict),
    // Comparisons of simulated results with known errors, for the tests of numbers and of reports.
    .target(
      name: "SyntheticComparison", dependencies: ["Performance", "ShowerModel"],
      path: "Tests/SyntheticComparison", swiftSettings: strict),
    .testTarget(
      name: "ShowerCalibrationTests",
      dependencies: ["ShowerCalibration", "ShowerModel", "SyntheticComparison"],
      swiftSettings: strict),
    .testTarget(
      name: "PerformanceTests",
      dependencies: ["Performance", "ShowerModel", "SyntheticComparison"],
      swiftSettings: strict),
    .testTarget(
      name: "ShowerReportTests",
      dependencies: [
        "ShowerReport", "Performance", "ShowerCalibration", "ShowerModel", "SyntheticComparison",
        "HostileText",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "MessagePassingTests", dependencies: ["MessagePassing"], swiftSettings: strict),
    .testTarget(
      name: "ShowerStoreTests", dependencies: ["ShowerStore", "ShowerModel"],
      swiftSettings: strict),
    .testTarget(
      name: "ShowerFormatsTests",
      dependencies: ["ShowerFormats", "ShowerModel", "ShowerStore", "StandardReconstruction"],
      swiftSettings: strict),
    .testTarget(
      name: "WorkflowTests",
      dependencies: [
        "Workflow", "ShowerModel", "ShowerSimulation", "ShowerStore", "StandardReconstruction",
        "ResidualNetwork",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ChainTests",
      dependencies: [
        "airshower", "Workflow", "ShowerModel", "ShowerStore", "ShowerFormats", "ResidualNetwork",
        "HostileText",
        "message-check",
      ],
      swiftSettings: strict),
  ] + fuzzing,
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: torchCxxStandard
)
