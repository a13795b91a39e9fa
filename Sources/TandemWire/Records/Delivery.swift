package import TandemCore

extension Delivery: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(due)
        writer.write(at)
        writer.write(targets)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(id: reader.read(), due: reader.read(), at: reader.read(), targets: reader.read())
    }
}

extension Delivery.Target: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(webhook)
        writer.write(attempts)
        writer.write(state)
        writer.write(failure)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            webhook: reader.read(), attempts: reader.read(), state: reader.read(), failure: reader.read())
    }
}

extension Delivery.State: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case due = 0, waiting = 1, done = 2, dead = 3
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .due: writer.writeTag(Tag.due)
        case .waiting(let until): writer.writeCase(Tag.waiting, until)
        case .done(let at): writer.writeCase(Tag.done, at)
        case .dead(let at): writer.writeCase(Tag.dead, at)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .due: self = .due
        case .waiting: self = .waiting(until: try reader.read())
        case .done: self = .done(at: try reader.read())
        case .dead: self = .dead(at: try reader.read())
        }
    }
}
