package import TandemCore

/// Moments as RFC 3339 writes them, in UTC and with milliseconds: `2026-11-23T03:31:00.000Z`.
package enum TimestampText {
    /// 0000-01-01 and 9999-12-31T23:59:59.999Z: what four digits of year can say; others are written as the nearest.
    static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    package static func text(_ time: Timestamp) -> String {
        var bytes: [UInt8] = []
        append(time, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    package static func append(_ time: Timestamp, to bytes: inout [UInt8]) {
        let milliseconds = min(max(time.milliseconds, range.lowerBound), range.upperBound)
        let day = floorDivision(milliseconds, 86_400_000)
        var rest = milliseconds - day * 86_400_000
        let date = civil(day: day)
        put(date.year, digits: 4, &bytes)
        bytes.append(UInt8(ascii: "-"))
        put(date.month, digits: 2, &bytes)
        bytes.append(UInt8(ascii: "-"))
        put(date.day, digits: 2, &bytes)
        bytes.append(UInt8(ascii: "T"))
        put(rest / 3_600_000, digits: 2, &bytes)
        rest %= 3_600_000
        bytes.append(UInt8(ascii: ":"))
        put(rest / 60_000, digits: 2, &bytes)
        rest %= 60_000
        bytes.append(UInt8(ascii: ":"))
        put(rest / 1_000, digits: 2, &bytes)
        bytes.append(UInt8(ascii: "."))
        put(rest % 1_000, digits: 3, &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Reads RFC 3339 with `Z` or an offset, and up to nine digits of a second, cut to milliseconds; nil for all else.
    package static func parse(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == 45, bytes[7] == 45, bytes[10] == 84 || bytes[10] == 116, bytes[13] == 58,
            bytes[16] == 58
        else { return nil }
        guard let year = number(bytes, 0, 4), let month = number(bytes, 5, 2), let day = number(bytes, 8, 2),
            let hour = number(bytes, 11, 2), let minute = number(bytes, 14, 2), let second = number(bytes, 17, 2),
            let date = self.day(year: year, month: month, day: day), hour < 24, minute < 60, second < 60
        else { return nil }
        var place = 19
        var fraction: Int64 = 0
        if bytes[place] == 46 {
            let digits = bytes[(place + 1)...].prefix { (48...57).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            for index in 0..<3 {
                let digit = index < digits.count ? digits[digits.startIndex + index] - 48 : 0
                fraction = fraction * 10 + Int64(digit)
            }
            place += 1 + digits.count
        }
        guard let offset = zoneOffset(bytes[place...]) else { return nil }
        let seconds = date * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return Timestamp(milliseconds: seconds * 1_000 + fraction)
    }

    /// `Z`, `+08:00`; in seconds.
    private static func zoneOffset(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let bytes = Array(bytes)
        if bytes == [90] || bytes == [122] { return 0 }
        guard bytes.count == 6, bytes[0] == 43 || bytes[0] == 45, bytes[3] == 58, let hours = number(bytes, 1, 2),
            let minutes = number(bytes, 4, 2), hours < 24, minutes < 60
        else { return nil }
        let offset = hours * 3_600 + minutes * 60
        return bytes[0] == 45 ? -offset : offset
    }

    // MARK: Dates

    /// `2026-11-23` as days since 1970; nil when there is no such day.
    package static func parseDay(_ text: String) -> Int32? {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == 45, bytes[7] == 45, let year = number(bytes, 0, 4),
            let month = number(bytes, 5, 2), let day = number(bytes, 8, 2)
        else { return nil }
        return self.day(year: year, month: month, day: day).map { Int32($0) }
    }

    package static func dayText(_ day: Int32) -> String {
        String(text(Timestamp(milliseconds: Int64(day) * 86_400_000)).prefix(10))
    }

    /// Days since 1970 of a Gregorian date. The year is taken to begin in March, so that the leap day ends it.
    private static func day(year: Int64, month: Int64, day: Int64) -> Int64? {
        guard (1...12).contains(month), day >= 1 else { return nil }
        let shifted = month > 2 ? year : year - 1
        let era = floorDivision(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let count = era * 146_097 + dayOfEra - 719_468
        let back = civil(day: count)
        return back.year == year && back.month == month && back.day == day ? count : nil
    }

    private static func civil(day count: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = count + 719_468
        let era = floorDivision(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
    }

    private static func floorDivision(_ value: Int64, _ by: Int64) -> Int64 {
        let quotient = value / by
        return value % by < 0 ? quotient - 1 : quotient
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int64? {
        var value: Int64 = 0
        for byte in bytes[start..<(start + count)] {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 48)
        }
        return value
    }

    private static func put(_ value: Int64, digits: Int, _ bytes: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(48 + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}
