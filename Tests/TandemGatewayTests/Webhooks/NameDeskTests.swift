import Foundation
import Synchronization
import TandemCore
import TandemRuntime
import TandemTransport
import Testing

@testable import TandemGateway

/// Name servers that do not answer, without any.
@Suite("Asking for hosts' numbers", .serialized)
struct NameDeskTests {
    /// Keeps whoever asks for a `silent` host until the test lets them go.
    private final class Resolver: Sendable {
        private let lock = NSCondition()
        private let state = Mutex<(asked: [String], isOpen: Bool)>(([], false))

        func resolve(_ host: String, _ port: UInt16) throws(TransportError) -> SocketAddress {
            lock.lock()
            state.withLock { $0.asked.append(host) }
            lock.broadcast()
            while host.hasPrefix("silent"), !state.withLock({ $0.isOpen }) { lock.wait() }
            lock.unlock()
            return try SocketAddress(host: "127.0.0.1", port: port)
        }

        var asked: [String] { state.withLock { $0.asked } }

        /// Waits until so many have been asked.
        func wait(_ count: Int) {
            lock.lock()
            let deadline = Date(timeIntervalSinceNow: 60)
            while asked.count < count, lock.wait(until: deadline) {}
            lock.unlock()
        }

        func open() {
            lock.lock()
            state.withLock { $0.isOpen = true }
            lock.broadcast()
            lock.unlock()
        }
    }

    private static func silent(_ number: Int, of tenant: TenantID = WebhookStage.tenant) -> Effect {
        WebhookStage.effect("https://silent-\(number).example/", of: tenant, webhook: 40 + UInt64(number))
    }

    @Test("A tenant whose name servers are silent keeps nobody else waiting")
    func others() throws {
        let resolver = Resolver()
        defer { resolver.open() }
        try WebhookStage.withServer { port, _ in
            try WebhookStage.withSender {
                $0.resolve = { (host, port) throws(TransportError) in try resolver.resolve(host, port) }
            } _: { sender, lines in
                // More hosts than there are threads, each asked for twice.
                let kept = (0..<24).map { WebhookStage.Told(sender, Self.silent($0 % 12)) }
                resolver.wait(NameDesk.perTenantMax)
                for tenant in WebhookStage.others {
                    let good = WebhookStage.effect("http://localhost:\(port)/200", of: tenant)
                    try WebhookStage.expect(.done(status: 200), sender, good)
                }
                #expect(resolver.asked.count { $0.hasPrefix("silent") } == NameDesk.perTenantMax)
                #expect(!kept.contains { $0.hasCome } && lines.all.isEmpty)
            }
        }
    }

    @Test("Who waited for a thread in vain has not begun; whose name server was silent has failed")
    func late() throws {
        let resolver = Resolver()
        defer { resolver.open() }
        try WebhookStage.withSender {
            $0.resolve = { (host, port) throws(TransportError) in try resolver.resolve(host, port) }
            $0.wholeMilliseconds = 300
        } _: { sender, lines in
            let kept = (0..<NameDesk.perTenantMax).map { WebhookStage.Told(sender, Self.silent($0)) }
            resolver.wait(kept.count)
            let behind = WebhookStage.Told(sender, Self.silent(9))
            for told in kept {
                let result = try told.wait()
                #expect(result == .failed(DeliveryFailure(.addressNotFound)))
            }
            let result = try behind.wait()
            #expect(result == nil, "it waited for others")
            #expect(lines.all.count == kept.count, "\(lines.all)")
            #expect(resolver.asked.count == kept.count)
        }
    }

    @Test("Stopping does not wait for name servers")
    func stopping() throws {
        let resolver = Resolver()
        let ended = DispatchSemaphore(value: 0)
        defer { resolver.open() }
        try WebhookStage.withSender {
            $0.resolve = { (host, port) throws(TransportError) in try resolver.resolve(host, port) }
        } _: { sender, lines in
            let told = WebhookStage.Told(sender, Self.silent(1))
            resolver.wait(1)
            Thread.detachNewThread {
                sender.stop()
                ended.signal()
            }
            #expect(ended.wait(timeout: .now() + 30) == .success)
            #expect(!told.hasCome && lines.all.isEmpty)
        }
    }

    @Test("Whoever asks the same hears the same answer, and a name that is not known is a failure")
    func shared() throws {
        let resolver = Resolver()
        let desk = NameDesk { (host, port) throws(TransportError) in
            guard host != "unknown" else { throw TransportError(.address, "not known") }
            return try resolver.resolve(host, port)
        }
        let came = DispatchSemaphore(value: 0)
        let answers = Mutex<[UInt64: SocketAddress?]>([:])
        func ask(_ host: String, _ ticket: UInt64) {
            let question = NameDesk.Question(tenant: WebhookStage.tenant, host: host, port: UInt16(80))
            desk.ask(question, ticket: ticket) { found in
                answers.withLock { $0[ticket] = .some(found) }
                came.signal()
            }
        }
        for ticket in UInt64(1)...3 { ask("silent", ticket) }
        resolver.wait(1)
        let question = NameDesk.Question(tenant: WebhookStage.tenant, host: "silent", port: 80)
        #expect(desk.withdraw(question, ticket: 2) != nil, "a thread has it")
        ask("unknown", 4)
        #expect(came.wait(timeout: .now() + 60) == .success)
        #expect(answers.withLock { Array($0.keys) } == [4])
        resolver.open()
        for _ in 0..<2 { #expect(came.wait(timeout: .now() + 60) == .success) }
        let all = answers.withLock { $0.mapValues { $0?.description } }
        #expect(all == [1: "127.0.0.1:80", 3: "127.0.0.1:80", 4: nil])
        #expect(resolver.asked == ["silent"])
    }

    @Test("Tenants that were slow share a part of the threads, however many they are")
    func slow() throws {
        let resolver = Resolver()
        // Whoever has asked once is slow.
        let desk = NameDesk(slowFrom: 0) { (host, port) throws(TransportError) in try resolver.resolve(host, port) }
        let came = DispatchSemaphore(value: 0)
        func ask(_ tenant: UInt64, _ host: String) {
            let question = NameDesk.Question(tenant: TenantID(raw: tenant << 20), host: host, port: 80)
            desk.ask(question, ticket: tenant) { _ in came.signal() }
        }
        let tenants = UInt64(1)...8
        for tenant in tenants { ask(tenant, "known") }
        for _ in tenants { #expect(came.wait(timeout: .now() + 60) == .success) }
        for tenant in tenants { ask(tenant, "silent-\(tenant)") }
        resolver.wait(8 + NameDesk.slowMax)
        ask(9, "quick")
        #expect(came.wait(timeout: .now() + 60) == .success)
        #expect(resolver.asked.count { $0.hasPrefix("silent") } == NameDesk.slowMax)
        resolver.open()
        for _ in tenants { #expect(came.wait(timeout: .now() + 60) == .success) }
    }
}
