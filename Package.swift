// swift-tools-version: 6.2
import PackageDescription

// Targets from the bottom up; an arrow never points up (docs/architecture.md).
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
// What a script's loops go through: each access to a field would ask the runtime whether another one is under way.
let interpreting: [SwiftSetting] = strict + [.unsafeFlags(["-enforce-exclusivity=unchecked"])]
let kernelFlags: [CSetting] = [
    .unsafeFlags(["-O3", "-Wall", "-Werror", "-fno-math-errno", "-ffp-contract=off"])
]

let package = Package(
    name: "nnx",
    products: [.executable(name: "nnx", targets: ["nnx"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    ],
    targets: [
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"]), .brew(["cairo"])]),
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .target(name: "CImages", dependencies: ["CJPEG", "CPNG"], cSettings: kernelFlags),
        .target(
            name: "CLibEdit",
            cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-Wall", "-Werror"])],
            linkerSettings: [.linkedLibrary("edit")]),
        .target(name: "CKernels", cSettings: kernelFlags),
        .target(name: "Files", swiftSettings: strict),
        .target(name: "Scheduling", swiftSettings: strict),
        .target(name: "Tensors", dependencies: ["CKernels"], swiftSettings: interpreting),
        .target(name: "Graphs", dependencies: ["Tensors", "Scheduling", "CKernels"], swiftSettings: interpreting),
        .target(name: "Networks", dependencies: ["Graphs", "CKernels", "Files"], swiftSettings: strict),
        .target(
            name: "Datasets",
            dependencies: ["CKernels", "CImages", "CZlib", "Files", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(name: "Training", dependencies: ["Networks", "Datasets", "Files"], swiftSettings: strict),
        .target(name: "Figures", dependencies: ["CCairo"], swiftSettings: strict),
        .target(name: "Language", exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "Interpreter",
            dependencies: [
                "Language", "Training", "Figures", "Files", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: interpreting),
        .target(name: "Notebook", dependencies: ["Interpreter", "Files"], swiftSettings: strict),
        .executableTarget(
            name: "nnx",
            dependencies: [
                "Notebook", "Files", "CLibEdit", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(name: "FileTests", dependencies: ["Files"], swiftSettings: strict),
        .testTarget(name: "KernelTests", dependencies: ["CKernels", "Scheduling"], swiftSettings: strict),
        .testTarget(name: "TensorTests", dependencies: ["Tensors"], swiftSettings: strict),
        .testTarget(name: "GraphTests", dependencies: ["Graphs", "CKernels"], swiftSettings: strict),
        .testTarget(
            name: "DatasetTests", dependencies: ["Datasets", "Tensors", "CZlib", "Files"], exclude: ["Files"],
            swiftSettings: strict),
        .testTarget(name: "TrainingTests", dependencies: ["Training"], swiftSettings: strict),
        .testTarget(name: "FigureTests", dependencies: ["Figures", "CCairo"], swiftSettings: strict),
        .testTarget(
            name: "LanguageTests", dependencies: ["Language"], exclude: ["Corpus", "Golden"], swiftSettings: strict),
        .testTarget(
            name: "InterpreterTests", dependencies: ["Interpreter"],
            exclude: ["Semantics", "Golden", "Checked", "TrainingMessages"],
            swiftSettings: strict),
        .target(name: "CPseudoTerminal", path: "Tests/CPseudoTerminal", cSettings: [.define("_GNU_SOURCE")]),
        .testTarget(
            name: "PromptTests", dependencies: ["Notebook", "CPseudoTerminal", "ProgramHarness", "nnx"],
            swiftSettings: strict),
        .target(name: "ProgramHarness", path: "Tests/ProgramHarness", swiftSettings: strict),
        .testTarget(
            name: "AcceptanceTests", dependencies: ["Interpreter", "ProgramHarness", "nnx"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
