// swift-tools-version: 6.3
import PackageDescription

// Rooms in the order of DESIGN: a room may import only the rooms above it.
let package = Package(
  name: "Atelier",
  products: [
    .executable(name: "atelier", targets: ["CommandLineTool"]),
    .library(
      name: "Atelier",
      targets: [
        "Tensors", "Layers", "Optimizers", "FileFormats", "Drawing", "Datasets", "Models",
        "RelationalContext", "Training", "LinearAlgebra", "Evaluation",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // C below: arithmetic on plain pointers, and the texts and loader of OpenCL.
    .target(
      name: "CKernels", path: "CKernels/cpu", cSettings: [.headerSearchPath("."), .warnings],
      linkerSettings: [.linkedLibrary("m"), .linkedLibrary("pthread")]),
    .target(
      name: "COpenCLKernels", dependencies: ["CKernels"], path: "CKernels/opencl",
      exclude: ["kernels"], cSettings: [.headerSearchPath("."), .warnings],
      linkerSettings: [.linkedLibrary("dl")]),
    .systemLibrary(
      name: "CFreeType", path: "Sources/SystemLibraries/CFreeType", pkgConfig: "freetype2",
      providers: [.apt(["libfreetype-dev"])]),
    .systemLibrary(
      name: "CPNG", path: "Sources/SystemLibraries/CPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
      name: "CTurboJPEG", path: "Sources/SystemLibraries/CTurboJPEG", pkgConfig: "libturbojpeg",
      providers: [.apt(["libturbojpeg0-dev"])]),
    .systemLibrary(
      name: "CZlib", path: "Sources/SystemLibraries/CZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"])]),

    // The rooms.
    .target(name: "Locks"),
    .target(name: "LinearAlgebra"),
    .target(name: "Tensors", dependencies: ["CKernels", "COpenCLKernels", "Locks"]),
    .target(name: "Layers", dependencies: ["Tensors"]),
    .target(name: "Optimizers", dependencies: ["Tensors", "Layers"]),
    .target(name: "FileFormats", dependencies: ["CPNG", "CTurboJPEG", "CZlib", "Locks"]),
    .target(name: "Drawing", dependencies: ["FileFormats", "Locks", "CFreeType"]),
    .target(name: "Datasets", dependencies: ["Drawing", "FileFormats", "Tensors", "Locks"]),
    .target(name: "Models", dependencies: ["Layers", "Tensors"]),
    .target(
      name: "Training",
      dependencies: ["Models", "Layers", "Optimizers", "Datasets", "FileFormats", "Tensors"]),
    .target(name: "CJudges", path: "Sources/Evaluation/Judges"),
    .target(
      name: "Evaluation",
      dependencies: [
        "Training", "Models", "Layers", "Datasets", "LinearAlgebra", "FileFormats", "Tensors",
        "CJudges",
      ], exclude: ["Judges"]),
    .target(name: "CExplorerPage", path: "Sources/RelationalContext/Explorer/Page"),
    .target(
      name: "RelationalContext",
      dependencies: [
        "Training", "Models", "Layers", "Optimizers", "Drawing", "FileFormats", "Tensors",
        "CExplorerPage",
      ], exclude: ["Explorer/Page"]),
    .target(
      name: "Benchmarking",
      dependencies: ["Training", "Optimizers", "Layers", "FileFormats", "Tensors", "CKernels"]),
    .executableTarget(
      name: "CommandLineTool",
      dependencies: [
        "Benchmarking", "RelationalContext", "Evaluation", "LinearAlgebra", "Drawing", "Training",
        "Models", "Datasets", "FileFormats", "Tensors", "Locks",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests mirror the rooms.
    .testTarget(
      name: "TensorsTests",
      dependencies: ["Tensors", "CKernels", "COpenCLKernels", "FileFormats", "Layers", "Locks"]),
    .testTarget(name: "LayersTests", dependencies: ["Layers", "Tensors"]),
    .testTarget(name: "OptimizersTests", dependencies: ["Optimizers", "Layers", "Tensors"]),
    .testTarget(name: "FileFormatsTests", dependencies: ["FileFormats", "Locks"]),
    .testTarget(name: "DrawingTests", dependencies: ["Drawing", "FileFormats"]),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["Datasets", "Drawing", "FileFormats", "Tensors", "Locks"]),
    .testTarget(
      name: "ModelsTests",
      dependencies: ["Models", "Layers", "Optimizers", "Tensors", "FileFormats"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "Models", "Layers", "Optimizers", "Datasets", "FileFormats", "Tensors", "Locks",
      ]),
    .testTarget(name: "LinearAlgebraTests", dependencies: ["LinearAlgebra"]),
    .testTarget(
      name: "EvaluationTests",
      dependencies: [
        "Evaluation", "LinearAlgebra", "Training", "Models", "Layers", "Datasets", "FileFormats",
        "Tensors",
      ]),
    .testTarget(
      name: "RelationalContextTests",
      dependencies: [
        "RelationalContext", "Training", "Models", "Drawing", "FileFormats", "Tensors",
      ]),
    .testTarget(
      name: "BenchmarkingTests",
      dependencies: ["Benchmarking", "Training", "FileFormats", "Tensors", "CKernels"]),
    .testTarget(
      name: "CommandLineToolTests",
      dependencies: ["Benchmarking", "CommandLineTool", "Training", "FileFormats", "Tensors"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c2x
)

extension CSetting {
  /// Warnings are for people who change the C, so they are on for everyone; they never stop a
  /// build.
  static var warnings: CSetting { .enableWarning("all") }
}
