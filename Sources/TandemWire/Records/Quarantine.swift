package import TandemCore

extension QuarantinedInput: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.writeFixed(input)
        writer.write(summary)
        writer.write(actor)
        writer.write(contact)
        writer.write(reason)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            input: reader.readFixed64(), summary: reader.read(), actor: reader.read(), contact: reader.read(),
            reason: reader.read())
    }
}

extension Quarantine.Item: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(since)
        writer.write(input)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(id: reader.read(), since: reader.read(), input: reader.read())
    }
}

extension Quarantine: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(partition)
        writer.write(items)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(partition: reader.read(), items: reader.read())
    }
}
