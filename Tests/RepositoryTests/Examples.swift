extension Example {
    static let all = world + words + exemptions + machines + sizes

    private static let world = [
        Example(
            rule: .imports, path: "Sources/TandemCore/Offer.swift", bad: "internal import Foundation",
            good: "// import Foundation\nlet text = \"import Foundation\""),
        Example(
            rule: .imports, path: "Sources/TandemWire/Frame.swift", bad: "import struct TandemJournal.Entry",
            good: "package import TandemCore"),
        Example(
            rule: .imports, path: "Sources/TandemGateway/Server.swift",
            bad: "internal import TandemJournal\ninternal import Dispatch",
            good: "internal import TandemRuntime\ninternal import Foundation", count: 2),
        Example(
            rule: .sqlite, path: "Sources/TandemReadModel/Schema.swift", bad: "let code = sqlite3_step(statement)",
            good: "let name = \"sqlite3_step\"  // sqlite3_step"),
        Example(
            rule: .sockets, path: "Sources/TandemGateway/Server.swift",
            bad: "let a = socket(1, 2, 3); let b = SSL_new(c); epoll_wait(d); eventfd(0, 0)",
            good: "let a = transport.socket(1); func socket() {}; let epoll = 1", count: 4),
        Example(
            rule: .sockets, path: "Sources/TandemRuntime/Loop.swift",
            bad: "var address = sockaddr_in(); Glibc.socket(1, 2, 3)",
            good: "epoll_wait(a, b, c, d); timerfd_create(1, 2)",
            count: 2),
        Example(
            rule: .suspension, path: "Sources/TandemJournal/Writer.swift",
            bad: "func write() async { Task { await flush() } }",
            good: "let task = Work.Task; func f(async: Bool) {}; struct TaskName {}", count: 3),
        Example(
            rule: .suspension, path: "Sources/TandemGateway/Server.swift",
            bad: "Task.detached { }; Task<Int, Never> { 1 }",
            good: "func serve() async { await run() }", count: 2),
        Example(
            rule: .actors, path: "Sources/TandemGateway/Session.swift",
            bad: "package actor Session {}\nactor Store<T> {}\nclass Loop: SerialExecutor {}",
            good: "let actor = ActorID(1); switch actor { case Actor.none: f(actor: actor) }", count: 3),
        Example(
            rule: .purity, path: "Sources/TandemCore/Offer.swift",
            bad:
                "let a = Date(); let b = ContinuousClock.now; let c = Int.random(in: 0..<9); x.shuffled(); MyClock.now",
            good: "func random(_ seed: Int) {}; let a = clock.now; let date = CalendarDate(1)", count: 5),
        Example(
            rule: .sleep, path: "Tests/TandemCoreTests/OfferTests.swift",
            bad: "usleep(1); try await Task.sleep(for: .seconds(1))", good: "let sleep = 1; // sleep(1)", count: 2),
    ]

    private static let words = [
        Example(
            rule: .publicWord, path: "Sources/TandemCore/Offer.swift",
            bad: "public struct Offer {}\nopen class A {}", good: "f(public: 1); file.open(); let a = Key.public",
            count: 2),
        Example(
            rule: .leftover, path: "Sources/TandemCore/Offer.swift",
            bad: "// TODO: more\n/* a\n FIXME */\nfatalError(\"no\")",
            good: "let todo = \"TODO\"  // TODOs are refused.",
            count: 3),
        Example(
            rule: .testTitle, path: "Tests/TandemCoreTests/OfferTests.swift",
            bad: "@Test func a() {}\n@Test(\"word\") func b() {}\n@Test(arguments: [1]) func c(i: Int) {}",
            good: "@Test(\"A sentence says it\", arguments: [1]) func a(i: Int) {}", count: 3),
        Example(
            rule: .packageDependency, path: "Package.swift",
            bad: "dependencies: [.package(url: \"https://example.org/a\", from: \"1.0.0\")]",
            good: "let package = Package(name: \"Tandem\")"),
        Example(
            rule: .machinePath, path: "Docs/Index.md", bad: "see `/\("work")/main/a` and /\("root")\n",
            good: "see /v1/\("work")/a, /\("work")s and ../\("root")/a\n", count: 2),
    ]

    private static let exemptions = [
        Example(
            rule: .exemption, path: "Sources/TandemCore/Offer.swift",
            bad: "let a = b!\nlet c = try! d()\nlet e = f as! G\nlet h = unsafeBitCast(i, to: J.self)",
            good: "let a = !b; let c = d != e; let f = try? g(); let h = i as? J; let k = \"l!\"", count: 4),
        Example(
            rule: .exemption, path: "Sources/TandemCore/Offer.swift",
            bad: "final class A: @unchecked Sendable {}\nnonisolated(unsafe) var b = 1\nvar c: Int!",
            good: "// Safe: immutable.\nfinal class A: @unchecked Sendable {}", count: 3),
        Example(
            rule: .exemption, path: "Sources/TandemCore/Offer.swift",
            bad: "// Safe: a was looked at.\nlet a = b!\nlet c = 1\nlet d = e!",
            good: "// Safe: both were looked at.\nlet a = b!\nlet c = f(\n    d!,\n    e!\n)"),
        Example(
            rule: .exemption, path: "Sources/TandemCore/Offer.swift",
            bad: "// Safe: immutable.\nfinal class A: @unchecked Sendable {\n    let b = c!\n}",
            good: "/// What it is.\n// Safe: immutable.\n@frozen\nfinal class A: @unchecked Sendable {\n}"),
        Example(
            rule: .exemption, path: "Sources/TandemCore/Offer.swift", bad: "// Safe: yes.\n\nlet a = b!",
            good: "/* Safe: because\n it is so. */\n// And more.\nlet a = b!"),
    ]

    private static let machines = [
        Example(
            rule: .defaultCase, path: "Sources/TandemCore/Offer.swift",
            bad: "switch a { case .b: 1\ndefault: 2 }", good: "switch a { case .b: 1\ncase .c, .d: 2 }"),
        Example(
            rule: .defaultCase, path: "Sources/TandemCore/Offer.swift",
            bad: "switch (a, b) { case (.c, let d): 1\ncase (_, _): 2 }\nswitch a { case let .b(c): 1\ncase _: 2 }",
            good: "switch (a, b) { case (.c, _): f(default: 1)\ncase (.d, _): 2 }", count: 2),
        Example(
            rule: .defaultCase, path: "Sources/TandemCore/Offer.swift",
            bad: "switch a { case .b: switch c { case 1: 1\ndefault: 2 }\n@unknown default: 3 }",
            good: "switch a { case 1...9: .b\ncase \"x\": .c\ndefault: .d }"),
    ]

    private static let sizes = [
        Example(
            rule: .fileLength, path: "Sources/TandemCore/Offer.swift", bad: lines(SizeRules.fileLengthMax + 1),
            good: lines(SizeRules.fileLengthMax)),
        Example(
            rule: .functionLength, path: "Sources/TandemCore/Offer.swift",
            bad: "func a(b: () -> Void = {}) {\n\(lines(SizeRules.functionLengthMax - 1))}",
            good: "func a(b: () -> Void = {}) {\n\(lines(SizeRules.functionLengthMax - 2))}"),
        Example(
            rule: .functionLength, path: "Sources/TandemCore/Offer.swift",
            bad: "struct A { init() {\n\(lines(90))}\nvar b: Int {\n\(lines(90))} }",
            good:
                "protocol A { func a() -> Int; var b: Int { get } }\nextension B {\n\(lines(90))}\nlet c = [\n\(lines(90))]",
            count: 2),
    ]

    private static func lines(_ count: Int) -> String { String(repeating: "let a = 1\n", count: count) }
}
