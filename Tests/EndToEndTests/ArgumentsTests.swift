import TandemRuntime
import Testing

@testable import tandemd

@Suite("What a cluster's node is started with")
struct ArgumentsTests {
    private static let members = "--members 1=10.0.0.1:7500,2=10.0.0.2:7500,3=10.0.0.3:7500"

    private func parse(_ typed: String) -> Arguments.Outcome {
        Arguments.parse(
            ("--directory d " + typed).split(separator: " ").map(String.init), environment: [:], read: { _ in nil })
    }

    private func mistakes(_ typed: String) -> [String] {
        guard case .mistakes(let mistakes) = parse(typed) else { return [] }
        return mistakes
    }

    @Test("A cluster has a name and names its nodes, this one too")
    func founded() throws {
        guard case .run(let options) = parse("--node 2 --cluster acme \(Self.members)") else {
            Issue.record("\(parse("--node 2 --cluster acme \(Self.members)"))")
            return
        }
        #expect(options.cluster == "acme")
        #expect(options.members.keys.sorted() == [1, 2, 3])
        #expect(options.members[3]?.description == "10.0.0.3:7500")
        #expect(options.peerListen == nil, "its own entry says where")
        #expect(options.replicas == nil, "as many as founders get who do not say")
    }

    @Test("How many vote is said when a cluster is founded, by several or by one that others will join")
    func replicas() {
        for typed in ["--cluster acme \(Self.members) --replicas 3", "--peer-listen 10.0.0.1:7500 --replicas 5"] {
            guard case .run(let options) = parse(typed) else {
                Issue.record("\(parse(typed))")
                continue
            }
            #expect(options.replicas?.count == (typed.hasSuffix("5") ? 5 : 3))
        }
    }

    @Test("A restored node has a number and its cluster a name, and no members yet")
    func restored() throws {
        guard case .run(let options) = parse("--restore backups/one --node 2 --cluster acme") else {
            Issue.record("\(parse("--restore backups/one --node 2 --cluster acme"))")
            return
        }
        #expect(options.restore == "backups/one")
        #expect(options.node == 2)
        #expect(options.cluster == "acme")
    }

    @Test("The file and the environment of a node are there for its restore too, and are not of it")
    func restoredWhereANodeIs() {
        let outcome = Arguments.parse(
            ["--restore", "b", "--directory", "d", "--config", "c"], environment: ["TANDEM_LISTEN": "127.0.0.1:1"],
            read: { $0 == "c" ? "{partitions: 4, retentionDays: 2}" : nil })
        guard case .run(let options) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(options.restore == "b" && options.directory == "d")
    }

    @Test(
        "What does not go together is told, each with the flag that is wrong",
        arguments: [
            ("--cluster acme", "--cluster and --members go together"),
            ("\(members)", "--cluster and --members go together"),
            ("--cluster acme --node 4 \(members)", "--members does not name node 4"),
            ("--cluster acme --members 1=h:1,2=h:2", "--members names 2"),
            ("--cluster acme --members 1=h:1,2=h:2,3=h:3,4=h:4", "--members names 4"),
            ("--cluster acme --members 1=h:1", "--members names 1"),
            ("--join http://10.0.0.1:7400 --join-token-file t", "--join without --peer-listen"),
            ("--join http://10.0.0.1:7400 --peer-listen 10.0.0.4:7500", "--join and --join-token-file go together"),
            (
                "--join http://10.0.0.1:7400 --join-token-file t --cluster acme \(members)",
                "--join with --cluster and --members"
            ),
            ("--peer-ca ca.pem", "--peer-ca without --cluster"),
            ("--replicas 5", "--replicas without --cluster"),
            ("--cluster acme \(members) --replicas 4", "--replicas: \"4\" is neither 3"),
            ("--cluster acme \(members) --replicas three", "--replicas: \"three\" is neither 3"),
            (
                "--join http://10.0.0.1:7400 --join-token-file t --peer-listen 10.0.0.4:7500 --replicas 3",
                "--replicas with --join: the cluster has its own"
            ),
            ("--restore b --cluster acme \(members)", "--restore with --members"),
            ("--restore b --join http://10.0.0.1:7400", "--restore with --join"),
            ("--restore b --demo", "--restore with --demo"),
            ("--restore b --replicas 5", "--restore with --replicas, which does nothing"),
            ("--restore b --partitions 4", "--restore with --partitions, which does nothing"),
            ("--restore b --test-clock 2", "--restore with --test-clock, which does nothing"),
            ("--restore b --retention-days 2", "--restore with --retention-days, which does nothing"),
            ("--restore b --peer-ca ca.pem", "--restore with --peer-ca, which does nothing"),
            ("--test-wall-file f", "--test-wall-file makes a node's clock wrong on purpose"),
            ("--test-wall-file f --conformance --listen 10.0.0.1:80", "--test-wall-file makes a node's clock wrong"),
            (
                "--test-wall-file f --conformance --peer-listen 10.0.0.1:7500",
                "--test-wall-file makes a node's clock wrong on purpose"
            ),
            ("--cluster acme \(members) --peer-ca ca.pem", "--peer-ca, --peer-certificate and --peer-key go together"),
            (
                "--cluster acme \(members) --peer-certificate c.pem --peer-key k.pem",
                "--peer-ca, --peer-certificate and --peer-key go together"
            ),
        ])
    func conflicts(typed: String, wanted: String) {
        let mistakes = mistakes(typed)
        #expect(mistakes.count == 1, "\(mistakes)")
        #expect(mistakes.first?.hasPrefix(wanted) == true, "\(mistakes)")
    }

    @Test(
        "A list of nodes that is none is refused as a whole",
        arguments: ["1=h", "h:1", "0=h:1", "65536=h:1", "1=h:1,1=h:2", "1=h:1,,2=h:2", "one=h:1"])
    func lists(text: String) {
        let mistakes = mistakes("--cluster acme --members \(text)")
        #expect(mistakes.contains { $0.hasPrefix("--members: \"\(text)\" is not a list") }, "\(mistakes)")
    }
}
