/// A clock's state, promise and marks, without the gaps that optionals leave between them: every open conversation has
/// three clocks, a million of them are open, and this is half of what the plain fields take.
///
/// What is not there is zero, so that equal clocks are equal bit by bit.
struct ClockStorage: Hashable, Sendable {
    private struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt16
        static let isPaused = Flags(rawValue: 1)
        static let isFulfilled = Flags(rawValue: 2)
        static let hasFirst = Flags(rawValue: 4)
        static let hasSecond = Flags(rawValue: 8)
        static let hasPromise = Flags(rawValue: 16)
        static let hasCalendar = Flags(rawValue: 32)
        static let hasPolicy = Flags(rawValue: 64)
        static let isWarned = Flags(rawValue: 128)
        static let isBreached = Flags(rawValue: 256)
    }
    private var flags: Flags = []
    private var warnPercent: UInt8 = 0
    private var policyVersion: UInt32 = 0
    private var target: Int64 = 0
    private var calendar: UInt64 = 0
    private var policy: UInt64 = 0
    /// Running: since when. Fulfilled: when. Paused: nothing.
    private var moment: Int64 = 0
    /// Running: when it warns. Fulfilled: its last run's start. Paused: what remains.
    private var first: Int64 = 0
    /// Running: when it is due. Fulfilled: what it had counted.
    private var second: Int64 = 0
    private var breached: Int64 = 0

    var warned: Bool {
        get { flags.contains(.isWarned) }
        set { mark(.isWarned, newValue) }
    }

    var breachedAt: Timestamp? {
        get { flags.contains(.isBreached) ? Timestamp(milliseconds: breached) : nil }
        set {
            mark(.isBreached, newValue != nil)
            breached = newValue?.milliseconds ?? 0
        }
    }

    var promise: ClockPromise? {
        get {
            guard flags.contains(.hasPromise) else { return nil }
            return ClockPromise(
                target: Milliseconds(target), warnPercent: warnPercent,
                calendar: flags.contains(.hasCalendar) ? CalendarID(raw: calendar) : nil,
                policy: flags.contains(.hasPolicy) ? SLAPolicyID(raw: policy) : nil, policyVersion: policyVersion)
        }
        set {
            mark(.hasPromise, newValue != nil)
            mark(.hasCalendar, newValue?.calendar != nil)
            mark(.hasPolicy, newValue?.policy != nil)
            target = newValue?.target.count ?? 0
            warnPercent = newValue?.warnPercent ?? 0
            calendar = newValue?.calendar?.raw ?? 0
            policy = newValue?.policy?.raw ?? 0
            policyVersion = newValue?.policyVersion ?? 0
        }
    }

    var state: SLAClock.State {
        get {
            let first: Int64? = flags.contains(.hasFirst) ? first : nil
            let second: Int64? = flags.contains(.hasSecond) ? second : nil
            if flags.contains(.isPaused) { return .paused(remaining: first.map { Milliseconds($0) }) }
            let moment = Timestamp(milliseconds: moment)
            if flags.contains(.isFulfilled) {
                return .fulfilled(
                    since: first.map { Timestamp(milliseconds: $0) }, at: moment, elapsed: Milliseconds(second ?? 0))
            }
            return .running(
                since: moment, warnAt: first.map { Timestamp(milliseconds: $0) },
                dueAt: second.map { Timestamp(milliseconds: $0) })
        }
        set {
            flags.subtract([.isPaused, .isFulfilled])
            switch newValue {
            case .running(let since, let warnAt, let dueAt):
                keep(since.milliseconds, warnAt?.milliseconds, dueAt?.milliseconds)
            case .paused(let remaining):
                flags.insert(.isPaused)
                keep(0, remaining?.count, nil)
            case .fulfilled(let since, let at, let elapsed):
                flags.insert(.isFulfilled)
                keep(at.milliseconds, since?.milliseconds, elapsed.count)
            }
        }
    }

    private mutating func keep(_ moment: Int64, _ first: Int64?, _ second: Int64?) {
        self.moment = moment
        mark(.hasFirst, first != nil)
        mark(.hasSecond, second != nil)
        self.first = first ?? 0
        self.second = second ?? 0
    }

    private mutating func mark(_ flag: Flags, _ isSet: Bool) {
        if isSet { flags.insert(flag) } else { flags.remove(flag) }
    }
}
