import Foundation
import TandemAPI
import TandemRuntime
import TandemTransport
import Testing

@testable import tandemd

/// What a node asks of the system it runs on.
@Suite("The process", .serialized)
struct ProcessTests {
    /// So many clients that keep their connections; the statuses they were answered.
    private func connect(_ count: Int, to daemon: Daemon) throws -> ([HTTPClient], [Int]) {
        let clients = try (0..<count).map { _ in try HTTPClient(host: "127.0.0.1", port: daemon.port) }
        return (clients, try clients.map { try $0.send(HTTPClientRequest("GET", "/livez")).status })
    }

    @Test("A node serves as many connections as it is told")
    func connectionsMax() throws {
        let daemon = try Daemon(["--demo", "--connections-max", "3"])
        try daemon.start()
        let (clients, statuses) = try connect(4, to: daemon)
        #expect(statuses == [200, 200, 200, 503])
        withExtendedLifetime(clients) {}
        #expect(daemon.terminate() == 0)
    }

    @Test("A node serves no more connections than the limit of open files leaves, and says so")
    func descriptors() throws {
        let daemon = try Daemon(["--demo"])
        let count = Descriptors.reserve(partitions: 2) + 10
        daemon.descriptors = (count, count)
        try daemon.start()
        #expect(daemon.said.contains { $0.contains("serves 10 connections at once") }, "\(daemon.said)")
        let (clients, statuses) = try connect(11, to: daemon)
        #expect(statuses == Array(repeating: 200, count: 10) + [503])
        withExtendedLifetime(clients) {}
        #expect(daemon.terminate() == 0)
    }

    @Test(
        "Descriptors are kept back for all the webhooks that a node tells at once, and by the number of its partitions")
    func reserve() {
        let each = Descriptors.reserve(partitions: 9) - Descriptors.reserve(partitions: 8)
        #expect(each >= 12 + Partition.effectsMax)
        #expect(Descriptors.reserve(partitions: 0) >= 160 + 8)
    }

    @Test("A node raises its soft limit of open files as far as its connections need it")
    func raises() throws {
        let daemon = try Daemon(["--demo", "--connections-max", "20"])
        daemon.descriptors = (Descriptors.reserve(partitions: 2), 1_000)
        try daemon.start()
        #expect(!daemon.said.contains { $0.contains("connections at once") }, "\(daemon.said)")
        let (clients, statuses) = try connect(20, to: daemon)
        #expect(statuses.allSatisfy { $0 == 200 })
        withExtendedLifetime(clients) {}
        #expect(daemon.terminate() == 0)
    }

    @Test("The log has a line for each request that the level asks for, with its trace, and none of what was said")
    func requests() throws {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        for (level, expected) in [("all", [204, 401, 404]), ("refused", [401, 404]), ("failed", []), ("none", [])] {
            let daemon = try Daemon(["--demo", "--log-requests", level])
            try daemon.start()
            _ = try daemon.send("OPTIONS", "/v1/queues", headers: ["traceparent": trace])
            _ = try daemon.send("GET", "/v1/queues?limit=7", headers: ["traceparent": trace])
            _ = try daemon.send("GET", "/secret", headers: ["traceparent": trace])
            #expect(daemon.terminate() == 0)
            try daemon.hears("stopped")
            let lines = daemon.said.filter { $0.contains(" request method=") && $0.contains(trace) }
            #expect(lines.count == expected.count, "\(level): \(lines)")
            for (line, status) in zip(lines, expected) { #expect(line.contains("status=\(status)"), "\(line)") }
            #expect(!daemon.said.contains { $0.contains("secret") || $0.contains("limit=7") })
        }
    }

    @Test("What a node writes is for its owner only")
    func modes() throws {
        let daemon = try Daemon(["--demo"])
        try daemon.start()
        let names = try FileManager.default.subpathsOfDirectory(atPath: daemon.directory)
        #expect(names.contains { $0.hasSuffix("state.sqlite") } && names.contains { $0.contains("journal") })
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: daemon.directory + "/" + name)
            let mode = try #require(attributes[.posixPermissions] as? Int)
            #expect(mode & 0o077 == 0, "\(name) has \(String(mode, radix: 8))")
        }
        #expect(daemon.terminate() == 0)
    }
}
