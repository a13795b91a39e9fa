package import TandemCore

extension API {
    /// Percentages by the formulas of the field, each under its name; absent without a sample.
    package struct ServiceLevels: Described, Equatable {
        package var a: Double?
        package var b: Double?
        package var c: Double?
        package var d: Double?
        package var e: Double?

        private enum CodingKeys: String, CodingKey {
            case a = "SL-A"
            case b = "SL-B"
            case c = "SL-C"
            case d = "SL-D"
            case e = "SL-E"
        }

        package init(a: Double?, b: Double?, c: Double?, d: Double?, e: Double?) {
            self.a = a
            self.b = b
            self.c = c
            self.d = d
            self.e = e
        }

        package static let schemaDescription = "Service level in percent, by each formula in use, under its name."
        package static let schema = Schema.object([
            .optional("SL-A", .number, "Answered within the target / offered."),
            .optional("SL-B", .number, "Answered within the target / (offered − short abandons)."),
            .optional("SL-C", .number, "Answered within the target / (answered + abandoned after the target)."),
            .optional("SL-D", .number, "(Answered + abandoned within the target) / offered."),
            .optional("SL-E", .number, "Answered within the target / answered."),
        ])
    }

    /// What happened in a queue in some period, and the figures that follow from it.
    package struct Figures: Described, Equatable {
        package var offered: Int
        package var answered: Int
        package var answeredInTarget: Int
        package var abandoned: Int
        package var abandonedInTarget: Int
        package var shortAbandoned: Int
        package var handled: Int
        /// Percent.
        package var abandonRate: Double?
        package var averageSpeedOfAnswer: Milliseconds?
        package var averageHandleTime: Milliseconds?
        package var serviceLevels: ServiceLevels

        package init(
            offered: Int, answered: Int, answeredInTarget: Int, abandoned: Int, abandonedInTarget: Int,
            shortAbandoned: Int, handled: Int, abandonRate: Double?, averageSpeedOfAnswer: Milliseconds?,
            averageHandleTime: Milliseconds?, serviceLevels: ServiceLevels
        ) {
            self.offered = offered
            self.answered = answered
            self.answeredInTarget = answeredInTarget
            self.abandoned = abandoned
            self.abandonedInTarget = abandonedInTarget
            self.shortAbandoned = shortAbandoned
            self.handled = handled
            self.abandonRate = abandonRate
            self.averageSpeedOfAnswer = averageSpeedOfAnswer
            self.averageHandleTime = averageHandleTime
            self.serviceLevels = serviceLevels
        }

        package static let schemaDescription = "What happened in a queue in some period."
        package static let schema = Schema.object([
            .required("offered", .count),
            .required("answered", .count),
            .required("answeredInTarget", .count),
            .required("abandoned", .count, "Short abandons among them."),
            .required("abandonedInTarget", .count),
            .required("shortAbandoned", .count),
            .required("handled", .count),
            .optional("abandonRate", .number, "(Abandoned − short) / (offered − short), in percent."),
            .optional("averageSpeedOfAnswer", .measured, "ASA."),
            .optional("averageHandleTime", .measured, "AHT: (talk + hold + wrap-up) / handled."),
            .required("serviceLevels", .named(ServiceLevels.self)),
        ])
    }

    /// A queue as it stands now.
    package struct QueueStatus: Described, Equatable {
        package var queue: QueueID
        package var name: String
        package var waiting: Int
        package var oldestSince: Timestamp?
        package var agentsLoggedIn: Int
        package var agentsAvailable: Int
        /// Absent: unknown, for want of samples.
        package var estimatedWait: Milliseconds?
        /// The last half hour.
        package var recent: Figures

        package init(
            queue: QueueID, name: String, waiting: Int, oldestSince: Timestamp?, agentsLoggedIn: Int,
            agentsAvailable: Int, estimatedWait: Milliseconds?, recent: Figures
        ) {
            self.queue = queue
            self.name = name
            self.waiting = waiting
            self.oldestSince = oldestSince
            self.agentsLoggedIn = agentsLoggedIn
            self.agentsAvailable = agentsAvailable
            self.estimatedWait = estimatedWait
            self.recent = recent
        }

        package static let schemaDescription = "A queue as it stands now."
        package static let schema = Schema.object([
            .required("queue", .id(QueueID.self)),
            .required("name", .name),
            .required("waiting", .count),
            .optional("oldestSince", .time, "Since when the first in the queue waits."),
            .required("agentsLoggedIn", .count),
            .required("agentsAvailable", .count),
            .optional("estimatedWait", .measured, "For one who comes now; absent while it is unknown."),
            .required("recent", .named(Figures.self), "The last half hour and the running one."),
        ])
    }

    package struct Report: Described, Equatable {
        package var from: Timestamp
        package var to: Timestamp
        package var queue: QueueID?
        package var figures: Figures
        package init(from: Timestamp, to: Timestamp, queue: QueueID?, figures: Figures) {
            self.from = from
            self.to = to
            self.queue = queue
            self.figures = figures
        }
        package static let schemaDescription = "The figures of contacts that ended in a period."
        package static let schema = Schema.object([
            .required("from", .time),
            .required("to", .time, "Exclusive."),
            .optional("queue", .id(QueueID.self)),
            .required("figures", .named(Figures.self)),
        ])
    }
}
