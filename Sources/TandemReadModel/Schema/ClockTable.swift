internal import TandemCore
internal import TandemJournal

/// `sla_clock` since clocks run without a promise, too: what a policy says may be missing.
///
/// Only promises are listed, so only they are in an index.
enum ClockTable {
    /// By what a tenant's promises are listed: when they are due; where that is not known, when they were made.
    static let moment = "ifnull(due_at, activated_at)"

    static let migration = [
        "DROP VIEW sla_clocks",
        "DROP INDEX sla_clock_state",
        "DROP INDEX sla_clock_breached",
        "ALTER TABLE sla_clock RENAME TO sla_clock_before",
        """
        CREATE TABLE sla_clock (
            contact TEXT NOT NULL,
            metric INTEGER NOT NULL,
            conversation TEXT NOT NULL,
            tenant TEXT NOT NULL,
            queue TEXT NOT NULL,
            state INTEGER NOT NULL,
            target INTEGER,
            warn_percent INTEGER,
            calendar TEXT,
            policy TEXT,
            policy_version INTEGER,
            activated_at INTEGER NOT NULL,
            warn_at INTEGER,
            due_at INTEGER,
            remaining INTEGER,
            warned_at INTEGER,
            breached_at INTEGER,
            fulfilled_at INTEGER,
            elapsed INTEGER,
            PRIMARY KEY (contact, metric)
        ) STRICT, WITHOUT ROWID
        """,
        """
        INSERT INTO sla_clock SELECT contact, metric, conversation, tenant, queue, state, target,
            \(SLATarget.warnPercentUsual), calendar, policy, policy_version, activated_at, warn_at, due_at, remaining,
            warned_at, breached_at, fulfilled_at, elapsed
        FROM sla_clock_before
        """,
        "DROP TABLE sla_clock_before",
        """
        CREATE INDEX sla_clock_state ON sla_clock (tenant, state, \(moment), contact, metric)
        WHERE target IS NOT NULL
        """,
        """
        CREATE INDEX sla_clock_breached ON sla_clock (tenant, breached_at, contact, metric)
        WHERE breached_at IS NOT NULL
        """,
        Views.slaClocks,
    ]
}
