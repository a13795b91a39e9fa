package import TandemCore

extension ClockPromise: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(target)
        writer.write(calendar)
        writer.write(policy)
        writer.write(policyVersion)
        writer.writeByte(warnPercent)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        let (target, calendar, policy, version) = try (
            reader.read() as Milliseconds, reader.read() as CalendarID?, reader.read() as SLAPolicyID?,
            reader.read() as UInt32
        )
        try self.init(
            target: target, warnPercent: reader.readByte(), calendar: calendar, policy: policy, policyVersion: version)
    }
}

extension ClockSet: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(metric)
        writer.write(promise)
        writer.write(since)
        writer.write(used)
        writer.write(warnAt)
        writer.write(dueAt)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        guard reader.version >= WireVersion.second else {
            let metric: SLAMetric = try reader.read()
            let (target, calendar): (Milliseconds, CalendarID?) = try (reader.read(), reader.read())
            let (policy, version): (SLAPolicyID?, UInt32) = try (reader.read(), reader.read())
            let promise = ClockPromise(target: target, calendar: calendar, policy: policy, policyVersion: version)
            let (warnAt, dueAt): (Timestamp, Timestamp) = try (reader.read(), reader.read())
            self.init(metric: metric, promise: promise, warnAt: warnAt, dueAt: dueAt)
            return
        }
        try self.init(
            metric: reader.read(), promise: reader.read(), since: reader.read(), used: reader.read(),
            warnAt: reader.read(), dueAt: reader.read())
    }
}

extension ClockTerms: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(metric)
        writer.write(promise)
        writer.write(warnAt)
        writer.write(dueAt)
        writer.write(remaining)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            metric: reader.read(), promise: reader.read(), warnAt: reader.read(), dueAt: reader.read(),
            remaining: reader.read())
    }
}

extension WireReader {
    /// What version 1 always had and later ones may leave out.
    mutating func readSinceOptional<Value: WireValue>() throws(WireError) -> Value? {
        if version >= WireVersion.second { return try read() as Value? }
        return try read() as Value
    }

    /// What version 1 did not have.
    mutating func readAdded<Value: WireValue>(else value: Value) throws(WireError) -> Value {
        version >= WireVersion.second ? try read() : value
    }
}
