package import TandemCore

// Bodies of the commands on conversations, contacts and offers.
extension API {
    package struct ConversationRequest: Described, Equatable {
        package var customer: CustomerID?
        package var contact: ContactRequest
        package static let schemaDescription = "A conversation to be opened with its first contact."
        package static let schema = Schema.object([
            .optional("customer", .id(CustomerID.self), "Left out by customers: it is who asks."),
            .required("contact", .named(ContactRequest.self)),
        ])
    }

    package struct ContactRequest: Described, Equatable {
        package var channel: Channel
        package var queue: QueueID
        package var subject: String?
        package var tags: [String]?
        package var skills: [SkillLevel]?
        package var priority: UInt8?
        package var boost: Int32?
        package var preferredAgent: AgentID?
        package var bot: Bool?
        package var message: MessageText?

        /// - Parameter customer: who writes the first message
        package func core(from customer: CustomerID) -> TandemCore.ContactRequest {
            TandemCore.ContactRequest(
                channel: channel, queue: queue, subject: subject ?? "", tags: Array(Set(tags ?? [])).sorted(),
                skills: (skills ?? []).core, priority: priority ?? 5, boost: boost ?? 0,
                preferredAgent: preferredAgent, bot: bot ?? false,
                message: message.map {
                    MessageDraft(author: .customer(customer), clientID: $0.clientID, text: $0.text)
                })
        }

        package static let schemaDescription = "A contact to be started."
        package static let schema = Schema.object([
            .required("channel", .word(Channel.self)),
            .required("queue", .id(QueueID.self)),
            .optional("subject", .string(max: Limits.nameBytesMax)),
            .optional("tags", .tags),
            .optional("skills", .array(.named(SkillLevel.self), max: Limits.skillsPerContactMax)),
            .optional("priority", .integer(1...9), "1 is first; 5 is usual."),
            .optional("boost", .integer(Int64(Int32.min)...Int64(Int32.max)), "Score added to its place in the order."),
            .optional("preferredAgent", .id(AgentID.self)),
            .optional("bot", .boolean, "Begin with the bot; it is queued when the bot hands over."),
            .optional("message", .named(MessageText.self), "The customer's first message."),
        ])
    }

    package struct MessageText: Described, Equatable {
        package var text: String
        package var clientID: String?
        static let fields: [Schema.Field] = [
            .required("text", .string(min: 1, max: Limits.messageBytesMax)),
            .optional(
                "clientID", .string(min: 1, max: Limits.externalIDBytesMax),
                "The sender's own id: the same one again gives the same message."),
        ]
        package static let schemaDescription = "A message's text."
        package static let schema = Schema.object(fields)
    }

    package struct MessageRequest: Described, Equatable {
        package var text: String
        package var clientID: String?
        package var author: String?
        package static let schemaDescription = "A message to be posted."
        package static let schema = Schema.object(
            MessageText.fields + [
                .optional(
                    "author", .word(["self", "customer", "bot"]),
                    "`self` unless staff post for the customer (a channel) or for the bot.")
            ])
    }

    package struct MarkRequest: Described, Equatable {
        package var upTo: UInt64
        package static let schemaDescription = "Messages up to this number."
        package static let schema = Schema.object([.required("upTo", .count, "The number of a message.")])
    }

    package struct HandoverRequest: Described, Equatable {
        package var reason: String
        package static let schemaDescription = "Why the bot gives the contact to people."
        package static let schema = Schema.object([.required("reason", .string(min: 1, max: Limits.noteBytesMax))])
    }

    /// Exactly one of both.
    package struct TargetRequest: Described, Equatable {
        package var queue: QueueID?
        package var agent: AgentID?
        package init(queue: QueueID?, agent: AgentID?) {
            self.queue = queue
            self.agent = agent
        }
        package func core() throws(FieldProblem) -> TransferTarget {
            switch (queue, agent) {
            case (let queue?, nil): return .queue(queue)
            case (nil, let agent?): return .agent(agent)
            case (nil, nil): throw FieldProblem(.missingField, field: "queue", "A queue or an agent is required.")
            case (_?, _?): throw FieldProblem(.invalid, field: "agent", "A queue or an agent, not both.")
            }
        }
        package static let schemaDescription = "Where a contact goes: a queue or an agent, exactly one of both."
        package static let schema = Schema.object([
            .optional("queue", .id(QueueID.self)), .optional("agent", .id(AgentID.self)),
        ])
    }

    package struct WrapUpRequest: Described, Equatable {
        package var disposition: String?
        package static let schemaDescription = "How the contact ended."
        package static let schema = Schema.object([
            .optional("disposition", .name, "Required where the queue's wrap-up is mandatory.")
        ])
    }

    package struct AssignRequest: Described, Equatable {
        package var agent: AgentID
        package static let schemaDescription = "Who is offered the contact, whatever his skills."
        package static let schema = Schema.object([.required("agent", .id(AgentID.self))])
    }

    package struct PriorityRequest: Described, Equatable {
        package var priority: UInt8
        package static let schemaDescription = "A priority: 1 is first, 9 last."
        package static let schema = Schema.object([.required("priority", .integer(1...9))])
    }
}
