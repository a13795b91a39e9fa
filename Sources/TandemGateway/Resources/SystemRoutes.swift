internal import TandemAPI
internal import TandemRuntime
internal import TandemTransport

// What anybody may ask.
extension Routes {
    static let system = [
        Route(.get, "/", .open, "Where to look.", reply: .text) { call throws(Problem) in
            call.answer(Self.welcome, headers: .text)
        },
        Route(.get, "/openapi.json", .open, "This document.", reply: .document) { call throws(Problem) in
            call.answer(call.gateway.document)
        },
        Route(.get, "/livez", .open, "The process answers.", reply: .text) { call throws(Problem) in
            call.answer(Gateway.alive, headers: .text)
        },
        Route(
            .get, "/readyz", .open, "The node takes commands: 200, or 503; what is not well is named.", reply: .text
        ) { call throws(Problem) in
            NodeSurvey(call.gateway.node) { partitions in
                let gateway = call.gateway
                let journal = gateway.node.journalFigures
                let isReady = gateway.isReady(partitions)
                var lines = [isReady ? "ready" : "not ready"]
                if gateway.isTurningAway { lines.append("draining") }
                if !journal.isHealthy { lines.append("journal: \(journal.standing)") }
                lines += partitions.filter { !gateway.serves($0) }.map { "partition \($0.number): \($0.condition)" }
                let text = lines.map { $0 + "\n" }.joined()
                call.answer(Array(text.utf8), status: isReady ? 200 : 503, headers: .text)
            }.run()
        },
        Route(.get, "/metrics", .open, "Figures for Prometheus.", reply: .text) { call throws(Problem) in
            NodeSurvey(call.gateway.node) { partitions in
                let text = MetricsPage(call.gateway, partitions).text
                call.answer(
                    text, headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"])
            }.run()
        },
    ]

    private static let welcome = Array(
        """
        Tandem, a contact-centre runtime.

        /openapi.json   the API, which is under /v1; every request carries `Authorization: Bearer <token>`
        /livez          the process answers
        /readyz         the node takes commands
        /metrics        figures for Prometheus

        """.utf8)
}
