/// The views for people with `sqlite3`: words for numbers, and a readable UTC column beside each time.
enum Views {
    static let all = [
        transcripts, events, conversations, contacts, contactRecords, offers, decisions, slaClocksFirst, agentStates,
        agents,
        queues, customers, tenants, tenantSettings, credentials, quarantine,
    ]

    /// The written identifier of a number: thirteen base-32 digits after the prefix, as `Identifier` has them.
    private static func written(_ prefix: String, _ number: String) -> String {
        let digits = stride(from: 60, through: 0, by: -5).map { shift in
            "substr('0123456789abcdefghjkmnpqrstvwxyz', 1 + ((\(number) >> \(shift)) & \(shift == 60 ? 15 : 31)), 1)"
        }
        return "\(prefix) || " + digits.joined(separator: " || ")
    }

    private static func word(_ topic: String, _ code: String) -> String {
        "(SELECT name FROM word WHERE topic = '\(topic)' AND code = \(code))"
    }

    private static func utc(_ time: String) -> String {
        "strftime('%Y-%m-%dT%H:%M:%fZ', \(time) / 1000.0, 'unixepoch')"
    }

    private static let author = """
        CASE WHEN e.author_kind IS NULL THEN NULL
             WHEN e.author_kind < 2 THEN \(word("partyPrefix", "e.author_kind"))
             ELSE \(written(word("partyPrefix", "e.author_kind"), "e.author")) END
        """

    private static let transcripts = """
        CREATE VIEW transcripts AS
        SELECT c.id AS conversation, e.sequence, \(utc("e.time")) AS time,
            \(word("party", "e.author_kind")) AS author_kind, \(author) AS author, e.text, e.time AS time_ms, e.id AS position, c.tenant
        FROM conversation c
        JOIN event_actor a ON a.actor = c.actor
        JOIN event e ON e.id = a.event AND e.kind = 37
        """

    private static let events = """
        CREATE VIEW events AS
        SELECT e.id AS position, e.id >> 10 AS entry, e.id & 1023 AS place, \(utc("e.time")) AS time,
            \(word("event", "e.kind")) AS kind, \(word("actor", "e.actor_kind")) AS actor_kind,
            CASE e.actor_kind WHEN 6 THEN 'quarantine'
                ELSE \(written(word("actorPrefix", "e.actor_kind"), "e.actor")) END AS actor,
            CASE WHEN e.tenant IS NULL THEN NULL ELSE \(written("'ten_'", "e.tenant")) END AS tenant,
            \(author) AS author, e.sequence, e.text, e.time AS time_ms
        FROM event e
        """

    private static let conversations = """
        CREATE VIEW conversations AS
        SELECT id, tenant, customer, \(word("channel", "channel")) AS channel, subject,
            iif(open, 'open', 'closed') AS state, \(utc("opened_at")) AS opened, \(utc("closed_at")) AS closed,
            closed_by, messages, \(utc("last_message_at")) AS last_message, last_author, customer_delivered, customer_read,
            agent_read, \(utc("pruned_at")) AS pruned, opened_at AS opened_ms, closed_at AS closed_ms
        FROM conversation
        """

    private static let contacts = """
        CREATE VIEW contacts AS
        SELECT id, conversation, tenant, customer, queue, \(word("channel", "channel")) AS channel,
            \(word("legKind", "kind")) AS kind, \(word("contactState", "state")) AS state, \(utc("since")) AS since,
            agent, previous, next, tags, skills, priority, boost, note, preferred_agent,
            \(utc("created_at")) AS created,
            \(utc("enqueued_at")) AS enqueued, \(word("queueReason", "queue_reason")) AS queue_reason, policy,
            policy_version, rule, step, \(utc("answered_at")) AS answered, \(utc("wrap_until")) AS wrap_until,
            \(utc("closed_at")) AS closed, \(word("endReason", "end_reason")) AS end_reason, disposition,
            created_at AS created_ms, age_since AS age_since_ms, closed_at AS closed_ms
        FROM contact
        """

    private static let contactRecords = """
        CREATE VIEW contact_records AS
        SELECT contact, conversation, tenant, customer, queue, agent, \(word("channel", "channel")) AS channel,
            \(word("legKind", "kind")) AS kind, previous, next, \(word("endReason", "reason")) AS reason, disposition,
            \(utc("created_at")) AS created, \(utc("enqueued_at")) AS enqueued, \(utc("answered_at")) AS answered,
            \(utc("closed_at")) AS closed, closed_by, target AS target_ms, queued AS queued_ms, talk AS talk_ms,
            hold AS hold_ms, wrap_up AS wrap_up_ms, talk + hold + wrap_up AS handle_ms, holds, offers,
            offers_timed_out, created_at AS created_ms, closed_at AS closed_ms, event AS position
        FROM contact_record
        """

    private static let offers = """
        CREATE VIEW offers AS
        SELECT id, contact, conversation, tenant, queue, agent, \(word("channel", "channel")) AS channel,
            \(utc("made_at")) AS made, \(utc("expires_at")) AS expires,
            coalesce(\(word("offerOutcome", "outcome")), 'pending') AS outcome, \(utc("ended_at")) AS ended,
            waited AS waited_ms, \(utc("declined_until")) AS declined_until, made_at AS made_ms, decision AS position
        FROM offer
        """

    private static let decisions = """
        CREATE VIEW decisions AS
        SELECT offer, contact, tenant, queue, agent, \(utc("time")) AS time, \(word("trigger", "trigger")) AS "trigger",
            policy, policy_version, rule, step, \(word("strategy", "strategy")) AS strategy, priority, age AS age_ms,
            eligible, requirement, candidates, ruled_out, time AS time_ms, event AS position
        FROM decision
        """

    private static let slaClocksFirst = """
        CREATE VIEW sla_clocks AS
        SELECT contact, \(word("metric", "metric")) AS metric, conversation, tenant, queue,
            \(word("clockState", "state")) AS state, target AS target_ms, calendar, policy, policy_version,
            \(utc("activated_at")) AS activated, \(utc("warn_at")) AS warns, \(utc("due_at")) AS due,
            remaining AS remaining_ms, \(utc("warned_at")) AS warned, \(utc("breached_at")) AS breached,
            \(utc("fulfilled_at")) AS fulfilled, elapsed AS elapsed_ms, due_at AS due_ms
        FROM sla_clock
        """

    static let slaClocks = """
        CREATE VIEW sla_clocks AS
        SELECT contact, \(word("metric", "metric")) AS metric, conversation, tenant, queue,
            \(word("clockState", "state")) AS state, target AS target_ms, warn_percent, calendar, policy, policy_version,
            \(utc("activated_at")) AS activated, \(utc("warn_at")) AS warns, \(utc("due_at")) AS due,
            remaining AS remaining_ms, \(utc("warned_at")) AS warned, \(utc("breached_at")) AS breached,
            \(utc("fulfilled_at")) AS fulfilled, elapsed AS elapsed_ms, due_at AS due_ms
        FROM sla_clock
        """

    private static let agentStates = """
        CREATE VIEW agent_states AS
        SELECT i.agent, g.name, i.tenant, \(word("presence", "i.presence")) AS presence, i.break_code,
            \(utc("i.since")) AS since, \(utc("i.until")) AS until, i.until - i.since AS length_ms, i.changed_by,
            i.since AS since_ms, i.until AS until_ms
        FROM agent_interval i LEFT JOIN agent g ON g.id = i.agent
        """

    private static let agents = """
        CREATE VIEW agents AS
        SELECT g.id, g.tenant, g.name, g.version, \(word("presence", "g.presence")) AS presence, g.break_code,
            \(utc("g.presence_since")) AS presence_since, \(utc("g.offline_until")) AS offline_until, g.unanswered,
            (SELECT count(*) FROM agent_session s WHERE s.agent = g.id) AS sessions, \(utc("g.created_at")) AS created
        FROM agent g
        """

    private static let queues = """
        CREATE VIEW queues AS
        SELECT id, tenant, name, version, \(word("strategy", "strategy")) AS strategy, \(utc("created_at")) AS created
        FROM queue
        """

    private static let customers = """
        CREATE VIEW customers AS
        SELECT id, tenant, name, \(word("tier", "tier")) AS tier, tags, external_id, version,
            \(utc("created_at")) AS created
        FROM customer
        """

    private static let tenants = """
        CREATE VIEW tenants AS SELECT id, name, version, \(utc("created_at")) AS created FROM tenant
        """

    private static let tenantSettings = """
        CREATE VIEW tenant_settings AS
        SELECT id, tenant, \(word("setting", "kind")) AS kind, name, version, \(utc("changed_at")) AS changed
        FROM tenant_setting
        """

    private static let credentials = """
        CREATE VIEW credentials AS
        SELECT id, tenant, \(word("role", "role")) AS role, agent, customer, label, \(utc("created_at")) AS created,
            \(utc("expires_at")) AS expires, \(utc("revoked_at")) AS revoked
        FROM credential
        """

    private static let quarantine = """
        CREATE VIEW quarantine AS
        SELECT id, \(utc("since")) AS since, input, summary, actor, contact, reason, \(utc("resolved_at")) AS resolved,
            resolved_by
        FROM quarantined
        """
}
