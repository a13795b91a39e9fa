// swift-tools-version: 6.2
import PackageDescription

// The rooms of the house, from the bottom up; an import never points up. `Docs/Architecture.md` draws them.
// There is no package dependency, and there stays none: the toolchain, SQLite and OpenSSL are all there is.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
    // Without it generics are not specialised across targets: a heap push and pop cost 1,806 ns instead of 21.
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: path, exclude: ["DESIGN.md"], swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: path, exclude: ["DESIGN.md"], swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "Tandem",
    products: [
        .executable(name: "tandemd", targets: ["tandemd"]),
        .executable(name: "tandem", targets: ["TandemAdmin"]),
        .executable(name: "tandem-bench", targets: ["TandemBench"]),
        .executable(name: "tandem-sim", targets: ["tandem-sim"]),
        .executable(name: "tandem-drill", targets: ["TandemDrill"]),
    ],
    targets: [
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .target(name: "CLinux"),

        room("TandemCore"),
        room("TandemConsensus"),
        room("TandemWire", ["TandemCore", "TandemConsensus"]),
        room("TandemAPI", ["TandemCore"]),
        room("TandemJournal", ["CSQLite", "COpenSSL", "CLinux"]),
        room("TandemTransport", ["CLinux", "COpenSSL"]),
        room("TandemReadModel", ["TandemCore", "TandemWire", "TandemJournal"]),
        room(
            "TandemRuntime",
            [
                "TandemCore", "TandemConsensus", "TandemWire", "TandemJournal", "TandemReadModel", "TandemTransport",
                "CLinux",
            ]),
        room(
            "TandemGateway",
            ["TandemCore", "TandemWire", "TandemAPI", "TandemReadModel", "TandemRuntime", "TandemTransport"]),
        program(
            "tandemd",
            ["TandemCore", "TandemAPI", "TandemJournal", "TandemRuntime", "TandemGateway", "TandemTransport", "CLinux"]),
        room(
            "TandemSimulator",
            ["TandemCore", "TandemConsensus", "TandemWire", "TandemJournal", "TandemReadModel", "TandemRuntime"]),
        program("tandem-sim", ["TandemSimulator"]),
        program("TandemAdmin", ["TandemCore", "TandemAPI", "TandemTransport"]),
        program(
            "TandemBench",
            [
                "TandemCore", "TandemWire", "TandemAPI", "TandemJournal", "TandemReadModel", "TandemRuntime",
                "TandemGateway", "TandemTransport", "TandemConsensus", "CLinux", "TestChance", "TestPrograms",
            ],
            path: "LoadTests/TandemBench"),
        program(
            "TandemDrill", ["TandemCore", "TandemAPI", "TandemTransport", "TestChance", "TestPrograms"],
            path: "Cluster/TandemDrill"),

        // A node with a defect, for the tests that need a real process to trap; it is in no product.
        .executableTarget(
            name: "TrapNode", dependencies: ["TandemCore", "TandemGateway", "TandemRuntime", "TandemTransport"],
            path: "Tests/TrapNode", swiftSettings: settings),

        // Chance for tests and measurements; the program has its own, in TandemConsensus.
        .target(name: "TestChance", path: "Tests/TestChance", swiftSettings: settings),
        // What builds of each format wrote, for the tests that read it.
        .target(
            name: "KeptForms", dependencies: ["TandemWire"], path: "Tests/Compatibility",
            exclude: ["DESIGN.md", "format-1", "format-2"],
            swiftSettings: settings),
        .target(
            name: "TestPrograms", dependencies: ["TandemTransport"], path: "Tests/TestPrograms",
            exclude: ["DESIGN.md"], swiftSettings: settings),

        tests("TandemCoreTests", ["TandemCore", "TestChance"]),
        tests("TandemConsensusTests", ["TandemConsensus", "TestChance"]),
        tests("TandemSimulatorTests", ["TandemSimulator", "tandem-sim"]),
        tests("TandemWireTests", ["TandemWire", "TandemCore", "TandemConsensus", "TestChance", "KeptForms"]),
        tests("TandemJournalTests", ["TandemJournal", "CLinux", "TestPrograms"]),
        tests("TandemTransportTests", ["TandemTransport", "CLinux", "TestChance", "TestPrograms", "KeptForms"]),
        tests("TandemReadModelTests", ["TandemReadModel", "TandemWire", "TandemCore", "TandemJournal", "TestChance"]),
        tests(
            "TandemRuntimeTests",
            [
                "TandemRuntime", "TandemCore", "TandemConsensus", "TandemWire", "TandemJournal", "TandemReadModel",
                "TandemTransport", "TandemSimulator", "TestChance", "TestPrograms", "KeptForms",
            ]),
        tests(
            "TandemGatewayTests",
            [
                "TandemGateway", "TandemAPI", "TandemCore", "TandemRuntime", "TandemTransport", "TandemReadModel",
                "TestChance", "TestPrograms",
            ]),
        tests("TandemAdminTests", ["TandemAdmin", "TandemAPI", "TandemCore"]),
        tests(
            "EndToEndTests",
            [
                "TandemTransport", "TandemAPI", "TandemCore", "TandemRuntime", "tandemd", "TandemAdmin", "TrapNode",
                "TestPrograms",
            ]),
        tests("TandemBenchTests", ["TandemBench"]),
        tests("TandemDrillTests", ["TandemDrill", "TandemAPI", "TandemTransport", "TestPrograms", "tandemd"]),
        tests("RepositoryTests", []),
    ]
)
