package import TandemCore

extension Customer: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(tenant)
        writer.write(version)
        writer.write(profile)
        writer.write(lastAgent)
        writer.write(lastHandledAt)
        writer.write(open)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            id: reader.read(), tenant: reader.read(), version: reader.read(), profile: reader.read(),
            lastAgent: reader.read(), lastHandledAt: reader.read(), open: reader.read())
    }
}
