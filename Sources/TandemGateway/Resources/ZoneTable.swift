internal import Foundation
internal import TandemAPI
internal import TandemCore

/// Writes a time zone out, so that what counts afterwards is in the journal and not in some node's zone data.
enum ZoneTable {
    /// 2000-01-01 and 2061-01-01, in seconds since 1970.
    private static let start: TimeInterval = 946_684_800
    private static let end: TimeInterval = 2_871_763_200

    /// The offset at the start, then every change of it up to the end.
    static func transitions(of name: String) throws(FieldProblem) -> [ZoneTransition] {
        guard isName(name), let zone = TimeZone(identifier: name) else {
            throw FieldProblem(
                .invalid, field: "zone", "Expected: the IANA name of a time zone, such as Asia/Shanghai.")
        }
        var offset = Int32(clamping: zone.secondsFromGMT(for: Date(timeIntervalSince1970: start)))
        var transitions = [ZoneTransition(at: Timestamp(milliseconds: Int64(start) * 1_000), offset: offset)]
        var place = Date(timeIntervalSince1970: start)
        while let next = zone.nextDaylightSavingTimeTransition(after: place), next.timeIntervalSince1970 < end,
            next > place, transitions.count < Limits.calendarTransitionsMax
        {
            place = next
            let after = Int32(clamping: zone.secondsFromGMT(for: next))
            guard after != offset else { continue }
            offset = after
            let milliseconds = Int64((next.timeIntervalSince1970 * 1_000).rounded())
            transitions.append(ZoneTransition(at: Timestamp(milliseconds: milliseconds), offset: offset))
        }
        return transitions
    }

    /// Foundation also takes `GMT+8` and abbreviations; only the database's own names are meant.
    private static func isName(_ name: String) -> Bool {
        name == "UTC" || (name.contains("/") && TimeZone.knownTimeZoneIdentifiers.contains(name))
    }
}
