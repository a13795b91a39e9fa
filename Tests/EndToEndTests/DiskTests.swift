import Foundation
import TandemAPI
import TandemTransport
import Testing

/// Disks that are full or broken, under a whole node.
@Suite("The disk's troubles", .serialized)
struct DiskTests {
    private let long = String(repeating: "x", count: 2_000)

    @Test(
        "A full disk refuses writes and says so, reads go on; a restart on it serves too; room ends it without one",
        .enabled(if: SmallDisk.isPermitted, "this process may not mount a small disk"))
    func full() throws {
        let disk = try SmallDisk(mebibytes: 20)
        let daemon = try Daemon(in: disk.path + "/node")
        try daemon.start()
        let demo = try Demo(daemon)
        let talk = try demo.arrive("sales", token: demo.customer)
        try disk.fill(leaving: 2 << 20)
        var acknowledged = try post(talk.live, untilRefusedWith: ["diskFull"])
        #expect(acknowledged.count > 10)
        try daemon.hears("journal: the disk is full")
        // The room that the node had kept for this case lets what was acknowledged be read; then most of that goes too.
        // Not all: a node that starts has to write down that it does.
        try expectOnlyReads(daemon, demo, talk.conversation, acknowledged)
        try disk.fill(leaving: 1 << 20)
        try expectOnlyReads(daemon, demo, talk.conversation, acknowledged)
        #expect(try talk.live.ping()["type"]?.text == "pong", "the session is there still")
        #expect(try daemon.send("GET", "/readyz").status == 503)

        daemon.kill()
        try daemon.start()
        try expectOnlyReads(daemon, demo, talk.conversation, acknowledged)

        try disk.makeRoom()
        try daemon.wait(untilReady: true)
        let again = try Live(daemon, "/v1/live/customer?conversation=\(talk.conversation)", token: demo.customer)
        acknowledged[try post(again, untilTaken: "after")] = "after"

        // The same without a restart.
        try disk.fill(leaving: 1 << 20)
        acknowledged.merge(try post(again, untilRefusedWith: ["diskFull"])) { $1 }
        try disk.makeRoom()
        try daemon.wait(untilReady: true)
        try daemon.hears("journal: there is room again")
        acknowledged[try post(again, untilTaken: "at last")] = "at last"
        daemon.kill()
        try daemon.start()
        #expect(try demo.transcript(talk.conversation) == acknowledged)
        #expect(daemon.terminate() == 0)
    }

    @Test("A write that fails ends the node's writing for this life, not its reading; the next life has every message")
    func broken() throws {
        let daemon = try Daemon()
        daemon.fileBytesMax = 6 << 20
        try daemon.start()
        let demo = try Demo(daemon)
        let talk = try demo.arrive("sales", token: demo.customer)
        // The journal's file may be the first that fails, or the partition's: it gives up its leadership then.
        let acknowledged = try post(
            talk.live, untilRefusedWith: ["journalFailed", "unknownOutcome", "notLeading"])
        #expect(try write(daemon, demo, talk.conversation).status == 503)
        let ready = try daemon.send("GET", "/readyz").text
        #expect(ready.contains("journal: failed") || ready.contains("partition 0: "), "\(ready)")
        #expect(try daemon.send("GET", "/livez").status == 200)
        #expect(try talk.live.ping()["type"]?.text == "pong")
        _ = daemon.terminate()

        daemon.fileBytesMax = nil
        try daemon.start()
        let found = try demo.transcript(talk.conversation)
        for (number, text) in acknowledged { #expect(found[number] == text, "message \(number) is lost") }
        #expect(try write(daemon, demo, talk.conversation).status == 201)
        #expect(daemon.terminate() == 0)
    }

    @Test(
        "A message whose fate is unknown is answered 504; sent again under its key after the restart, it is there once")
    func unknown() throws {
        let daemon = try Daemon()
        daemon.fileBytesMax = 6 << 20
        try daemon.start()
        let demo = try Demo(daemon)
        let conversation = try demo.arrive("sales", token: demo.customer).conversation
        func post(_ number: Int) throws -> HTTPResponse {
            try daemon.send(
                "POST", "/v1/conversations/\(conversation)/messages", token: demo.customer,
                body: "{\"text\":\"\(number) \(long)\"}", key: "fate-\(number)")
        }
        var last = 0
        var answer = try post(last)
        while answer.status == 201 {
            last += 1
            answer = try post(last)
        }
        // The journal's log grows by whole pages for each message, so it meets the bound before any other file does.
        #expect(last > 10)
        #expect(answer.status == 504 && answer.text.contains("\"unknownOutcome\""), "\(answer.text)")
        try daemon.hears("journal: writing failed")
        let refused = try post(last)
        #expect(refused.status == 503 && refused.text.contains("\"journalFailed\""), "\(refused.text)")
        daemon.kill()

        daemon.fileBytesMax = nil
        try daemon.start()
        // One that was acknowledged, and the one of which nobody knew; each as often as a client that hears nothing asks.
        for number in [last - 1, last, last, last] {
            let again = try post(number)
            #expect(again.status == 201, "\(again.text)")
            #expect(try JSONValue(parsing: again.body)["sequence"]?.whole == Int64(number + 1))
        }
        #expect(try post(last).header("Idempotent-Replayed") == "true")
        let texts = try demo.transcript(conversation).sorted { $0.key < $1.key }.map(\.value)
        #expect(texts == (0...last).map { "\($0) \(long)" })
        #expect(daemon.terminate() == 0)
    }

    /// Posts until a message is refused, and every answer is in; returns what was acknowledged, by number.
    private func post(_ live: Live, untilRefusedWith codes: Set<String>) throws -> [Int64: String] {
        var sent: [String: String] = [:]
        var acknowledged: [Int64: String] = [:]
        var refused = 0
        while refused == 0 {
            let batch = (0..<50).map { _ in
                let text = "\(sent.count) \(long)"
                let id = live.post("message", "\"text\":\"\(text)\"")
                sent[id] = text
                return id
            }
            for id in batch {
                let answer = try live.wait(forAnswerTo: id)
                if answer["type"]?.text == "ack", let number = answer["sequence"]?.whole {
                    acknowledged[number] = sent[id]
                } else {
                    #expect(codes.contains(answer["code"]?.text ?? ""), "\(answer)")
                    refused += 1
                }
            }
        }
        return acknowledged
    }

    /// Posts one message until it is acknowledged: the node is ready when it can write, and each partition finds that out
    /// by itself. Returns the message's number.
    private func post(_ live: Live, untilTaken text: String) throws -> Int64 {
        var last = JSONValue.null
        return try eventually(or: "\(last)") {
            last = try live.wait(forAnswerTo: live.post("message", "\"text\":\"\(text)\""))
            if last["type"]?.text == "ack", let number = last["sequence"]?.whole { return number }
            guard last["code"]?.text == "diskFull" else { throw Daemon.Trouble(description: "\(last)") }
            return nil
        }
    }

    private func expectOnlyReads(
        _ daemon: Daemon, _ demo: Demo, _ conversation: String, _ acknowledged: [Int64: String]
    ) throws {
        let refused = try write(daemon, demo, conversation)
        #expect(refused.status == 503 && refused.text.contains("\"diskFull\""), "\(refused.text)")
        #expect(try demo.transcript(conversation) == acknowledged)
        let ready = try daemon.send("GET", "/readyz")
        #expect(ready.status == 503 && ready.text.contains("journal: diskFull"), "\(ready.text)")
        #expect(try daemon.call("GET", "/v1/node/status", token: demo.operator)["isReady"] == .boolean(false))
        #expect(try daemon.send("GET", "/livez").status == 200)
    }

    private func write(_ daemon: Daemon, _ demo: Demo, _ conversation: String) throws -> HTTPResponse {
        try daemon.send(
            "POST", "/v1/conversations/\(conversation)/messages", token: demo.customer, body: "{\"text\":\"one\"}")
    }
}
