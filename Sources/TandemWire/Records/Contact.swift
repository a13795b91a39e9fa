package import TandemCore

extension Contact.State: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case created = 0, bot = 1, queued = 2, offered = 3, connected = 4, held = 5, wrapping = 6
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .created: writer.writeTag(Tag.created)
        case .bot: writer.writeTag(Tag.bot)
        case .queued(let waiting): writer.writeCase(Tag.queued, waiting)
        case .offered(let offer, let waiting): writer.writeCase(Tag.offered, offer, waiting)
        case .connected(let agent): writer.writeCase(Tag.connected, agent)
        case .held(let agent): writer.writeCase(Tag.held, agent)
        case .wrapping(let wrapping): writer.writeCase(Tag.wrapping, wrapping)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .created: self = .created
        case .bot: self = .bot
        case .queued: self = .queued(try reader.read())
        case .offered: self = try .offered(reader.read(), reader.read())
        case .connected: self = .connected(try reader.read())
        case .held: self = .held(try reader.read())
        case .wrapping: self = .wrapping(try reader.read())
        }
    }
}

extension Contact.Wrapping: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(agent)
        writer.write(until)
        writer.write(reason)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(agent: reader.read(), until: reader.read(), reason: reader.read())
    }
}

extension Contact.Decline: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(agent)
        writer.write(until)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(agent: reader.read(), until: reader.read())
    }
}

extension Offer: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(agent)
        writer.write(madeAt)
        writer.write(expiresAt)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(id: reader.read(), agent: reader.read(), madeAt: reader.read(), expiresAt: reader.read())
    }
}

extension SLAClock.State: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case running = 0, paused = 1, fulfilled = 2
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .running(let since, let warnAt, let dueAt): writer.writeCase(Tag.running, since, warnAt, dueAt)
        case .paused(let remaining): writer.writeCase(Tag.paused, remaining)
        case .fulfilled(let since, let at, let elapsed): writer.writeCase(Tag.fulfilled, at, since, elapsed)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .running:
            self = try .running(since: reader.read(), warnAt: reader.read(), dueAt: reader.readSinceOptional())
        case .paused: self = .paused(remaining: try reader.readSinceOptional())
        case .fulfilled:
            let at: Timestamp = try reader.read()
            self = try .fulfilled(
                since: reader.readAdded(else: nil), at: at, elapsed: reader.readAdded(else: .zero))
        }
    }
}

extension SLAClock.Run: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeAll(start, end) }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(start: reader.read(), end: reader.read())
    }
}

extension SLAClock: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(metric)
        writer.write(queue)
        writer.write(promise)
        writer.write(state)
        writer.write(warned)
        writer.write(breachedAt)
        writer.write(used)
        writer.write(runs)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            metric: reader.read(), queue: reader.read(), promise: reader.read(), state: reader.read(),
            warned: reader.read(), breachedAt: reader.read(), used: reader.read(), runs: reader.read())
    }

    fileprivate static func list(_ reader: inout WireReader, of queue: QueueID) throws(WireError) -> [Self] {
        guard reader.version < WireVersion.second else { return try reader.read() }
        let count = try reader.readCount()
        var clocks: [Self] = []
        for _ in 0..<count { clocks.append(try Self(first: &reader, queue: queue)) }
        return clocks
    }

    /// As version 1 wrote it: it knew neither its queue nor its policy, and kept no runs.
    fileprivate init(first reader: inout WireReader, queue: QueueID) throws(WireError) {
        let (metric, target, calendar): (SLAMetric, Milliseconds, CalendarID?) =
            try (reader.read(), reader.read(), reader.read())
        let state: State = try reader.read()
        _ = try reader.read() as Timestamp  // When it was started.
        try self.init(
            metric: metric, queue: queue, promise: ClockPromise(target: target, calendar: calendar), state: state,
            warned: reader.read(), breachedAt: reader.read())
    }
}

extension Contact: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(queue)
        writer.write(channel)
        writer.write(kind)
        writer.write(previous)
        writer.write(next)
        writer.write(tags)
        writer.write(skills)
        writer.write(priority)
        writer.write(boost)
        writer.write(preferredAgent)
        writer.write(createdAt)
        writer.write(ageSince)
        writer.write(enqueuedAt)
        writer.write(answeredAt)
        writer.write(state)
        writer.write(since)
        writer.write(times)
        writer.write(declines)
        writer.write(clocks)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        let (id, queue): (ContactID, QueueID) = try (reader.read(), reader.read())
        try self.init(
            id: id, queue: queue, channel: reader.read(), kind: reader.read(), previous: reader.read(),
            next: reader.read(), tags: reader.read(), skills: reader.read(),
            priority: reader.read(), boost: reader.read(), preferredAgent: reader.read(), createdAt: reader.read(),
            ageSince: reader.read(), enqueuedAt: reader.read(), answeredAt: reader.read(), state: reader.read(),
            since: reader.read(), times: reader.read(), declines: reader.read(),
            clocks: SLAClock.list(&reader, of: queue))
    }
}
