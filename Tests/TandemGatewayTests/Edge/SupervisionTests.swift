import Foundation
import TandemAPI
import TandemTransport
import Testing

@Suite("Supervision at the edge")
struct SupervisionTests {
    private func line(_ names: [String], _ centre: Centre) throws -> JSONValue? {
        var node: JSONValue? = try centre.get("/v1/node/tree", centre.administrator).json
        for name in names { node = node?["children"]?.elements?.first { $0["name"]?.text == name } }
        return node
    }

    /// Every descriptor this process has open, however many the tests beside this one hold.
    private func descriptors() throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
    }

    /// The process's own socket that listens on a port.
    private func listening(on port: UInt16) throws -> Int32? {
        try descriptors().first { descriptor in
            var (value, length): (Int32, socklen_t) = (0, 4)
            guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0, value == 1 else {
                return false
            }
            var (address, size) = (sockaddr_in(), socklen_t(MemoryLayout<sockaddr_in>.size))
            let result = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
            }
            return result == 0 && UInt16(bigEndian: address.sin_port) == port
        }
    }

    @Test("A listener that failed is bound anew on the same port; connections that were open went on all the while")
    func listener() async throws {
        try await Centre.run { centre in
            #expect(try line(["gateway", "listener"], centre)?["state"]?.text == "running")
            let descriptor = try #require(try listening(on: centre.port))
            #expect(shutdown(descriptor, Int32(SHUT_RDWR)) == 0)
            _ = try centre.eventually("/v1/node/tree", centre.administrator) { reply in
                reply.response.text.contains(#""name":"listener","restarts":1,"state":"running""#)
            }
            #expect(try line(["gateway", "listener"], centre)?["lastReason"]?.text?.contains("accept on") == true)
            let other = try HTTPClient(host: "127.0.0.1", port: centre.port)
            #expect(try other.send(HTTPClientRequest("GET", "/livez")).status == 200)
            let metrics = try centre.send(.init("GET", "/metrics")).response.text
            #expect(metrics.contains(#"tandem_service_restarts_total{parent="gateway",service="listener"} 1"#))
        }
    }

    /// Puts a file that cannot be synced in the place of one that this process has open.
    private func replaceOpenFile(at path: String) throws {
        for descriptor in try descriptors() {
            let link = "/proc/self/fd/\(descriptor)"
            guard (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == path else { continue }
            let other = open("/dev/null", O_RDWR)
            try #require(dup2(other, descriptor) == descriptor)
            close(other)
        }
    }

    @Test("A journal whose sync failed: writes are refused for good, the node is not ready and says why, reads go on")
    func journal() async throws {
        try await Centre.run { centre in
            let (conversation, _) = try centre.openConversation()
            try replaceOpenFile(at: centre.directory + "/journal/journal-000001.sqlite-wal")
            let body = #"{"text":"Hello?"}"#
            // Whether the first is in the file only the next opening can say.
            for status in [504, 503, 503] {
                let reply = try centre.post(
                    "/v1/conversations/\(conversation)/messages", body, centre.customerToken)
                #expect(reply.status == status, "\(reply.response.text)")
            }
            let ready = try centre.send(.init("GET", "/readyz"))
            #expect(ready.status == 503 && ready.response.text.contains("journal: failed"))
            #expect(try centre.send(.init("GET", "/livez")).status == 200)
            let journal = try #require(try line(["journal"], centre))
            #expect(journal["state"]?.text == "failed" && journal["restarts"]?.whole == 0)
            #expect(journal["lastReason"]?.text?.isEmpty == false)
            #expect(try centre.get("/v1/conversations/\(conversation)/transcript", centre.customerToken).status == 200)
        }
    }
}
