import TandemAPI
import TandemGateway
import TandemTransport
import Testing

@Suite("Live sessions: order and measure")
struct LiveOrderTests {
    @Test("What is sent after a leave is carried out after it")
    func leaveFirst() async throws {
        try await Centre.run { centre in
            let (conversation, _) = try centre.openConversation()
            let customer = try centre.customerLive(conversation)
            customer.send([#"{"type":"leave","id":"l"}"#, #"{"type":"message","id":"m","text":"Still here?"}"#])
            try customer.expect("ack") { $0["id"]?.text == "l" }
            #expect(try customer.expect("error") { $0["id"]?.text == "m" }["code"]?.text == "conversationClosed")
            let transcript = try centre.get("/v1/conversations/\(conversation)/transcript", centre.customerToken)
            #expect(transcript.items.compactMap { $0["text"]?.text } == ["Hello"])
        }
    }

    @Test("A frame that asks the partition is answered before the next one is read, however many there are")
    func looks() async throws {
        try await Centre.run { centre in
            let (conversation, _) = try centre.openConversation()
            let customer = try centre.customerLive(conversation)
            let numbers = (0..<200).map { "\($0)" }
            customer.send(
                numbers.flatMap { [#"{"type":"position","id":"\#($0)"}"#, #"{"type":"ping","id":"\#($0)"}"#] })
            try customer.expect("pong") { $0["id"]?.text == "199" }
            let answers = customer.all.filter { $0["id"] != nil }
            #expect(answers.compactMap { $0["id"]?.text } == numbers.flatMap { [$0, $0] })
            #expect(answers.enumerated().allSatisfy { $1["type"]?.text == ($0 % 2 == 0 ? "queue" : "pong") })
        }
    }

    @Test("A client that reads its past slowly gets all of it")
    func slowPast() async throws {
        var limits = TandemTransport.Limits()
        (limits.highWaterBytes, limits.lowWaterBytes) = (32 * 1_024, 8 * 1_024)
        limits.webSocketOutgoingBytesMax = 64 * 1_024
        try await Centre.run(limits: limits) { centre in
            let (conversation, _) = try centre.openConversation()
            let writer = try centre.customerLive(conversation)
            let (text, count) = (String(repeating: "x", count: 16_000), 800)
            for first in stride(from: 1, through: count, by: 40) {
                writer.send((first..<first + 40).map { #"{"type":"message","id":"m\#($0)","text":"\#(text)"}"# })
                try writer.expect("ack") { $0["id"]?.text == "m\(first + 39)" }
            }
            let reader = try LiveClient(
                centre, "/v1/live/customer?conversation=\(conversation)&resume=0", centre.customerToken,
                isReading: false)
            // Meanwhile its session is sent as much as the kernel takes.
            for number in 1...200 { try writer.ask("p\(number)", #""type":"read","upTo":\#(number)"#) }
            reader.readOn()
            try reader.expect("read") { $0["upTo"] == .integer(200) }
            #expect(reader.all("message").compactMap { $0["sequence"]?.whole } == (1...Int64(count + 1)).map { $0 })
            #expect(reader.closed == nil)
        }
    }

    @Test("A draining gateway acknowledges what it carried out before it sends clients away")
    func drain() async throws {
        try await Centre.run { centre in
            let edge = try #require(centre.gateway.options.live)
            let sessions = try (0..<12).map { _ in
                let (conversation, _) = try centre.openConversation()
                return (conversation: conversation, client: try centre.customerLive(conversation))
            }
            for (_, client) in sessions {
                client.send((1...60).map { #"{"type":"message","id":"m\#($0)","text":"m\#($0)"}"# })
            }
            try sessions[0].client.expect("ack")
            edge.drain()
            for (conversation, client) in sessions {
                #expect(try client.waitForEnd().code == 1_012)
                #expect(client.all("reconnect").count == 1)
                let posted = try centre.get("/v1/conversations/\(conversation)/transcript", centre.customerToken)
                #expect(
                    posted.items.dropFirst().compactMap { $0["text"]?.text }
                        == client.all("ack").compactMap { $0["id"]?.text })
            }
        }
    }
}
