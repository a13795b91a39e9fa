internal import Glibc

/// The value of the HTTP `Date` header, made once per second (RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`).
struct DateCache {
    private var second = -1
    private var bytes: [UInt8] = []

    /// 29 bytes; belongs to one loop.
    mutating func value() -> [UInt8] {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        if time.tv_sec != second {
            second = time.tv_sec
            bytes = Self.format(second)
        }
        return bytes
    }

    /// The date of `second` since 1970, in GMT and in English whatever the locale.
    static func format(_ second: Int) -> [UInt8] {
        var time = second
        var parts = tm()
        gmtime_r(&time, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var text: [UInt8] = []
        text.reserveCapacity(29)
        func put(_ number: Int32) { text += [48 + UInt8(number / 10 % 10), 48 + UInt8(number % 10)] }
        text += Array(days[Int(parts.tm_wday)].utf8) + Array(", ".utf8)
        put(parts.tm_mday)
        text += Array(" \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900) ".utf8)
        put(parts.tm_hour)
        text.append(58)
        put(parts.tm_min)
        text.append(58)
        put(parts.tm_sec)
        text += Array(" GMT".utf8)
        return text
    }
}
