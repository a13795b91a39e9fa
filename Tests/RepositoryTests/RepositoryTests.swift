import Testing

@Suite("The repository")
struct RepositoryTests {
    @Test("The checked-out source keeps every rule a machine can see", arguments: Rule.allCases)
    func keeps(_ rule: Rule) {
        let findings = rule.findings(in: .here)
        #expect(findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))")
    }

    @Test("The checkout is found and is not empty")
    func findsTheCheckout() {
        #expect(Checkout.here.contains("Package.swift"))
        #expect(Checkout.here.contains("Sources/TandemCore"))
        #expect(Checkout.here.contains("Tests/RepositoryTests/Checkout.swift"))
        #expect(Checkout.here.swiftFiles.count > Room.all.count)
    }

    @Test("Each room of the table imports only rooms below it")
    func tablePointsDown() {
        var below = Set(Room.foreign)
        for room in Room.all {
            #expect(below.isSuperset(of: room.imports ?? []), "\(room.name) points up")
            below.insert(room.name)
        }
    }
}
