import TandemTransport
import Testing

@Suite("Metrics")
struct MetricsTests {
    @Test("The page is well-formed text of Prometheus: help and type before samples, nothing twice, buckets that rise")
    func wellFormed() async throws {
        try await Centre.run { centre in
            _ = try centre.connect()
            let reply = try centre.send(.init("GET", "/metrics"))
            #expect(reply.response.header("Content-Type")?.hasPrefix("text/plain; version=0.0.4") == true)
            var types: [String: String] = [:]
            var helped: Set<String> = []
            var seen: Set<String> = []
            var current = ""
            var bucket = 0.0
            for line in reply.response.text.split(separator: "\n") {
                let parts = line.split(separator: " ", maxSplits: 3).map(String.init)
                if line.hasPrefix("# HELP ") {
                    #expect(helped.insert(parts[2]).inserted && parts.count == 4, "\(line)")
                    continue
                }
                if line.hasPrefix("# TYPE ") {
                    #expect(
                        helped.contains(parts[2]) && types.updateValue(parts[3], forKey: parts[2]) == nil, "\(line)")
                    current = parts[2]
                    continue
                }
                let name = String(line.prefix { $0 != "{" && $0 != " " })
                let key = String(line.prefix(upTo: line.lastIndex(of: " ") ?? line.endIndex))
                let value = try #require(Double(line.split(separator: " ").last ?? ""), "\(line)")
                #expect(seen.insert(key).inserted, "\(line)")
                #expect(name.allSatisfy { $0.isLowercase || $0 == "_" || $0.isNumber }, "\(line)")
                let base = types[current] == "histogram" ? name.histogramBase : name
                #expect(base == current, "\(line) stands under \(current)")
                if types[current] == "counter" { #expect(name.hasSuffix("_total") && value >= 0, "\(line)") }
                guard name.hasSuffix("_bucket") else {
                    bucket = 0
                    continue
                }
                #expect(value >= bucket, "\(line)")
                bucket = value
            }
            for metric in [
                "tandem_turns_total", "tandem_journal_commit_seconds", "tandem_agents", "tandem_contacts_waiting",
                "tandem_http_requests_total", "tandem_loop_stall_seconds", "tandem_read_model_lag_entries",
                "tandem_timers_armed", "tandem_connections", "tandem_offers_total", "tandem_snapshot_made_total",
                "tandem_snapshot_parts_sent_bytes_total", "tandem_snapshot_parts_received_total",
                "tandem_snapshot_installing_seconds_total", "tandem_snapshot_failures_total",
            ] {
                #expect(types[metric] != nil, "\(metric)")
            }
        }
    }

    @Test("What happened shows: turns, an agent who is there, a request that was refused")
    func counts() async throws {
        try await Centre.run { centre in
            _ = try centre.connect()
            _ = try centre.post("/v1/queues", "{}", centre.supervisor)
            let text = try centre.send(.init("GET", "/metrics")).response.text
            func sum(_ start: String) -> Double {
                text.split(separator: "\n").filter { $0.hasPrefix(start) }
                    .compactMap { Double($0.split(separator: " ").last ?? "") }.reduce(0, +)
            }
            #expect(sum("tandem_turns_total") >= 10)
            #expect(sum("tandem_offers_total") == 1)
            #expect(text.contains(#"presence="available"} 1"#))
            #expect(text.contains(#"state="busy"} 1"#))
            #expect(text.contains(#"tandem_http_requests_total{kind="write",class="4xx"} 1"#))
            #expect(sum("tandem_journal_commit_seconds_count") >= 10)
        }
    }
}

extension String {
    /// A histogram's name, of one of its samples.
    fileprivate var histogramBase: String {
        for suffix in ["_bucket", "_sum", "_count"] where hasSuffix(suffix) { return String(dropLast(suffix.count)) }
        return self
    }
}
