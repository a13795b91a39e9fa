internal import Foundation
internal import TandemAPI

/// Writes what a run leaves behind as JSON lines; `Docs/Drill.md` describes them.
struct HistoryFile {
    let path: String

    struct NotWritten: Error, CustomStringConvertible {
        let description: String
    }

    func write(_ evidence: Evidence, name: String, seed: UInt64, nodes: Int) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw NotWritten(description: "\(path) cannot be written") }
        defer { try? file.close() }
        var batch = Data()
        try Self.lines(of: evidence, name: name, seed: seed, nodes: nodes) { line in
            batch.append(contentsOf: line)
            batch.append(UInt8(ascii: "\n"))
            guard batch.count > 1 << 20 else { return }
            try file.write(contentsOf: batch)
            batch.removeAll(keepingCapacity: true)
        }
        try file.write(contentsOf: batch)
    }

    /// Each line as it stands in the file, without its end.
    static func lines(
        of evidence: Evidence, name: String, seed: UInt64, nodes: Int, _ take: ([UInt8]) throws -> Void
    ) rethrows {
        try take(
            object("run") { writer in
                writer.field("version", 1)
                writer.field("name", name)
                writer.field("seed", seed)
                writer.field("nodes", nodes)
                if let ahead = evidence.wallAhead { writer.field("wallAhead", ahead) }
            })
        for operation in evidence.operations { try take(line(operation)) }
        for fault in evidence.faults { try take(line(fault)) }
        for stream in evidence.streams { for seen in stream.seen { try take(line(seen, of: stream)) } }
        for state in evidence.states {
            for conversation in state.transcripts.keys.sorted() {
                try take(transcript(conversation, of: state))
            }
            for agent in state.agents { try take(line(agent, node: state.node)) }
        }
        for digest in evidence.digests {
            try take(
                object("digest") { writer in
                    writer.field("node", digest.node)
                    writer.field("partition", digest.partition)
                    writer.field("applied", digest.applied)
                    writer.field("digest", digest.digest)
                })
        }
    }

    private static func object(_ type: StaticString, _ fields: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", word: type)
        fields(&writer)
        writer.endObject()
        return writer.bytes
    }

    private static func line(_ operation: Operation) -> [UInt8] {
        object("operation") { writer in
            writer.field("process", operation.process)
            writer.field("kind", operation.kind.rawValue)
            writer.field("key", operation.key)
            writer.field("invoked", operation.invoked)
            writer.field("returned", operation.returned)
            writer.field("result", operation.outcome.rawValue)
            writer.field("partition", operation.partition)
            writer.field("tenant", operation.tenant)
            writer.field("conversation", ifPresent: operation.conversation)
            writer.field("text", ifPresent: operation.text)
            writer.field("contact", ifPresent: operation.contact)
            if let sequence = operation.sequence { writer.field("sequence", sequence) }
            writer.field("code", ifPresent: operation.code)
            if let node = operation.node { writer.field("node", node) }
            writer.field("tries", operation.tries)
        }
    }

    private static func line(_ fault: FaultLine) -> [UInt8] {
        object("fault") { writer in
            writer.field("name", fault.name)
            writer.key("victims")
            writer.numbers(fault.victims)
            writer.key("partitions")
            writer.numbers(fault.partitions)
            writer.field("began", fault.began)
            writer.field("healed", fault.healed)
            writer.field("ready", fault.ready)
            writer.field("detail", fault.detail)
            writer.key("stillLed")
            writer.numbers(fault.stillLed)
        }
    }

    private static func line(_ seen: Seen, of stream: Stream) -> [UInt8] {
        object("seen") { writer in
            writer.field("process", stream.process)
            writer.field("stream", stream.kind.rawValue)
            writer.field("subject", stream.subject)
            writer.field("connection", seen.connection)
            writer.field("kind", seen.kind.rawValue)
            writer.field("position", seen.position)
            writer.field("conversation", ifPresent: seen.conversation)
            if let sequence = seen.sequence { writer.field("sequence", sequence) }
            writer.field("text", ifPresent: seen.text)
            writer.field("contact", ifPresent: seen.contact)
            writer.field("agent", ifPresent: seen.agent)
            if let time = seen.time { writer.field("time", time) }
            writer.field("told", seen.told)
        }
    }

    private static func transcript(_ conversation: String, of state: NodeState) -> [UInt8] {
        object("transcript") { writer in
            writer.field("node", state.node)
            writer.field("tenant", ifPresent: state.tenants[conversation])
            writer.field("conversation", conversation)
            writer.key("messages")
            writer.beginArray()
            for message in state.transcripts[conversation] ?? [] {
                writer.beginObject()
                writer.field("sequence", message.sequence)
                writer.field("author", message.author)
                writer.field("text", message.text)
                if let time = message.time { writer.field("time", time) }
                writer.endObject()
            }
            writer.endArray()
        }
    }

    private static func line(_ agent: AgentFigure, node: Int) -> [UInt8] {
        object("agent") { writer in
            writer.field("node", node)
            writer.field("agent", agent.agent)
            writer.field("slots", agent.slots)
            writer.field("contacts", agent.contacts)
        }
    }
}

extension JSONWriter {
    mutating func numbers(_ numbers: [Int]) {
        beginArray()
        for number in numbers { integer(number) }
        endArray()
    }
}
