package import TandemCore

extension Tenant: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(version)
        writer.write(settings)
        writer.write(skills)
        writer.write(calendars)
        writer.write(routingPolicies)
        writer.write(slaPolicies)
        writer.write(webhooks)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            id: reader.read(), version: reader.read(), settings: reader.read(), skills: reader.read(),
            calendars: reader.read(), routingPolicies: reader.read(), slaPolicies: reader.read(),
            webhooks: reader.version < WireVersion.second ? [] : reader.read())
    }
}
