internal import TandemCore

/// Builds the small JSON texts of some columns, which SQLite's own JSON functions read.
///
/// Only arrays and objects of numbers, plain words, ids and tags are ever put there.
struct JSONText {
    private(set) var text = ""
    private var needsComma = false

    private mutating func separate() {
        if needsComma { text += "," }
        needsComma = true
    }

    mutating func beginObject() { begin("{") }
    mutating func beginArray() { begin("[") }
    mutating func endObject() { end("}") }
    mutating func endArray() { end("]") }

    private mutating func begin(_ bracket: String) {
        separate()
        text += bracket
        needsComma = false
    }

    private mutating func end(_ bracket: String) {
        text += bracket
        needsComma = true
    }

    mutating func key(_ name: String) {
        separate()
        quote(name)
        text += ":"
        needsComma = false
    }

    mutating func number(_ number: some BinaryInteger) {
        separate()
        text += String(number)
    }

    mutating func string(_ value: String) {
        separate()
        quote(value)
    }

    private mutating func quote(_ value: String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSONText {
    /// `["a","b"]`
    static func tags(_ tags: [String]) -> String {
        var json = JSONText()
        json.array(tags) { $0.string($1) }
        return json.text
    }

    /// `[{"skill":"skl_…","level":5}]`
    static func skills(_ skills: [SkillLevel]) -> String {
        var json = JSONText()
        json.skills(skills)
        return json.text
    }

    /// `{"pools":["que_…"],"skills":[…],"preferred":["agt_…"]}`
    static func requirement(_ requirement: Requirement) -> String {
        var json = JSONText()
        json.beginObject()
        json.key("pools")
        json.array(requirement.pools) { $0.string($1.description) }
        json.key("skills")
        json.skills(requirement.skills)
        json.key("preferred")
        json.array(requirement.preferred) { $0.string($1.description) }
        json.endObject()
        return json.text
    }

    /// `[{"agent":"agt_…","score":7}]`, winner first.
    static func candidates(_ candidates: [RoutingDecision.Candidate]) -> String {
        var json = JSONText()
        json.array(candidates) { json, candidate in
            json.beginObject()
            json.key("agent")
            json.string(candidate.agent.description)
            json.key("score")
            json.number(candidate.score)
            json.endObject()
        }
        return json.text
    }

    /// `{"loggedOut":1,…}`: every filter, with how many agents it ruled out.
    static func ruledOut(_ ruledOut: RoutingDecision.RuledOut) -> String {
        var json = JSONText()
        json.beginObject()
        let counts: KeyValuePairs = [
            "loggedOut": ruledOut.loggedOut, "notAvailable": ruledOut.notAvailable, "skill": ruledOut.skill,
            "noSlot": ruledOut.noSlot, "blocked": ruledOut.blocked, "notPreferred": ruledOut.notPreferred,
            "declined": ruledOut.declined,
        ]
        for (name, count) in counts {
            json.key(name)
            json.number(count)
        }
        json.endObject()
        return json.text
    }

    private mutating func skills(_ skills: [SkillLevel]) {
        array(skills) { json, skill in
            json.beginObject()
            json.key("skill")
            json.string(skill.skill.description)
            json.key("level")
            json.number(skill.level)
            json.endObject()
        }
    }

    private mutating func array<Element>(_ elements: [Element], _ write: (inout JSONText, Element) -> Void) {
        beginArray()
        for element in elements { write(&self, element) }
        endArray()
    }
}
