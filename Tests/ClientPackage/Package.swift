// swift-tools-version: 6.2
import PackageDescription

// A program of somebody else that uses airshower's libraries. `make test` builds and runs it.
let package = Package(
  name: "client",
  dependencies: [.package(name: "airshower", path: "../..")],
  targets: [
    .executableTarget(
      name: "client",
      dependencies: [
        .product(name: "ShowerModel", package: "airshower"),
        .product(name: "ShowerStore", package: "airshower"),
        .product(name: "StandardReconstruction", package: "airshower"),
      ])
  ])
