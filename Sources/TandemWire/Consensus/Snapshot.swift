package import TandemConsensus
internal import TandemCore

extension Snapshot: RaftValue {
    package func checkBounds() throws(WireError) { try membership.checkBounds() }

    package func write(to writer: inout WireWriter) {
        writer.writeAll(point, membership, size)
        writer.writeFixed(checksum)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            point: reader.read(), membership: reader.read(), size: reader.readCounter(),
            checksum: reader.readFixed64())
    }
}

extension SnapshotPart: RaftValue {
    package func checkBounds() throws(WireError) {
        try snapshot.checkBounds()
        guard bytes.count <= Limits.raftPartBytesMax else { throw .tooLong(limit: Limits.raftPartBytesMax) }
    }

    package func write(to writer: inout WireWriter) {
        writer.writeAll(snapshot, offset)
        writer.writeFixed(checksum)
        writer.writeOpaque(bytes)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let snapshot: Snapshot = try reader.read()
        let offset = try reader.readCounter()
        let checksum = try reader.readFixed64()
        let bytes = try reader.readOpaque(atMost: Limits.raftPartBytesMax)
        self.init(snapshot: snapshot, offset: offset, bytes: bytes, checksum: checksum)
    }
}

extension SnapshotReply: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(point)
        writer.writeFixed(checksum)
        writer.writeVarint(received)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(point: reader.read(), checksum: reader.readFixed64(), received: reader.readCounter())
    }
}

extension PartialSnapshot: RaftValue {
    package func checkBounds() throws(WireError) { try snapshot.checkBounds() }

    package func write(to writer: inout WireWriter) { writer.writeAll(snapshot, received) }

    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(snapshot: reader.read(), received: reader.readCounter())
    }
}
