import Foundation
import Synchronization
import TandemAPI
import TandemTransport
import Testing

/// A backup of a real node under traffic, and a second node made of it.
@Suite("Backup and restore")
struct BackupTests {
    @Test("A node made of a backup has everything that was acknowledged before it began, and says so")
    func restores() throws {
        let daemon = try Daemon(["--demo"])
        try daemon.start()
        let demo = try daemon.demo()
        let (customer, administrator) = (try token("customer", demo), try token("administrator", demo))
        let queue = try #require(demo["supportQueue"]?.text)
        let opened = try daemon.call(
            "POST", "/v1/conversations", token: customer,
            body: #"{"contact":{"channel":"chat","queue":"\#(queue)"}}"#)
        let conversation = try #require(opened["id"]?.text)
        let posts = "/v1/conversations/\(conversation)/messages"
        for number in 0..<20 {
            try daemon.call("POST", posts, token: customer, body: #"{"text":"before \#(number)"}"#)
        }

        // Traffic all the while; what is acknowledged is counted after the answer.
        let isBackedUp = Mutex(false)
        let during = Mutex(0)
        let isFlowing = DispatchSemaphore(value: 0)
        let client = try HTTPClient(host: "127.0.0.1", port: daemon.port)
        let traffic = Thread {
            while !isBackedUp.withLock({ $0 }) {
                let body = Array(#"{"text":"during \#(during.withLock { $0 })"}"#.utf8)
                let headers: HTTPHeaders = ["Authorization": "Bearer \(customer)", "Content-Type": "application/json"]
                guard let reply = try? client.send(HTTPClientRequest("POST", posts, headers: headers, body: body)),
                    reply.status < 300
                else { break }
                if during.withLock({ count in (count += 1, count).1 }) == 5 { isFlowing.signal() }
            }
        }
        traffic.start()
        isFlowing.wait()
        let acknowledged = during.withLock { $0 }
        let made = try daemon.call(
            "POST", "/v1/admin/backups/first", token: administrator, expecting: 201)
        isBackedUp.withLock { $0 = true }
        #expect(made["partitions"]?.elements?.count == 2)
        try refusals(daemon, demo)
        try checkManifest(daemon.directory + "/backups/first")

        let copy = try Daemon([])
        let said = try Daemon.tandem(["restore", daemon.directory + "/backups/first", "--directory", copy.directory])
        #expect(said.contains("start it with: tandemd --directory \(copy.directory) --partitions 2"), "\(said)")
        try checkManifest(daemon.directory + "/backups/first")
        try copy.start()
        #expect(copy.said.contains { $0.contains("from the backup first") })
        let texts = try copy.transcript(of: conversation, token: customer)
        let expected = (0..<20).map { "before \($0)" } + (0..<acknowledged).map { "during \($0)" }
        #expect(Array(texts.prefix(expected.count)) == expected)
        #expect(
            texts.dropFirst(20).elementsEqual((0..<(texts.count - 20)).map { "during \($0)" }), "no gap, none twice")
        let status = try copy.call("GET", "/v1/node/status", token: administrator)
        #expect(status["restoredFrom"]?.text?.hasPrefix("first, made at ") == true)
        #expect(status["isReady"] == .boolean(true))
        try copy.call("POST", posts, token: customer, body: #"{"text":"after"}"#)
        let verified = try copy.call("POST", "/v1/node/journal/verify", token: administrator)
        #expect(verified["isSound"] == .boolean(true))
        #expect(copy.terminate() == 0)
        // A second start on it has its own mark by now.
        try copy.start()
        #expect(try copy.transcript(of: conversation, token: customer).last == "after")
        #expect(try daemon.transcript(of: conversation, token: customer).contains("after") == false)
    }

    private func token(_ role: String, _ demo: JSONValue) throws -> String { try #require(demo[role]?.text) }

    private func refusals(_ daemon: Daemon, _ demo: JSONValue) throws {
        let (administrator, watcher) = (try token("administrator", demo), try token("operator", demo))
        try daemon.call("POST", "/v1/admin/backups/first", token: administrator, expecting: 409)
        try daemon.call("POST", "/v1/admin/backups/second", token: watcher, expecting: 403)
        for name in ["..%2Fevil", "..", ".hidden", "a%2Fb", "%2Ftmp%2Fx", "first.partial"] {
            try daemon.call("POST", "/v1/admin/backups/\(name)", token: administrator, expecting: 400)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: daemon.directory + "/backups") == ["first"])
        let list = try daemon.call("GET", "/v1/admin/backups", token: administrator)
        #expect(list["items"]?.elements?.map { $0["name"]?.text } == ["first"])
    }

    /// Every file is listed with its size and checksum, and nothing else is there.
    private func checkManifest(_ folder: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/backup.json"))
        let manifest = try JSONValue(parsing: Array(data))
        let files = manifest["files"]?.elements ?? []
        for file in files {
            let path = try #require(file["path"]?.text)
            let digest = try Digest.sha256(ofFile: "\(folder)/\(path)").map { String(format: "%02x", $0) }.joined()
            #expect(file["sha256"]?.text == digest, "\(path)")
        }
        let found = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }
        for path in found + ["", "journal"] {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")[.posixPermissions]
            #expect(((mode as? NSNumber)?.intValue ?? 0o777) & 0o077 == 0, "\(path) is its owner's only")
        }
        #expect(Set(found) == Set(files.compactMap { $0["path"]?.text } + ["backup.json"]))
    }
}
