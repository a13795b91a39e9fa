import Foundation
import TandemAPI
import TandemTransport
import TestPrograms
import Testing

/// Nodes of a cluster one of whose wall clocks somebody sets.
@Suite("A clock that is set", .serialized)
struct ClockTests {
    private func line(_ node: UInt32, asking asked: Daemon, _ demo: Demo) throws -> JSONValue? {
        let nodes = try asked.call("GET", "/v1/nodes", token: demo.operator)
        return nodes["items"]?.elements?.first { $0["node"]?.whole == Int64(node) }
    }

    /// Waits until a node's clock is found off, or right, by another, and says how far it is off there.
    private func wait(until isOff: Bool, asking asked: Daemon, _ demo: Demo) throws -> Int64 {
        try eventually(or: "the clock of node 2 was not found \(isOff ? "off" : "right")") {
            guard let line = try line(2, asking: asked, demo), line["isClockOff"] == .boolean(isOff),
                let offset = line["clockOffsetMilliseconds"]?.whole, (abs(offset) > 500) == isOff
            else { return nil }
            return offset
        }
    }

    @Test(
        "A node whose clock is an hour off leads nothing and serves clients, and time goes on as if nobody had touched it",
        arguments: [-3_600_000, 3_600_000] as [Int64])
    func off(step: Int64) throws {
        let clock = WallClockFile(NSTemporaryDirectory() + "tandem-clock-\(UUID().uuidString)")
        let cluster = try DaemonCluster { $0 == 2 ? clock.arguments : [] }
        let demo = try cluster.start()
        _ = try wait(until: false, asking: cluster[1], demo)
        clock.set(aheadMilliseconds: step)
        let offset = try wait(until: true, asking: cluster[1], demo)
        #expect(abs(offset - step) < 500)
        // It may take a moment to hand over what it leads.
        try eventually(is: 0) { try line(2, asking: cluster[1], demo)?["leads"]?.whole }
        #expect {
            try cluster[1].tandem("leader", "transfer", "0", "2")
        } throws: {
            "\($0)".contains("the node refused (409)") && "\($0)".contains("nodeMayNotLead")
        }

        let before = Date()
        let (_, made) = try cluster.write(
            "/v1/conversations", demo.opening("support"), token: demo.customer, among: [2])
        let conversation = try #require(made["id"]?.text)
        let seen = try cluster[2].call("GET", "/v1/conversations/\(conversation)", token: demo.supervisor)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let opened = try Date(try #require(seen["openedAt"]?.text), strategy: style)
        #expect((-0.6...30).contains(opened.timeIntervalSince(before)), "\(opened), not \(before)")

        let metrics = try cluster[2].send("GET", "/metrics", token: demo.operator).text
        #expect(metrics.contains("tandem_clock_off 1\n"))
        #expect(cluster[2].said.contains { $0.contains("clock: this node's is") })
        clock.set(aheadMilliseconds: 0)
        _ = try wait(until: false, asking: cluster[1], demo)
        for number in UInt32(1)...3 { #expect(cluster[number].terminate() == 0) }
    }

    @Test("Nothing sets the clock of a node that is not for tests")
    func refused() throws {
        let run = try ProgramRun(
            Daemon.programs.appending(path: "tandemd").path,
            ["--test-wall-file", "/dev/null", "--directory", "/dev/null"])
        #expect(run.status == 2)
        #expect(run.output.contains("it takes --conformance"), "\(run.output)")
    }
}
