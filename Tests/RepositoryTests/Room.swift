/// One target under `Sources/`, `LoadTests/` or `Cluster/`: what it may import and what it may touch.
///
/// `Room.all` is the picture of the house, from the bottom up. A test compares it with `Package.swift`, so that the
/// picture and the manifest cannot part.
struct Room {
    /// What the outside world offers and only few rooms may use.
    enum Power: Hashable {
        case sqlite
        case sockets
        case tls
        case epoll
        /// `eventfd`, `timerfd`, `signalfd`.
        case descriptors
        /// `async` and `await`.
        case suspension
        /// `Task` and task groups.
        case tasks
        /// `actor` declarations.
        case actors
        /// Types that actors can run on.
        case executors
    }

    let name: String
    let folder: String
    /// Targets of this package it depends on; nil when it may depend on any.
    let imports: [String]?
    /// Modules of the toolchain it may import.
    let toolchain: Set<String>
    let powers: Set<Power>
    /// Values in, values out: no clock, no chance, no world.
    let isPure: Bool

    init(
        _ name: String, imports: [String]?, toolchain: Set<String> = ["Foundation", "Glibc", "Synchronization"],
        powers: Set<Power> = [], isPure: Bool = false, folder: String? = nil
    ) {
        self.name = name
        self.folder = folder ?? "Sources/\(name)"
        self.imports = imports
        self.toolchain = toolchain
        self.powers = powers
        self.isPure = isPure
    }

    /// Targets that wrap what is not Swift.
    static let foreign = ["CSQLite", "COpenSSL", "CLinux"]

    static let all = [
        Room("TandemCore", imports: [], toolchain: [], isPure: true),
        Room("TandemConsensus", imports: [], toolchain: [], isPure: true),
        Room("TandemWire", imports: ["TandemCore", "TandemConsensus"], toolchain: [], isPure: true),
        Room("TandemAPI", imports: ["TandemCore"], toolchain: ["Foundation"]),
        Room("TandemJournal", imports: ["CSQLite", "COpenSSL", "CLinux"], powers: [.sqlite, .descriptors]),
        Room(
            "TandemTransport", imports: ["CLinux", "COpenSSL"],
            powers: [.sockets, .tls, .epoll, .descriptors, .executors]),
        Room("TandemReadModel", imports: ["TandemCore", "TandemWire", "TandemJournal"]),
        Room(
            "TandemRuntime",
            imports: [
                "TandemCore", "TandemConsensus", "TandemWire", "TandemJournal", "TandemReadModel", "TandemTransport",
                "CLinux",
            ],
            toolchain: ["Foundation", "FoundationNetworking", "Glibc", "Synchronization"],
            powers: [.epoll, .descriptors, .suspension, .tasks, .actors, .executors]),
        Room(
            "TandemGateway",
            imports: [
                "TandemCore", "TandemAPI", "TandemWire", "TandemReadModel", "TandemRuntime", "TandemTransport",
            ],
            powers: [.suspension]),
        Room(
            "tandemd",
            imports: [
                "TandemCore", "TandemAPI", "TandemJournal", "TandemRuntime", "TandemGateway", "TandemTransport",
                "CLinux",
            ],
            powers: [.descriptors, .suspension, .tasks]),
        Room(
            "TandemSimulator",
            imports: [
                "TandemCore", "TandemConsensus", "TandemWire", "TandemJournal", "TandemReadModel", "TandemRuntime",
            ],
            toolchain: [], isPure: true),
        Room("tandem-sim", imports: ["TandemSimulator"], toolchain: ["Glibc"]),
        Room(
            "TandemAdmin", imports: ["TandemCore", "TandemAPI", "TandemTransport"], powers: [.suspension, .tasks]),
        Room(
            "TandemBench", imports: nil,
            toolchain: ["Foundation", "FoundationNetworking", "Glibc", "Synchronization"],
            powers: [.sqlite, .sockets, .tls, .epoll, .descriptors, .suspension, .tasks, .actors, .executors],
            folder: "LoadTests/TandemBench"),
        Room("TestChance", imports: [], toolchain: [], isPure: true, folder: "Tests/TestChance"),
        Room("TestPrograms", imports: ["TandemTransport"], folder: "Tests/TestPrograms"),
        Room("KeptForms", imports: ["TandemWire"], toolchain: ["Foundation"], folder: "Tests/Compatibility"),
        Room(
            "TandemDrill", imports: ["TandemCore", "TandemAPI", "TandemTransport", "TestChance", "TestPrograms"],
            folder: "Cluster/TandemDrill"),
        Room(
            "TrapNode", imports: ["TandemCore", "TandemGateway", "TandemRuntime", "TandemTransport"],
            powers: [.suspension, .tasks], folder: "Tests/TrapNode"),
    ]
}
