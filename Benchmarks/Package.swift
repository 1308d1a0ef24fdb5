// swift-tools-version: 6.2
import PackageDescription

// Programs that measure and check the inside of airshower; not installed, and no test needs them.
// Build them from the repository by `make benchmark-programs`, `make validate` or `make benchmark`.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]
let validation: Target.Dependency = .product(name: "Validation", package: "airshower")
let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(name: "airshower", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .target(name: "AllocationCount", path: "AllocationCount"),
    .executableTarget(
      name: "fit-validation", dependencies: [validation, arguments, "AllocationCount"],
      path: "FitValidation", swiftSettings: strict),
    .executableTarget(
      name: "corsika-validation", dependencies: [validation, arguments],
      path: "CorsikaValidation", swiftSettings: strict),
    .executableTarget(
      name: "message-rates", dependencies: [validation], path: "MessageRates",
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
