package import TandemCore

extension Queue.Bucket: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(halfHour)
        writer.write(offered)
        writer.write(answered)
        writer.write(answeredInTarget)
        writer.write(abandoned)
        writer.write(abandonedInTarget)
        writer.write(shortAbandoned)
        writer.write(handled)
        writer.write(handleTime)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        self.init(halfHour: try reader.read())
        offered = try reader.read()
        answered = try reader.read()
        answeredInTarget = try reader.read()
        abandoned = try reader.read()
        abandonedInTarget = try reader.read()
        shortAbandoned = try reader.read()
        handled = try reader.read()
        handleTime = try reader.read()
    }
}

extension Queue: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(tenant)
        writer.write(version)
        writer.write(settings)
        writer.write(buckets)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            id: reader.read(), tenant: reader.read(), version: reader.read(), settings: reader.read(),
            buckets: reader.read())
    }
}
