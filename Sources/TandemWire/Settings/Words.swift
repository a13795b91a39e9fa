package import TandemCore

// Eight bytes each: identifiers and moments are large numbers, which a fixed width writes fastest and hardly longer.

extension Identifier: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeFixed(raw) }
    package init(from reader: inout WireReader) throws(WireError) { self.init(raw: try reader.readFixed64()) }
}

extension Timestamp: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeFixed(UInt64(bitPattern: milliseconds)) }
    package init(from reader: inout WireReader) throws(WireError) {
        self.init(milliseconds: Int64(bitPattern: try reader.readFixed64()))
    }
}

extension Milliseconds: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeZigZag(count) }
    package init(from reader: inout WireReader) throws(WireError) { self.init(try reader.readZigZag()) }
}

// Core numbers these words itself.
extension Channel: WireWord {}
extension Tier: WireWord {}
extension EndReason: WireWord {}
extension OfferOutcome: WireWord {}
extension QueueReason: WireWord {}
extension LegKind: WireWord {}
extension SLAMetric: WireWord {}
extension Strategy: WireWord {}
extension Role: WireWord {}
extension ActorKind: WireWord {}

extension BreakCode: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeText(text) }
    package init(from reader: inout WireReader) throws(WireError) { self.init(try reader.readText()) }
}

extension ChannelSet: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeByte(rawValue) }
    package init(from reader: inout WireReader) throws(WireError) { self.init(rawValue: try reader.readByte()) }
}

extension Presence: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case loggedOut = 0, available = 1, onBreak = 2, notResponding = 3, offline = 4
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .loggedOut: writer.writeTag(Tag.loggedOut)
        case .available: writer.writeTag(Tag.available)
        case .onBreak(let code): writer.writeCase(Tag.onBreak, code)
        case .notResponding: writer.writeTag(Tag.notResponding)
        case .offline(let until): writer.writeCase(Tag.offline, until)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .loggedOut: self = .loggedOut
        case .available: self = .available
        case .onBreak: self = .onBreak(try reader.read())
        case .notResponding: self = .notResponding
        case .offline: self = .offline(until: try reader.read())
        }
    }
}

extension Party: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case system = 0, bot = 1, customer = 2, agent = 3, staff = 4
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .system: writer.writeTag(Tag.system)
        case .bot: writer.writeTag(Tag.bot)
        case .customer(let id): writer.writeCase(Tag.customer, id)
        case .agent(let id): writer.writeCase(Tag.agent, id)
        case .staff(let id): writer.writeCase(Tag.staff, id)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .system: self = .system
        case .bot: self = .bot
        case .customer: self = .customer(try reader.read())
        case .agent: self = .agent(try reader.read())
        case .staff: self = .staff(try reader.read())
        }
    }
}

extension SkillLevel: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(skill)
        writer.write(level)
    }
    package init(from reader: inout WireReader) throws(WireError) { try self.init(reader.read(), reader.read()) }
}

extension ActorID: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(kind)
        writer.writeFixed(raw)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(kind: reader.read(), raw: reader.readFixed64())
    }
}

extension SessionID: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(node)
        writer.writeFixed(incarnation)
        writer.write(number)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(node: reader.read(), incarnation: reader.readFixed64(), number: reader.read())
    }
}
