import Foundation
import TandemAPI
import TandemTransport
import TestPrograms
import Testing

/// `tandemd` with a certificate, asked by clients that check it.
@Suite("HTTPS and WSS", .enabled(if: SelfSignedCertificate.tool != nil, "the openssl command makes the certificate"))
struct TLSTests {
    @Test("With a certificate the API and live sessions are reached through TLS only, by clients that trust it")
    func serves() throws {
        let files = try SelfSignedCertificate()
        let daemon = try Daemon(["--demo", "--tls-certificate", files.certificateFile, "--tls-key", files.keyFile])
        try daemon.start()
        #expect(daemon.said.contains { $0.contains("ready on https://") })
        let trusting = try TLSContext(trust: .file(files.certificateFile))
        let client = try HTTPClient(host: "127.0.0.1", port: daemon.port, tls: trusting)
        #expect(try client.send(HTTPClientRequest("GET", "/readyz")).text == "ready\n")
        #expect(throws: TransportError.self) { try daemon.send("GET", "/readyz") }
        let token = try #require(try daemon.demo()["agent"]?.text)
        #expect(try greeting(daemon.port, token, trusting) == "welcome")

        let tandem = try run(
            "tandem",
            [
                "status", "--address", "https://127.0.0.1:\(daemon.port)", "--token-file",
                daemon.directory + "/demo.json:operator", "--ca-file", files.certificateFile,
            ])
        #expect(tandem.status == 0 && tandem.output.contains("ready"))
        let distrusting = try run(
            "tandem",
            [
                "status", "--address", "https://127.0.0.1:\(daemon.port)",
                "--token-file", daemon.directory + "/demo.json:operator",
            ])
        #expect(distrusting.status == 1, "a certificate that nobody vouches for is not accepted")
    }

    /// The type of the first frame of an agent's live session.
    private func greeting(_ port: UInt16, _ token: String, _ tls: TLSContext) throws -> String? {
        let loop = try EventLoop(name: "client")
        loop.start()
        defer { loop.stop() }
        let address = try SocketAddress(host: "127.0.0.1", port: port)
        let frame = LineReader()
        loop.run {
            WebSocket.connect(
                on: loop, to: address, target: "/v1/live/agent", subprotocols: ["tandem", "bearer.\(token)"],
                tls: tls, serverName: "127.0.0.1"
            ) { result in
                guard case .success(let socket) = result else { return frame.take(Data("\(result)\n".utf8)) }
                socket.onText = { bytes in
                    frame.take(Data(bytes + [10]))
                    socket.close()
                }
            }
        }
        let line = try frame.wait(seconds: 30) { _ in true }
        return try JSONValue(parsing: Array(line.utf8))["type"]?.text
    }

    @Test("Files that cannot be used end the program at once, with what is wrong with them")
    func refuses() throws {
        let (files, other) = (try SelfSignedCertificate(), try SelfSignedCertificate())
        let open = files.folder + "/open.pem"
        try FileManager.default.copyItem(atPath: files.keyFile, toPath: open)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: open)
        let cases: [([String], Int32, String)] = [
            (["--tls-certificate", files.certificateFile], 2, "go together"),
            (["--tls-certificate", "/nonexistent", "--tls-key", files.keyFile], 1, "/nonexistent cannot be read"),
            (["--tls-certificate", files.certificateFile, "--tls-key", open], 1, "everybody on this machine"),
            (["--tls-certificate", files.certificateFile, "--tls-key", other.keyFile], 1, "--tls-key"),
            (["--tls-certificate", files.keyFile, "--tls-key", files.keyFile], 1, "--tls-certificate"),
        ]
        for (arguments, status, reason) in cases {
            let directory = files.folder + "/node"
            let ended = try run("tandemd", ["--directory", directory, "--listen", "127.0.0.1:0"] + arguments)
            #expect(ended.status == status && ended.output.contains(reason), "\(arguments): \(ended)")
            #expect(!FileManager.default.fileExists(atPath: directory), "nothing was begun")
        }
    }

    private func run(_ program: String, _ arguments: [String]) throws -> ProgramRun {
        try ProgramRun(Daemon.programs.appending(path: program).path, arguments)
    }
}
