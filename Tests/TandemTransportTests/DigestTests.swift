import Testing

@testable import TandemTransport

@Suite("Digests and secrets")
struct DigestTests {
    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test("The vectors of the standards come out")
    func vectors() {
        let abc = Array("abc".utf8)
        #expect(
            hexadecimal(Digest.sha256(abc)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(hexadecimal(Digest.sha1(abc)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(
            hexadecimal(Digest.sha256([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        // RFC 4231, test case 2.
        #expect(
            hexadecimal(
                MessageAuthentication.hmacSHA256(
                    key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("Random bytes differ, and comparing tells equal from different")
    func secrets() {
        let one = Secret.random(32)
        #expect(one.count == 32)
        #expect(one != Secret.random(32))
        #expect(Secret.equal(one, one))
        #expect(!Secret.equal(one, Array(one.dropLast())))
        for index in one.indices {
            var other = one
            other[index] ^= 1
            #expect(!Secret.equal(one, other))
        }
        #expect(Secret.equal([], []))
    }

    @Test("Base64 is written with padding and its length is known without reading it")
    func base64() {
        for (text, encoded) in [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            #expect(Base64.encode(Array(text.utf8)) == encoded)
            #expect(Base64.decodedCount(Array(encoded.utf8)) == text.utf8.count)
        }
        for text in ["", "Zg=", "Zg", "Z===", "Zm9*", "=m9v"] {
            #expect(Base64.decodedCount(Array(text.utf8)) == nil, "\(text)")
        }
    }

    @Test("The Date header is written as RFC 9110 has it")
    func dates() {
        #expect(String(decoding: DateCache.format(784_111_777), as: UTF8.self) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(String(decoding: DateCache.format(951_782_400), as: UTF8.self) == "Tue, 29 Feb 2000 00:00:00 GMT")
    }
}
