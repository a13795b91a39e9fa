/// What every setting is checked with: each throws the refusal that names the JSON field.
enum Rules {
    static func require(_ holds: Bool, field: String) throws(Refusal) {
        guard holds else { throw Refusal(.invalid, field: field) }
    }

    static func count(_ count: Int, atMost limit: Int, field: String) throws(Refusal) {
        guard count <= limit else { throw Refusal(.limitExceeded, field: field) }
    }

    /// Not empty, and at most `Limits.nameBytesMax` bytes.
    static func name(_ text: String, field: String) throws(Refusal) {
        try require(!text.isEmpty, field: field)
        try count(text.utf8.count, atMost: Limits.nameBytesMax, field: field)
    }

    /// Nothing negative, nothing above `Limits.durationMax`.
    static func duration(_ duration: Milliseconds, field: String) throws(Refusal) {
        try require(duration >= .zero, field: field)
        guard duration <= Limits.durationMax else { throw Refusal(.limitExceeded, field: field) }
    }

    /// A duration in which something can happen.
    static func positive(_ duration: Milliseconds, field: String) throws(Refusal) {
        try require(duration > .zero, field: field)
        try self.duration(duration, field: field)
    }

    static func exists(_ isThere: Bool, field: String) throws(Refusal) {
        guard isThere else { throw Refusal(.notFound, field: field) }
    }

    static func channels(_ channels: ChannelSet, field: String) throws(Refusal) {
        try require(!channels.isEmpty && ChannelSet.all.isSuperset(of: channels), field: field)
    }

    /// Levels of 1 to 10 in skills of the tenant.
    static func skills(_ skills: [SkillLevel], atMost limit: Int, of tenant: Tenant, field: String) throws(Refusal) {
        try count(skills.count, atMost: limit, field: field)
        for (place, skill) in skills.enumerated() {
            try require((1...10).contains(skill.level), field: "\(field)[\(place)].level")
            try exists(tenant.skill(skill.skill) != nil, field: "\(field)[\(place)].skill")
        }
    }

    static func tags(_ tags: [String], field: String) throws(Refusal) {
        try count(tags.count, atMost: Limits.tagsMax, field: field)
        for (place, tag) in tags.enumerated() { try name(tag, field: "\(field)[\(place)]") }
    }
}

extension ChannelSet {
    package static let all: ChannelSet = [.voice, .chat, .messaging, .email, .social, .task, .callback]
}

extension [SkillLevel] {
    /// Sorted by skill; of two levels of one skill the higher counts.
    package var normalized: [SkillLevel] {
        var levels: [SkillLevel] = []
        for level in sorted() {
            if levels.last?.skill == level.skill { levels.removeLast() }
            levels.append(level)
        }
        return levels
    }
}

extension [String] {
    /// Sorted, without repeats.
    package var normalizedTags: [String] {
        var tags: [String] = []
        for tag in sorted() where tags.last != tag { tags.append(tag) }
        return tags
    }
}

extension Array where Element: Hashable {
    /// Without repeats, each where it stood first; for lists of some dozens.
    func firstOccurrences() -> [Element] {
        var kept: [Element] = []
        for element in self where !kept.contains(element) { kept.append(element) }
        return kept
    }
}

extension DecideError {
    /// Runs a check of settings inside a decision.
    static func refusing<Value>(_ check: () throws(Refusal) -> Value) throws(DecideError) -> Value {
        do { return try check() } catch { throw .refused(error) }
    }
}

/// Versions of settings: 1 at first, rising by one; 0 means absent, so a version that wraps goes on at 1.
enum Version {
    static func next(after version: UInt32) -> UInt32 { version == .max ? 1 : version + 1 }

    /// Refuses a writer who has seen another version; nil writes whatever is there.
    static func check(_ expected: UInt32?, against version: UInt32) throws(DecideError) {
        guard expected == nil || expected == version else { throw .refuse(.versionConflict) }
    }
}
