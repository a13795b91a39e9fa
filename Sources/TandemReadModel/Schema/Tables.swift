/// The tables as released; `Docs/ReadModel.md` explains each column to operators.
///
/// Identifiers are text where people look (`id`, `tenant`, …) and numbers where only joins do (`actor`). Times are
/// milliseconds since 1970, lengths milliseconds. Columns named `settings` are positions of the event that holds the
/// whole value.
enum Tables {
    /// What is written once and in order, and what a restart reads.
    static let events = [
        """
        CREATE TABLE meta (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            partition INTEGER NOT NULL,
            applied INTEGER NOT NULL,
            applied_term INTEGER NOT NULL,
            records_applied INTEGER NOT NULL,
            time INTEGER NOT NULL,
            minted INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE word (
            topic TEXT NOT NULL, code INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (topic, code)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE event (
            id INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            tenant INTEGER,
            actor_kind INTEGER NOT NULL,
            actor INTEGER NOT NULL,
            author_kind INTEGER,
            author INTEGER,
            sequence INTEGER,
            text TEXT,
            bytes BLOB NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE event_actor (
            actor INTEGER NOT NULL, event INTEGER NOT NULL, PRIMARY KEY (actor, event)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE entry (
            idx INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            key_high INTEGER NOT NULL,
            key_low INTEGER NOT NULL,
            body INTEGER NOT NULL,
            answer BLOB NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE record (
            actor INTEGER PRIMARY KEY, kind INTEGER NOT NULL, open INTEGER NOT NULL, bytes BLOB NOT NULL
        ) STRICT
        """,
        "CREATE INDEX record_open ON record (kind, actor) WHERE open = 1",
    ]

    /// Conversations and what is done in them.
    static let work = [
        """
        CREATE TABLE conversation (
            id TEXT PRIMARY KEY,
            actor INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            customer TEXT NOT NULL,
            channel INTEGER NOT NULL,
            subject TEXT NOT NULL,
            open INTEGER NOT NULL,
            opened_at INTEGER NOT NULL,
            closed_at INTEGER,
            closed_by TEXT,
            messages INTEGER NOT NULL,
            last_message_at INTEGER,
            last_author TEXT,
            customer_delivered INTEGER NOT NULL,
            customer_read INTEGER NOT NULL,
            agent_read INTEGER NOT NULL,
            pruned_at INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX conversation_tenant ON conversation (tenant, id)",
        "CREATE INDEX conversation_open ON conversation (tenant, id) WHERE open = 1",
        "CREATE INDEX conversation_customer ON conversation (customer, id)",
        "CREATE INDEX conversation_closed ON conversation (closed_at) WHERE open = 0 AND pruned_at IS NULL",
        """
        CREATE TABLE contact (
            id TEXT PRIMARY KEY,
            conversation TEXT NOT NULL,
            tenant TEXT NOT NULL,
            customer TEXT NOT NULL,
            queue TEXT NOT NULL,
            channel INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            state INTEGER NOT NULL,
            since INTEGER NOT NULL,
            open INTEGER NOT NULL,
            agent TEXT,
            previous TEXT,
            next TEXT,
            tags TEXT NOT NULL,
            skills TEXT NOT NULL,
            priority INTEGER NOT NULL,
            boost INTEGER NOT NULL,
            note TEXT,
            preferred_agent TEXT,
            created_at INTEGER NOT NULL,
            age_since INTEGER NOT NULL,
            enqueued_at INTEGER,
            queue_reason INTEGER,
            policy TEXT,
            policy_version INTEGER,
            rule INTEGER,
            step INTEGER,
            answered_at INTEGER,
            wrap_until INTEGER,
            closed_at INTEGER,
            end_reason INTEGER,
            disposition TEXT
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX contact_conversation ON contact (conversation, id)",
        "CREATE INDEX contact_open ON contact (tenant, conversation, id) WHERE open = 1",
        "CREATE INDEX contact_queue ON contact (queue, conversation, id)",
        "CREATE INDEX contact_agent ON contact (agent, conversation, id) WHERE agent IS NOT NULL",
        """
        CREATE TABLE offer (
            id TEXT PRIMARY KEY,
            contact TEXT NOT NULL,
            conversation TEXT NOT NULL,
            tenant TEXT NOT NULL,
            queue TEXT NOT NULL,
            agent TEXT NOT NULL,
            channel INTEGER NOT NULL,
            made_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            outcome INTEGER,
            ended_at INTEGER,
            waited INTEGER,
            declined_until INTEGER,
            decision INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX offer_contact ON offer (contact, id)",
        "CREATE INDEX offer_agent ON offer (agent, id)",
        """
        CREATE TABLE decision (
            event INTEGER PRIMARY KEY,
            offer TEXT NOT NULL,
            contact TEXT NOT NULL,
            tenant TEXT NOT NULL,
            queue TEXT NOT NULL,
            agent TEXT NOT NULL,
            time INTEGER NOT NULL,
            trigger INTEGER NOT NULL,
            policy TEXT,
            policy_version INTEGER NOT NULL,
            rule INTEGER NOT NULL,
            step INTEGER NOT NULL,
            strategy INTEGER NOT NULL,
            priority INTEGER NOT NULL,
            age INTEGER NOT NULL,
            eligible INTEGER NOT NULL,
            requirement TEXT NOT NULL,
            candidates TEXT NOT NULL,
            ruled_out TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE contact_record (
            event INTEGER PRIMARY KEY,
            contact TEXT NOT NULL,
            conversation TEXT NOT NULL,
            tenant TEXT NOT NULL,
            customer TEXT NOT NULL,
            queue TEXT NOT NULL,
            agent TEXT,
            channel INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            previous TEXT,
            next TEXT,
            reason INTEGER NOT NULL,
            disposition TEXT,
            created_at INTEGER NOT NULL,
            enqueued_at INTEGER,
            answered_at INTEGER,
            closed_at INTEGER NOT NULL,
            closed_by TEXT NOT NULL,
            target INTEGER,
            queued INTEGER NOT NULL,
            talk INTEGER NOT NULL,
            hold INTEGER NOT NULL,
            wrap_up INTEGER NOT NULL,
            holds INTEGER NOT NULL,
            offers INTEGER NOT NULL,
            offers_timed_out INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX contact_record_tenant ON contact_record (tenant, closed_at)",
        "CREATE INDEX contact_record_queue ON contact_record (queue, closed_at)",
        "CREATE INDEX contact_record_agent ON contact_record (agent, closed_at) WHERE agent IS NOT NULL",
        """
        CREATE TABLE sla_clock (
            contact TEXT NOT NULL,
            metric INTEGER NOT NULL,
            conversation TEXT NOT NULL,
            tenant TEXT NOT NULL,
            queue TEXT NOT NULL,
            state INTEGER NOT NULL,
            target INTEGER NOT NULL,
            calendar TEXT,
            policy TEXT,
            policy_version INTEGER NOT NULL,
            activated_at INTEGER NOT NULL,
            warn_at INTEGER,
            due_at INTEGER NOT NULL,
            remaining INTEGER,
            warned_at INTEGER,
            breached_at INTEGER,
            fulfilled_at INTEGER,
            elapsed INTEGER,
            PRIMARY KEY (contact, metric)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX sla_clock_state ON sla_clock (tenant, state, due_at, contact, metric)",
        """
        CREATE INDEX sla_clock_breached ON sla_clock (tenant, breached_at, contact, metric)
        WHERE breached_at IS NOT NULL
        """,
    ]

    /// Who works and who is served, and what they were given.
    static let people = [
        """
        CREATE TABLE tenant (
            id TEXT PRIMARY KEY,
            actor INTEGER NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            settings INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE tenant_setting (
            id TEXT PRIMARY KEY,
            tenant TEXT NOT NULL,
            kind INTEGER NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            settings INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX tenant_setting_tenant ON tenant_setting (tenant, kind, id)",
        """
        CREATE TABLE queue (
            id TEXT PRIMARY KEY,
            actor INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            strategy INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            settings INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX queue_tenant ON queue (tenant, id)",
        """
        CREATE TABLE agent (
            id TEXT PRIMARY KEY,
            actor INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            settings INTEGER NOT NULL,
            presence INTEGER NOT NULL,
            break_code TEXT,
            offline_until INTEGER,
            presence_since INTEGER NOT NULL,
            unanswered INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX agent_tenant ON agent (tenant, id)",
        """
        CREATE TABLE agent_session (
            agent TEXT NOT NULL,
            node INTEGER NOT NULL,
            incarnation INTEGER NOT NULL,
            number INTEGER NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (agent, node, incarnation, number)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE agent_interval (
            agent TEXT NOT NULL,
            since INTEGER NOT NULL,
            event INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            presence INTEGER NOT NULL,
            break_code TEXT,
            offline_until INTEGER,
            until INTEGER,
            changed_by TEXT NOT NULL,
            PRIMARY KEY (agent, since, event)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX agent_interval_open ON agent_interval (agent) WHERE until IS NULL",
        """
        CREATE TABLE customer (
            id TEXT PRIMARY KEY,
            actor INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            tier INTEGER NOT NULL,
            tags TEXT NOT NULL,
            external_id TEXT,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            settings INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX customer_tenant ON customer (tenant, id)",
        "CREATE INDEX customer_external ON customer (tenant, external_id) WHERE external_id IS NOT NULL",
        """
        CREATE TABLE credential (
            id TEXT PRIMARY KEY,
            actor INTEGER NOT NULL,
            tenant TEXT,
            role INTEGER NOT NULL,
            agent TEXT,
            customer TEXT,
            label TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            revoked_at INTEGER,
            settings INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX credential_tenant ON credential (tenant, id)",
        """
        CREATE TABLE quarantined (
            id TEXT PRIMARY KEY,
            since INTEGER NOT NULL,
            input INTEGER NOT NULL,
            summary TEXT NOT NULL,
            actor TEXT NOT NULL,
            contact TEXT,
            reason TEXT NOT NULL,
            resolved_at INTEGER,
            resolved_by TEXT,
            settings INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
