// The scripts that locks of client libraries are made of. There is no Lua here: a script is recognised by its length
// and SHA-1 digest, that is by its exact text, and what it says is done natively. None of the texts is kept; only those
// whose length is known are digested, so that a long one costs nothing.
//
// To add one: printf '%s' TEXT | wc -c, and | sha1sum.

import Bytes

/// A script that is recognised.
struct KnownScript: Sendable {
  /// What a script does with KEYS[1] if the key holds the token ARGV[1]; if it does not, the script answers 0.
  enum Action: Sendable {
    /// Removes the key.
    case release
    /// Lets a key that expires do so ARGV[2] milliseconds from now, or later than before if ARGV[3] is 0.
    case extend
    /// Lets the key expire ARGV[2] milliseconds from now.
    case reacquire
  }

  private let length: Int
  /// 40 hexadecimal digits in small letters.
  let digest: StaticString
  let action: Action

  private init(_ length: Int, _ digest: StaticString, _ action: Action) {
    self.length = length
    self.digest = digest
    self.action = action
  }

  /// The script of this text; nil if it is not known.
  init?(text: Span<UInt8>) {
    guard Self.all.contains(where: { $0.length == text.count }) else { return nil }
    let digest = SHA1(of: text).hexadecimal
    guard let script = Self.all.first(where: { $0.length == text.count && $0.hasDigest(digest.span) }) else {
      return nil
    }
    self = script
  }

  /// The script of this digest, in letters of either case; nil if it is not known.
  init?(digest: Span<UInt8>) {
    guard digest.count == Self.digestCount, let script = Self.all.first(where: { $0.hasDigest(digest) }) else {
      return nil
    }
    self = script
  }

  /// The digits of a digest.
  static let digestCount = 40

  private func hasDigest(_ word: Span<UInt8>) -> Bool {
    (0..<Self.digestCount).allSatisfy { ASCII.uppercased(word[$0]) == ASCII.uppercased(digest.byte($0)) }
  }

  private static let all: [KnownScript] = [
    // Those of redis-py and valkey-py; Redis and Valkey documentation and most libraries have the others.
    KnownScript(185, "c3f8721cbb97f72bc19e972846bd7aaf91901658", .release),
    KnownScript(503, "a4e8783852e6b949f9ef3a97212805108459a890", .extend),
    KnownScript(198, "1cac51482acf5858da00f6d685d68f886cd6b6b2", .reacquire),
    // Compare and delete: both quotes, KEYS with and without a space before it, names in either case, on one line or on
    // five or six with four spaces, without and with line ends around it.
    KnownScript(95, "b70c2384248f88e6b75b9f89241a180f856ad852", .release),
    KnownScript(103, "647c65a442733a1aa440f99908d249d13b4d6c4a", .release),
    KnownScript(104, "194f3902b2dd08557818d09fc2e7682d91480e53", .release),
    KnownScript(105, "9d761e4bd99899f491ddaaabca66dfdde355ef99", .release),
    KnownScript(103, "bd75051e9049411d4a96c0df196ac2667d38f481", .release),
    KnownScript(104, "0df94f0c181d164030a056e556fe2176c70f0013", .release),
    KnownScript(105, "67cc4fba76a3e7c93d43b3e6b351a2c5e28e5b41", .release),
    KnownScript(95, "7726c7be95e2a0ed082ec1da1e26b562f5c8903f", .release),
    KnownScript(103, "373e85b19820c9b666decaeae73c4bb6f5a45d7c", .release),
    KnownScript(104, "023222ead01b1f18a963153b20c9b49d97016965", .release),
    KnownScript(105, "2bd77e1015f4768568fdd0483334b7a5222a1280", .release),
    KnownScript(103, "df0f208986ca6a21381fbff835e5eac0a80aaf6b", .release),
    KnownScript(104, "56ae6da4b80cca06ce4f5db16ac4b86ee6e296e9", .release),
    KnownScript(105, "3a0b65e5991f0113e3927e43f1b2c0195575e4a6", .release),
    KnownScript(97, "cf0e94b2e9ffc7e04395cf88f7583fc309985910", .release),
    KnownScript(105, "d220654d7721ae520b15ed0e24a4cc97024efa08", .release),
    KnownScript(106, "98d07eae46e582323cc7e3d062e0ab66ee7426aa", .release),
    KnownScript(107, "e9b478387d9b08487f964382baf8443e7bd1aeb5", .release),
    KnownScript(105, "26dce1fddaac39634b8c71f285ab3ab6042cb49a", .release),
    KnownScript(106, "95dc9ca9d0b8feb69c15dca71389997843afe24e", .release),
    KnownScript(107, "79744ce791f7babde5c7293a94f06a6b15548efa", .release),
    KnownScript(97, "013976d92eab7585a652ddbf0f4ae3746f38b191", .release),
    KnownScript(105, "e04ea1352c46ae16a15753d4960bee821bf3b3fa", .release),
    KnownScript(106, "8ddffa0e0a11ec7ba22f860a8f550079aabc4fd5", .release),
    KnownScript(107, "aefc6bbfaac1ed02c135d12b12c8c42cdfb36af4", .release),
    KnownScript(105, "680d47ad1d54999419f0f6e574f8a5628db2a76d", .release),
    KnownScript(106, "7218f61b9fefd27cf1dee8f3623daef8bcc7a1d9", .release),
    KnownScript(107, "287baae2e6b527591f4dd62d5edcaaba845b1d28", .release),
    KnownScript(95, "ae3671744a5dbb24ea37ef607b8b10ac7856d43e", .release),
    KnownScript(103, "f4984e94dda5d9bba88c7bdb1a61c5508d8bfd9c", .release),
    KnownScript(104, "65b1dfc04a9fdd6d5ac7138caa2670a83d0b0d4b", .release),
    KnownScript(105, "5c2c05e52d07eddd6ec6e66247847f559a0d6f45", .release),
    KnownScript(103, "d7703d66924a2f5430512fa78fc4be614ad864c3", .release),
    KnownScript(104, "8b21c9cc7f400b8f37e6f98904a0ce7137eba871", .release),
    KnownScript(105, "6c6120aa4d652c5cd94cd78445963afc050a7f1d", .release),
    KnownScript(95, "001af810a34ff925bb35a02c538788163da8301d", .release),
    KnownScript(103, "8c1c1562ab69d29b97099d51ae43f4e8dce7549b", .release),
    KnownScript(104, "93899a0ff743cd1ae09e3b7f293cec06c1f2994e", .release),
    KnownScript(105, "1a7d4dd74ab0b1f26dda16b3f0c21fd2168f24b6", .release),
    KnownScript(103, "98deb27c65a6209eb231fc85acb58ec67a0b4cb3", .release),
    KnownScript(104, "f7d16d59227c6301da181d6985df72cbf0e534d0", .release),
    KnownScript(105, "a66b83fbc4545d89c57140cbc076509158289e0e", .release),
    KnownScript(97, "e9f69f2beb755be68b5e456ee2ce9aadfbc4ebf4", .release),
    KnownScript(105, "a27a553734affdcee06c09ab628e828b2ebc9e54", .release),
    KnownScript(106, "f9409185e4896021177e66db262293db90725b0f", .release),
    KnownScript(107, "d7d3a0c23b2b6d06cc97f156b08d2a7c90eb1309", .release),
    KnownScript(105, "a50243715157b186c5162c69e02eff3bf0c7994a", .release),
    KnownScript(106, "1801a91e365114911ec9def5207b3a4ac57a217c", .release),
    KnownScript(107, "13b93c4c3d704a3f896df4f13daadc3690aaf686", .release),
    KnownScript(97, "d02e481a9c91ceec59c5822a58a49d5d5d7ac80b", .release),
    KnownScript(105, "035ce69b66b25aed898da14b0e02cd7181aceff1", .release),
    KnownScript(106, "80b419e5966bd8dc467271c2050daea731987c44", .release),
    KnownScript(107, "2b8c4c62fed1d8a69a8ba8688fb442714852981c", .release),
    KnownScript(105, "c6c035208c3879a5e818691231fc246726b3730b", .release),
    KnownScript(106, "e2ca84a8ee316d1ab3552fdeec1e9dc7ec2494b1", .release),
    KnownScript(107, "14744837ad7098d97cf3c1d80dc0e3f8dbd362c7", .release),
    // That of redlock-py, which is indented.
    KnownScript(124, "4e92fdc63815b3a0a2dd1c1df3694de73607c88d", .release),
    // Compare and expire, on one line.
    KnownScript(107, "36e94d1c6e02fcefaa7ee5d79eee614dbac55f10", .reacquire),
    KnownScript(107, "0e7931781efef3f36cfc1553a2cc2367e0830b3b", .reacquire),
    KnownScript(110, "a7aba3bc5d6e99b3003da8b9d80a63b9f4092ecf", .reacquire),
    KnownScript(110, "c50343e01dd9310b37fcced0dccd5ac1eecff492", .reacquire),
    KnownScript(107, "0be193f9697b4b30826e1bc553c0064e0e04668c", .reacquire),
    KnownScript(107, "ed14d29a097a79c56e92fccf3af3890b4b7aec5a", .reacquire),
    KnownScript(110, "9136fcf51831e5cf49f109b6e9c97d5b675280d6", .reacquire),
    KnownScript(110, "3c47f94dc28d90f47ce03eabe2ebe59e85e54bf1", .reacquire),
  ]
}
