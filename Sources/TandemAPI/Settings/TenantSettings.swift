package import TandemCore

extension API {
    /// What holds for a whole tenant; what is left out gets its default.
    package struct TenantSettings: Described, Equatable {
        package var name: String
        package var graceOffline: Milliseconds?
        package var preferredWindow: Milliseconds?
        package var declinePause: Milliseconds?
        package var noAnswerMax: UInt8?

        package init(
            name: String, graceOffline: Milliseconds? = nil, preferredWindow: Milliseconds? = nil,
            declinePause: Milliseconds? = nil, noAnswerMax: UInt8? = nil
        ) {
            self.name = name
            self.graceOffline = graceOffline
            self.preferredWindow = preferredWindow
            self.declinePause = declinePause
            self.noAnswerMax = noAnswerMax
        }

        package init(_ core: TandemCore.TenantSettings) {
            self.init(
                name: core.name, graceOffline: core.graceOffline, preferredWindow: core.preferredWindow,
                declinePause: core.declinePause, noAnswerMax: core.noAnswerMax)
        }

        package var core: TandemCore.TenantSettings {
            var core = TandemCore.TenantSettings(name: name)
            if let graceOffline { core.graceOffline = graceOffline }
            if let preferredWindow { core.preferredWindow = preferredWindow }
            if let declinePause { core.declinePause = declinePause }
            if let noAnswerMax { core.noAnswerMax = noAnswerMax }
            return core
        }

        package static let schemaDescription = "What holds for a whole tenant."
        package static let schema = Schema.object([
            .required("name", .name),
            .optional("graceOffline", .length, "How long an agent whose connection was lost keeps its contacts."),
            .optional("preferredWindow", .length, "How long a customer's last agent counts as preferred."),
            .optional("declinePause", .length, "How long a rejected contact is kept from the agent who rejected it."),
            .optional("noAnswerMax", .integer(1...255), "Offers in a row without an answer before a forced break."),
        ])
    }

    package struct SkillName: Described, Equatable {
        package var name: String
        package static let schemaDescription = "A skill to define; an existing name is answered with its skill."
        package static let schema = Schema.object([.required("name", .name)])
    }

    package struct Skill: Described, Equatable {
        package var id: SkillID
        package var name: String
        package init(_ core: TandemCore.Skill) {
            id = core.id
            name = core.name
        }
        package static let schemaDescription = "A skill of a tenant's catalogue."
        package static let schema = Schema.object([.required("id", .id(SkillID.self)), .required("name", .name)])
    }

    package struct SkillLevel: Described, Equatable {
        package var skill: SkillID
        package var level: UInt8
        package init(skill: SkillID, level: UInt8) {
            self.skill = skill
            self.level = level
        }
        package init(_ core: TandemCore.SkillLevel) { self.init(skill: core.skill, level: core.level) }
        package var core: TandemCore.SkillLevel { TandemCore.SkillLevel(skill, level) }
        package static let schemaDescription = "A skill with a level from 1 (a little) to 10 (the best)."
        package static let schema = Schema.object([
            .required("skill", .id(SkillID.self)), .required("level", .integer(1...10)),
        ])
    }
}

extension [API.SkillLevel] {
    /// Sorted, as Core keeps them.
    package var core: [SkillLevel] { map(\.core).sorted() }
}
