import Bytes
import Testing

@Suite struct SHA1Tests {
  private static func digest(_ bytes: [UInt8]) -> String {
    String(decoding: SHA1(of: bytes.span).hexadecimal, as: UTF8.self)
  }

  /// The examples of FIPS 180-4, and of RFC 3174, section 7.3.
  @Test(arguments: [
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
        + "nopqrstu",
      "a49b2446a02c645bf419f995b67091253a04a259"
    ),
    (
      String(repeating: "0123456701234567012345670123456701234567012345670123456701234567", count: 10),
      "dea356a2cddd90c7a7ecedc5ebb563934f460452"
    ),
    (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
  ])
  func `published digests are found`(text: String, digest: String) {
    #expect(Self.digest(Array(text.utf8)) == digest)
  }

  /// Where the rest of a message leaves no room for its length, a block more is made. Digests by sha1sum.
  @Test(arguments: [
    (1, "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
    (55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
    (56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
    (63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5"),
    (64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
    (65, "11655326c708d70319be2610e8a57d9a5b959d3b"),
    (119, "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56"),
    (120, "f34c1488385346a55709ba056ddd08280dd4c6d6"),
    (128, "ad5b3fdbcb526778c2839d2f151ea753995e26a0"),
  ])
  func `ends at each side of a block's edge are found`(count: Int, digest: String) {
    #expect(Self.digest(Array(repeating: 0x61, count: count)) == digest)
  }
}
