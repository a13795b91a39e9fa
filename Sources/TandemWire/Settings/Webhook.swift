package import TandemCore

extension NoticeSet: WireValue {
    package func write(to writer: inout WireWriter) { writer.write(rawValue) }
    package init(from reader: inout WireReader) throws(WireError) { self.init(rawValue: try reader.read()) }
}

extension WebhookSpec: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(name)
        writer.write(url)
        writer.write(notices)
        writer.write(secret)
        writer.write(isEnabled)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            name: reader.read(), url: reader.read(), notices: reader.read(), secret: reader.read(),
            isEnabled: reader.read())
    }
}
