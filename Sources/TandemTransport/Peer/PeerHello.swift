/// The first frame of both sides of a connection.
///
///     protocols u16 u16 │ cluster 16 │ node u32 │ generation u32 │ incarnation u64 │ to u32 │ frame bytes u32
///     │ formats u8 u8 │ name u8 + UTF-8 │ address u8 + UTF-8 │ disk u64, if it says one │ what later versions add
///
/// Little-endian, the cluster as its 32 digits are written. This layout is never changed and only added to: it is what
/// nodes of any two versions tell each other apart by.
struct PeerHello: Equatable {
    let identity: PeerIdentity
    /// Whom it wants to speak to.
    let to: PeerID
    /// The longest payload it takes.
    let frameBytesMax: Int

    init(_ identity: PeerIdentity, to: PeerID, frameBytesMax: Int) {
        self.identity = identity
        self.to = to
        self.frameBytesMax = frameBytesMax
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func append(_ number: some FixedWidthInteger) {
            withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
        }
        append(identity.protocols.lowerBound)
        append(identity.protocols.upperBound)
        append(identity.cluster.high.byteSwapped)
        append(identity.cluster.low.byteSwapped)
        append(identity.node.number)
        append(identity.life.generation)
        append(identity.life.incarnation)
        append(to.number)
        append(UInt32(frameBytesMax))
        append(identity.formats.lowerBound)
        append(identity.formats.upperBound)
        for text in [identity.name, identity.address] {
            append(UInt8(text.utf8.count))
            bytes += text.utf8
        }
        if identity.disk != 0 { append(identity.disk) }
        return bytes
    }

    init(_ payload: UnsafeRawBufferPointer) throws(PeerViolation) {
        var reader = Reader(bytes: payload)
        let protocols = try reader.range(UInt16.self)
        let cluster = ClusterID(
            high: try reader.number(UInt64.self).byteSwapped, low: try reader.number(UInt64.self).byteSwapped)
        let node = PeerID(try reader.number(UInt32.self))
        let life = PeerLife(
            generation: try reader.number(UInt32.self), incarnation: try reader.number(UInt64.self))
        to = PeerID(try reader.number(UInt32.self))
        frameBytesMax = Int(try reader.number(UInt32.self))
        let formats = try reader.range(UInt8.self)
        identity = PeerIdentity(
            cluster: cluster, node: node, life: life, protocols: protocols, formats: formats,
            name: try reader.text(), address: try reader.text(), disk: (try? reader.number(UInt64.self)) ?? 0)
    }

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        private var offset = 0

        init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(PeerViolation) -> Number {
            let size = MemoryLayout<Number>.size
            guard bytes.count - offset >= size else { throw .malformedHello }
            defer { offset += size }
            return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
        }

        mutating func range<Number: FixedWidthInteger>(
            _ type: Number.Type
        ) throws(PeerViolation) -> ClosedRange<Number> {
            let lowest = try number(type)
            let highest = try number(type)
            guard lowest <= highest else { throw .malformedHello }
            return lowest...highest
        }

        mutating func text() throws(PeerViolation) -> String {
            let count = Int(try number(UInt8.self))
            guard bytes.count - offset >= count,
                let text = String(validating: bytes[offset..<(offset + count)], as: UTF8.self),
                PeerIdentity.isPlain(text)
            else { throw .malformedHello }
            offset += count
            return text
        }
    }
}
