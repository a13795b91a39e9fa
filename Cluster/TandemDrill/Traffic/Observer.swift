internal import Synchronization
internal import TandemAPI
internal import TandemTransport

/// A supervisor who follows all that is said and assigned in a tenant, from the first event to the last.
// Safe: touched on the stage's loop only, but for the count.
final class Observer: @unchecked Sendable {
    private static let types =
        "messagePosted,offerMade,offerAccepted,offerEnded,contactQueued,contactClosed,clockBreached"

    let tenant: String
    private let line: LiveLine
    private let messageCount = Atomic<Int>(0)

    init(_ stage: Stage, _ branch: Branch, home: Int) {
        tenant = branch.tenant
        line = LiveLine(
            stage, Stream(process: "observer-\(branch.number)", kind: .tenant, subject: branch.tenant),
            path: "/v1/live/events?types=\(Self.types)", token: branch.supervisor, home: home)
    }

    func start() {
        line.onFrame = { [self] frame in
            if frame["type"]?.text == "messagePosted" { messageCount.wrappingAdd(1, ordering: .relaxed) }
        }
        line.start()
    }

    /// Messages that it was told of; from any thread.
    var messages: Int { messageCount.load(ordering: .relaxed) }

    func close() { line.stop() }
}
