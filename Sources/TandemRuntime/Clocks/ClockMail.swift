internal import TandemWire

/// What nodes ask and tell one another of their wall clocks, as bytes of fixed length.
struct ClockQuestion: Equatable, Sendable {
    /// Of the asking node's monotonic clock, in nanoseconds: the answer brings it back.
    let asked: UInt64

    init(asked: UInt64) { self.asked = asked }

    init(decoding bytes: [UInt8]) throws(WireError) {
        self = try WireReader.readAll(bytes) { reader throws(WireError) in
            ClockQuestion(asked: try reader.readFixed64())
        }
    }

    var bytes: [UInt8] {
        var writer = WireWriter()
        writer.writeFixed(asked)
        return writer.bytes
    }
}

struct ClockAnswer: Equatable, Sendable {
    /// The latest time that is taken for one, in milliseconds since 1970: sums and differences of it do not overflow.
    static let wallMax: Int64 = 1 << 52

    let asked: UInt64
    /// In whole milliseconds since 1970.
    let wall: Int64
    /// The node itself has found its clock off.
    let isOff: Bool

    init(asked: UInt64, wall: Int64, isOff: Bool) {
        self.asked = asked
        self.wall = min(max(wall, 0), Self.wallMax)
        self.isOff = isOff
    }

    init(decoding bytes: [UInt8]) throws(WireError) {
        self = try WireReader.readAll(bytes) { reader throws(WireError) in
            let asked = try reader.readFixed64()
            let wall = try reader.readFixed64()
            guard wall <= UInt64(Self.wallMax) else { throw .badNumber }
            let flag = try reader.readByte()
            guard flag <= 1 else { throw .badTag(type: "ClockAnswer", value: flag) }
            return ClockAnswer(asked: asked, wall: Int64(wall), isOff: flag == 1)
        }
    }

    var bytes: [UInt8] {
        var writer = WireWriter()
        writer.writeFixed(asked)
        writer.writeFixed(UInt64(wall))
        writer.writeByte(isOff ? 1 : 0)
        return writer.bytes
    }
}
