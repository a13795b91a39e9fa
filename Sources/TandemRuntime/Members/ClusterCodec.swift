internal import TandemConsensus
internal import TandemTransport
package import TandemWire

/// A cluster's state and what is asked of it, as bytes: bounded, versioned, one spelling for each value.
///
/// An entry of the system partition begins with a byte that no turn begins with, then the format, then the state. A state
/// is written in the format that it agrees on: who cannot read that one learns of it from its second byte.
package enum ClusterCodec {
    private static let mark: UInt8 = 0xFF
    /// Of a name, an address or a refusal's sentence.
    private static let textBytesMax = 512

    // MARK: The state

    package static func encode(_ state: ClusterState) -> [UInt8] {
        var writer = WireWriter()
        writer.writeByte(mark)
        writer.writeByte(state.format)
        write(state, to: &writer)
        return writer.bytes
    }

    package static func decodeState(_ bytes: [UInt8]) throws(WireError) -> ClusterState {
        try WireReader.readAll(bytes) { reader throws(WireError) in
            let mark = try reader.readByte()
            guard mark == Self.mark else { throw .badTag(type: "ClusterState", value: mark) }
            let version = try readVersion(&reader)
            let state = try readState(&reader)
            guard state.format == version else { throw .badNumber }
            return state
        }
    }

    private static func write(_ state: ClusterState, to writer: inout WireWriter) {
        writer.writeFixed(state.id.high)
        writer.writeFixed(state.id.low)
        writer.writeText(state.name)
        writer.writeByte(state.format)
        writer.writeByte(state.replicas.rawValue)
        writer.writeVarint(UInt64(state.members.count))
        for member in state.members {
            writer.writeVarint(UInt64(member.node))
            writer.writeVarint(UInt64(member.generation))
            writer.writeFixed(member.disk)
            writer.writeText(member.address)
            writer.writeByte(member.role.rawValue)
            write(member.formats, to: &writer)
        }
    }

    private static func readState(_ reader: inout WireReader) throws(WireError) -> ClusterState {
        let id = ClusterID(high: try reader.readFixed64(), low: try reader.readFixed64())
        let name = try readText(&reader)
        let format = try reader.readByte()
        let replicas = try readReplicas(&reader)
        let count = try reader.readCount()
        guard count <= ClusterState.numbersMax else { throw .tooLong(limit: ClusterState.numbersMax) }
        var members: [ClusterState.Member] = []
        for _ in 0..<count {
            let node: UInt32 = try reader.read()
            if let last = members.last, last.node >= node { throw .badOrder }
            let generation: UInt32 = try reader.read()
            let disk = try reader.readFixed64()
            let address = try readText(&reader)
            let word = try reader.readByte()
            guard let role = ClusterState.Role(rawValue: word) else { throw .badTag(type: "Role", value: word) }
            members.append(
                ClusterState.Member(
                    node: node, generation: generation, disk: disk, address: address, role: role,
                    formats: try readFormats(&reader)))
        }
        return ClusterState(id: id, name: name, format: format, replicas: replicas, members: members)
    }

    // MARK: Requests and answers

    static func encode(_ request: ClusterRequest, number: UInt64, in format: UInt8) -> [UInt8] {
        var writer = WireWriter()
        writer.writeByte(format)
        writer.writeVarint(number)
        switch request {
        case .join(let joining):
            writer.writeByte(1)
            writer.writeVarint(UInt64(joining.node))
            writer.writeFixed(joining.disk)
            writer.writeText(joining.address)
            write(joining.formats, to: &writer)
        case .caughtUp(let id):
            writer.writeByte(2)
            writer.writeFixed(id.value)
        case .drain(let node):
            writer.writeByte(3)
            writer.writeVarint(UInt64(node))
        case .remove(let node):
            writer.writeByte(4)
            writer.writeVarint(UInt64(node))
        case .replace(let node, let generation):
            writer.writeByte(5)
            writer.writeVarint(UInt64(node))
            writer.writeVarint(UInt64(generation))
        case .report(let report):
            writer.writeByte(6)
            writer.writeVarint(UInt64(report.node))
            writer.writeVarint(UInt64(report.generation))
            writer.writeFixed(report.disk)
            writer.writeText(report.address)
            write(report.formats, to: &writer)
        case .transfer(let partition, let node):
            writer.writeByte(7)
            writer.writeVarint(UInt64(partition))
            writer.writeVarint(UInt64(node))
        case .replicas(let replicas):
            writer.writeByte(8)
            writer.writeByte(replicas.rawValue)
        }
        return writer.bytes
    }

    static func decodeRequest(_ bytes: [UInt8]) throws(WireError) -> (number: UInt64, request: ClusterRequest) {
        try WireReader.readAll(bytes) { reader throws(WireError) in
            try readVersion(&reader)
            let number = try reader.readVarint()
            return (number, try readRequest(&reader))
        }
    }

    private static func readRequest(_ reader: inout WireReader) throws(WireError) -> ClusterRequest {
        let kind = try reader.readByte()
        switch kind {
        case 1:
            return .join(
                ClusterRequest.Joining(
                    node: try reader.read(), disk: try reader.readFixed64(), address: try readText(&reader),
                    formats: try readFormats(&reader)))
        case 2: return .caughtUp(NodeID(value: try reader.readFixed64()))
        case 3: return .drain(try reader.read())
        case 4: return .remove(try reader.read())
        case 5: return .replace(try reader.read(), generation: try reader.read())
        case 6:
            return .report(
                ClusterRequest.Report(
                    node: try reader.read(), generation: try reader.read(), disk: try reader.readFixed64(),
                    address: try readText(&reader), formats: try readFormats(&reader)))
        case 7: return .transfer(partition: try reader.read(), to: try reader.read())
        case 8: return .replicas(try readReplicas(&reader))
        default: throw .badTag(type: "ClusterRequest", value: kind)
        }
    }

    static func encode(_ answer: ClusterAnswer, number: UInt64, in format: UInt8) -> [UInt8] {
        var writer = WireWriter()
        writer.writeByte(format)
        writer.writeVarint(number)
        switch answer {
        case .done(let state):
            writer.writeByte(1)
            write(state, to: &writer)
        case .refused(let refusal):
            writer.writeByte(2)
            writer.writeByte(refusal.code.rawValue)
            writer.writeText(refusal.detail)
        case .notLeading: writer.writeByte(3)
        }
        return writer.bytes
    }

    static func decodeAnswer(_ bytes: [UInt8]) throws(WireError) -> (number: UInt64, answer: ClusterAnswer) {
        try WireReader.readAll(bytes) { reader throws(WireError) in
            try readVersion(&reader)
            let number = try reader.readVarint()
            let kind = try reader.readByte()
            switch kind {
            case 1: return (number, .done(try readState(&reader)))
            case 2:
                let word = try reader.readByte()
                guard let code = ClusterRefusal.Code(rawValue: word) else {
                    throw .badTag(type: "ClusterRefusal", value: word)
                }
                return (number, .refused(ClusterRefusal(code, try readText(&reader))))
            case 3: return (number, .notLeading)
            default: throw .badTag(type: "ClusterAnswer", value: kind)
            }
        }
    }

    // MARK: Parts

    @discardableResult
    private static func readVersion(_ reader: inout WireReader) throws(WireError) -> UInt8 {
        let version = try reader.readByte()
        guard WireVersion.read.contains(version) else { throw .unknownVersion(version) }
        return version
    }

    private static func readReplicas(_ reader: inout WireReader) throws(WireError) -> Replicas {
        let count = try reader.readByte()
        guard let replicas = Replicas(rawValue: count) else { throw .badTag(type: "Replicas", value: count) }
        return replicas
    }

    private static func readText(_ reader: inout WireReader) throws(WireError) -> String {
        let text = try reader.readText()
        guard text.utf8.count <= textBytesMax else { throw .tooLong(limit: textBytesMax) }
        return text
    }

    private static func write(_ formats: ClosedRange<UInt8>, to writer: inout WireWriter) {
        writer.writeByte(formats.lowerBound)
        writer.writeByte(formats.upperBound)
    }

    private static func readFormats(_ reader: inout WireReader) throws(WireError) -> ClosedRange<UInt8> {
        let (lower, upper) = (try reader.readByte(), try reader.readByte())
        guard lower <= upper else { throw .badNumber }
        return lower...upper
    }
}
