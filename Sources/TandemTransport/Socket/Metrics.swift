internal import Synchronization

/// Why a connection ended.
package enum CloseReason: Int, Sendable, CaseIterable {
    /// The peer ended it in good order.
    case peerClosed
    /// We ended it in good order: the answer said so, or its owner had nothing more to say.
    case finished
    /// The peer or the network broke it.
    case reset
    /// The peer did not read what it was sent, for too long or too much of it.
    case slowReader
    /// A request did not come to its end in time.
    case requestTimeout
    /// Nothing was said for too long.
    case idleTimeout
    /// The peer broke the protocol.
    case protocolViolation
    /// The server has as many connections as it may have.
    case refused
    /// The TLS handshake or a TLS record was bad.
    case tlsFailed
    /// It could not be established.
    case connectFailed
    /// The server or its loop is ending.
    case shutdown
    /// The client left while the node stood still: what it had sent is not looked at.
    case abandoned
}

/// Counters of a server (or client): written by its loops, readable from any thread at the cost of a load.
package final class TransportMetrics: Sendable {
    /// The counters at one moment.
    package struct Figures: Sendable, Equatable {
        package var connectionsOpen = 0
        package var connectionsAccepted = 0
        package var connectionsRefused = 0
        /// Ended connections, by reason.
        package var connectionsClosed: [CloseReason: Int] = [:]
        package var bytesIn = 0
        package var bytesOut = 0
        /// Calls that handed bytes to the system: how well what is sent together is put together.
        package var sends = 0
        /// Final answers by the first digit of their status: index 2 counts 200 to 299.
        package var responses = [Int](repeating: 0, count: 6)
        package var webSocketMessagesIn = 0
        package var webSocketMessagesOut = 0
    }

    private let open = Atomic<Int>(0)
    private let accepted = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    private let bytesIn = Atomic<Int>(0)
    private let bytesOut = Atomic<Int>(0)
    private let sends = Atomic<Int>(0)
    private let messagesIn = Atomic<Int>(0)
    private let messagesOut = Atomic<Int>(0)
    private let closed = CounterRow(CloseReason.allCases.count)
    private let responses = CounterRow(6)

    package init() {}

    func countOpen() { open.wrappingAdd(1, ordering: .relaxed) }
    func countAccepted() { accepted.wrappingAdd(1, ordering: .relaxed) }
    func countRefused() { refused.wrappingAdd(1, ordering: .relaxed) }
    func countIn(_ bytes: Int) { bytesIn.wrappingAdd(bytes, ordering: .relaxed) }
    func countOut(_ bytes: Int) {
        bytesOut.wrappingAdd(bytes, ordering: .relaxed)
        sends.wrappingAdd(1, ordering: .relaxed)
    }
    func countMessageIn() { messagesIn.wrappingAdd(1, ordering: .relaxed) }
    func countMessageOut() { messagesOut.wrappingAdd(1, ordering: .relaxed) }

    func countClose(_ reason: CloseReason) {
        open.wrappingSubtract(1, ordering: .relaxed)
        closed.add(reason.rawValue)
    }

    func countResponse(_ status: Int) { responses.add(min(status / 100, 5)) }

    package var figures: Figures {
        var figures = Figures()
        figures.connectionsOpen = open.load(ordering: .relaxed)
        figures.connectionsAccepted = accepted.load(ordering: .relaxed)
        figures.connectionsRefused = refused.load(ordering: .relaxed)
        figures.bytesIn = bytesIn.load(ordering: .relaxed)
        figures.bytesOut = bytesOut.load(ordering: .relaxed)
        figures.sends = sends.load(ordering: .relaxed)
        figures.webSocketMessagesIn = messagesIn.load(ordering: .relaxed)
        figures.webSocketMessagesOut = messagesOut.load(ordering: .relaxed)
        for reason in CloseReason.allCases { figures.connectionsClosed[reason] = closed.value(reason.rawValue) }
        for digit in 0..<6 { figures.responses[digit] = responses.value(digit) }
        return figures
    }
}

/// A row of counters.
private final class CounterRow: Sendable {
    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    private let counters: [Counter]

    init(_ count: Int) { counters = (0..<count).map { _ in Counter() } }

    func add(_ index: Int) { counters[index].value.wrappingAdd(1, ordering: .relaxed) }

    func value(_ index: Int) -> Int { counters[index].value.load(ordering: .relaxed) }
}
