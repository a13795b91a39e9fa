package import TandemCore

extension WeeklyBlock: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(weekday)
        writer.write(start)
        writer.write(end)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(weekday: reader.read(), start: reader.read(), end: reader.read())
    }
}

extension Holiday: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(day)
        writer.write(blocks)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(day: reader.read(), blocks: reader.read())
    }
}

extension ZoneTransition: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(at)
        writer.write(offset)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(at: reader.read(), offset: reader.read())
    }
}

extension CalendarSpec: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(name)
        writer.write(zone)
        writer.write(blocks)
        writer.write(holidays)
        writer.write(transitions)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            name: reader.read(), zone: reader.read(), blocks: reader.read(), holidays: reader.read(),
            transitions: reader.read())
    }
}
